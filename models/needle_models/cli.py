# SPDX-License-Identifier: Apache-2.0
"""`python -m needle_models <step>`: one command per step; see models/README.md."""
from __future__ import annotations

import argparse
import json
from pathlib import Path


def main(arguments: list[str] | None = None) -> None:
    """`arguments`: those of the command line, if not the process's own."""
    parser = argparse.ArgumentParser(prog="needle_models", description=__doc__)
    steps = parser.add_subparsers(dest="step", required=True)

    p = steps.add_parser("tokenizer", help="train the SentencePiece tokenizer")
    p.add_argument("--data", type=Path, required=True, help="data folder with train/, schemas/, text/, eval/")
    p.add_argument("--out", type=Path, default=Path("tokenizer.model"))

    p = steps.add_parser("data", help="tokenise a part of the data folder into a pack")
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--tokenizer", type=Path, default=Path("tokenizer.model"))
    p.add_argument("--part", choices=("train", "hard", "dev", "unseen", "eval", "generated", "families", "text"), default="train")
    p.add_argument("--share", type=float, default=1.0, help="how much of it")
    p.add_argument("--count", type=int, default=40000, help="examples of --part generated, families or text")
    p.add_argument("--families", type=Path, default=Path("families"), help="folder of the hand-written families")
    p.add_argument("--max-bytes", type=int, default=0, help="of one file; a larger pack becomes name.0.npz, name.1.npz, ...")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--teacher", metavar="URL", help="with --part generated: base URL of an OpenAI-compatible endpoint that writes them")
    p.add_argument("--teacher-model", default="default", help="the name that the endpoint knows the model by")
    p.add_argument("--out", type=Path, required=True)

    p = steps.add_parser("families", help="check hand-written families and print some of their examples")
    p.add_argument("--check", type=Path, nargs="+", required=True)
    p.add_argument("--examples", type=int, default=8)

    p = steps.add_parser("embeddings", help="vectors of the tokenizer's pieces from co-occurrence in text/")
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--tokenizer", type=Path, default=Path("tokenizer.model"))
    p.add_argument("--out", type=Path, required=True)

    p.add_argument("--size", type=int, default=512, help="dimensions, strongest first: a network of d takes the first d")

    training_arguments(steps.add_parser("pretrain", help="the same as train, on packs of --part text"))
    training_arguments(steps.add_parser("train", help="train for a number of minutes; run again with the same --run to resume"))

    p = steps.add_parser("evaluate", help="loss and exact answers on packs, as trained and as 4 bits keep the weights")
    p.add_argument("--weights", type=Path, required=True, help="a run's folder, a checkpoint or a model file")
    p.add_argument("--pack", type=Path, nargs="+", required=True)
    p.add_argument("--limit", type=int, default=1000, help="rows of each pack")
    p.add_argument("--precision", choices=("f32", "q7", "q4"), nargs="+", default=["f32", "q4"], help="of the matrices")
    p.add_argument("--embed", choices=("q4", "q7"), default="q7", help="of the embedding, unless f32")

    p = steps.add_parser("slim", help="of a checkpoint only the weights to release, in f16: to carry it from another machine")
    p.add_argument("--run", type=Path, required=True)
    p.add_argument("--out", type=Path, required=True, help="checkpoint.pt of a folder that is then a --run, or --from")

    p = steps.add_parser("release", help="quantise, calibrate with the engine, write the model file and manifest.json")
    p.add_argument("--run", type=Path, nargs="+", required=True, help="folder of the training run; of several the mean")
    p.add_argument("--data", type=Path, required=True, help="data folder; only its held-out rows are used")
    p.add_argument("--tokenizer", type=Path, default=Path("tokenizer.model"))
    p.add_argument("--engine", type=Path, default=Path("../build/release/route_lines"), help="the native engine as a filter")
    p.add_argument("--out", type=Path, default=Path("."))
    p.add_argument("--precision", choices=("q4", "q7"), default="q4", help="of the matrices")
    p.add_argument("--embed", choices=("q4", "q7"), default="q7", help="of the embedding")
    p.add_argument("--version", required=True)
    p.add_argument("--blend", type=Path, help="the release that the run went on from: its weights are mixed in")
    p.add_argument("--share", type=float, default=0.6, help="of the run's weights, with --blend")
    p.add_argument("--keep-fits", action="store_true", help="of --blend's file: how tools fit, and when to call")

    p = steps.add_parser("compare", help="hold the engine against the Python reference of its arithmetic")
    p.add_argument("--model", type=Path, help="default: the file that manifest.json names")
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--engine", type=Path, default=Path("../build/release/route_lines"))
    p.add_argument("--requests", type=int, default=500)

    p = steps.add_parser("golden", help="write the 500 golden requests and the native engine's results")
    p.add_argument("--model", type=Path, help="default: the file that manifest.json names")
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--engine", type=Path, default=Path("../build/release/route_lines"))
    p.add_argument("--out", type=Path, default=Path("../tests/golden"))

    p = steps.add_parser("report", help="the evaluation of a release, as Markdown for its card")
    p.add_argument("--model", type=Path, help="default: the file that manifest.json names")
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--rows", type=int, default=0, help="of each file; 0: all")
    p.add_argument("--plot", type=Path, default=Path("calibration.svg"), help="where the calibration curve goes")
    p.add_argument("--command", nargs="+", default=["node", "../dist/cli/main.js"])

    p = steps.add_parser("rehearse", help="every step in about two minutes, on a CPU, with a tiny network and data of the families")
    p.add_argument("--out", type=Path, required=True, help="folder for all it makes")
    p.add_argument("--families", type=Path, default=Path("families"))
    p.add_argument("--tokenizer", type=Path, default=Path("tokenizer.model"))
    p.add_argument("--engine", type=Path, default=Path("../build/release/route_lines"))
    p.add_argument("--minutes", type=float, default=1.0, help="of pretraining and training together")
    p.add_argument("--fixed", action="store_true", help="with the batches of a GPU")

    parsed = parser.parse_args(arguments)
    if parsed.step == "release" and parsed.keep_fits and not parsed.blend:
        parser.error("--keep-fits needs --blend, whose fits they are")
    STEPS[parsed.step](parsed)


def tokenizer_step(a: argparse.Namespace) -> None:
    from .tokenizer import train_tokenizer
    print(train_tokenizer(a.data, a.out))


def data_step(a: argparse.Namespace) -> None:
    from .packing import made_rows, pack, pack_made
    from .teacher import Teacher
    from .tokenizer import Tokenizer
    tokenizer = Tokenizer(a.tokenizer)
    if a.teacher:
        rows = Teacher(a.teacher, a.teacher_model, a.data, a.seed).rows(a.count, a.out.with_suffix(".jsonl"))
        pack_made(a.data, tokenizer, a.out, a.part, rows, a.max_bytes)
    elif a.part in ("generated", "families", "text"):
        pack_made(a.data, tokenizer, a.out, a.part, made_rows(a.data, a.part, a.count, a.families, a.seed), a.max_bytes)
    else:
        pack(a.data, tokenizer, a.out, a.part, a.share, a.seed, a.families, a.max_bytes)


def families_step(a: argparse.Namespace) -> None:
    from .families import report
    raise SystemExit(1 if report(a.check, a.examples) else 0)


def embeddings_step(a: argparse.Namespace) -> None:
    from .embeddings import write_embeddings
    from .tokenizer import Tokenizer
    write_embeddings(a.data, Tokenizer(a.tokenizer), a.out, a.size)


def training_arguments(p: argparse.ArgumentParser) -> None:
    p.add_argument("--run", type=Path, required=True, help="folder of checkpoints and log")
    p.add_argument("--pack", type=Path, nargs="+", required=True)
    p.add_argument("--dev", type=Path)
    p.add_argument("--geometry", default="26m", help="26m, 5m, 2m or tiny; --from brings its own")
    p.add_argument("--set", nargs="+", default=[], metavar="FIELD=VALUE", help="change the geometry: smear=half, vocab=4096")
    p.add_argument("--from", dest="initial", type=Path, help="weights to go on from: a run's folder, a checkpoint or a model file")
    p.add_argument("--embeddings", type=Path, help="what the embedding starts from (the step of that name)")
    budget = p.add_mutually_exclusive_group(required=True)
    budget.add_argument("--minutes", type=float)
    budget.add_argument("--total", type=int, default=0, help="examples, instead of minutes")
    p.add_argument("--examples", type=int, default=24, help="examples a batch at most")
    p.add_argument("--max-tokens", type=int, default=4096, help="encoder tokens a batch at most")
    p.add_argument("--accumulate", type=int, default=1, help="batches a step")
    p.add_argument("--lr", type=float, default=3e-3)
    p.add_argument("--muon-lr", type=float, default=0.02)
    p.add_argument("--optimizer", choices=("muon", "adamw"), default="muon")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--threads", type=int, default=0)
    p.add_argument("--checkpoint-minutes", type=float, default=10)
    p.add_argument("--anneal", type=Path, nargs="+", default=[], help="packs of the last phase: the hard kinds")
    p.add_argument("--anneal-share", type=float, default=0.2, help="of the budget")
    p.add_argument("--qat-share", type=float, default=0.0, help="of the budget, at its end, with the weights as 4 bits keep them")
    p.add_argument("--fixed", action=argparse.BooleanOptionalAction, help="batches of few fixed shapes; default: on a GPU")
    p.add_argument("--compile", action=argparse.BooleanOptionalAction, default=True, help="the layers, where shapes are fixed")
    p.add_argument("--workers", type=int, default=8, help="processes that make batches of fixed shapes")


def train_step(a: argparse.Namespace) -> None:
    from .config import GEOMETRIES
    from .train import Trainer, TrainOptions
    from .variants import with_changes
    from .weights import load_weights
    config, initial = load_weights(a.initial) if a.initial else (GEOMETRIES[a.geometry], None)
    options = TrainOptions(run=a.run, packs=a.pack, dev=a.dev, minutes=a.minutes, total=a.total, examples=a.examples,
                           max_tokens=a.max_tokens, accumulate=a.accumulate, lr=a.lr, muon_lr=a.muon_lr, optimizer=a.optimizer,
                           seed=a.seed, checkpoint_minutes=a.checkpoint_minutes, threads=a.threads, anneal=tuple(a.anneal),
                           anneal_share=a.anneal_share, qat_share=a.qat_share, embeddings=a.embeddings, fixed=a.fixed,
                           compile=a.compile, workers=a.workers)
    trainer = Trainer(options, with_changes(config, a.set), initial)
    trainer.resume()
    trainer.run()


def evaluate_step(a: argparse.Namespace) -> None:
    from .evaluate import evaluate_weights
    for line in evaluate_weights(a.weights, a.pack, a.limit, a.precision, a.embed):
        print(json.dumps(line), flush=True)


def release_step(a: argparse.Namespace) -> None:
    from .release import release
    print(release([run / "checkpoint.pt" for run in a.run], a.tokenizer, a.out, a.engine, a.data, a.precision, a.embed, a.version,
                  earlier=a.blend, share=a.share, keeps_fits=a.keep_fits))


def released(folder: Path = Path(".")) -> Path:
    """The model file that the folder's manifest.json names; older ones may lie beside it."""
    return folder / json.loads((folder / "manifest.json").read_text())["file"]


def compare_step(a: argparse.Namespace) -> None:
    from .compare import main_report
    main_report(a.engine, a.model or released(), a.data, a.requests)


def golden_step(a: argparse.Namespace) -> None:
    from .golden_requests import write_golden
    write_golden(a.data, a.engine, a.model or released(), a.out)


def report_step(a: argparse.Namespace) -> None:
    from .report import report
    print(report(a.command, a.data, a.model or released(), a.plot, a.rows))


def slim_step(a: argparse.Namespace) -> None:
    from .weights import slim
    slim(a.run / "checkpoint.pt", a.out)


def rehearse_step(a: argparse.Namespace) -> None:
    from .rehearse import rehearse
    rehearse(main, a.out, a.families, a.tokenizer, a.engine, a.minutes, ["--fixed", "--no-compile", "--workers", "2"] if a.fixed else [])


STEPS = {"rehearse": rehearse_step, "slim": slim_step, "report": report_step, "release": release_step, "compare": compare_step, "golden": golden_step,
         "families": families_step, "tokenizer": tokenizer_step, "data": data_step, "embeddings": embeddings_step,
         "pretrain": train_step, "train": train_step, "evaluate": evaluate_step}
