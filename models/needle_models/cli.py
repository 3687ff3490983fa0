# SPDX-License-Identifier: Apache-2.0
"""`python -m needle_models <step>`: one command per step; see models/README.md."""
from __future__ import annotations

import argparse
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(prog="needle_models", description=__doc__)
    steps = parser.add_subparsers(dest="step", required=True)

    p = steps.add_parser("tokenizer", help="train the SentencePiece tokenizer")
    p.add_argument("--data", type=Path, required=True, help="data folder with train/, schemas/, text/, eval/")
    p.add_argument("--out", type=Path, default=Path("tokenizer.model"))

    p = steps.add_parser("data", help="tokenise a part of the data folder into a pack")
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--tokenizer", type=Path, default=Path("tokenizer.model"))
    p.add_argument("--part", choices=("train", "dev", "unseen", "eval", "generated", "families"), default="train")
    p.add_argument("--share", type=float, default=1.0, help="how much of it")
    p.add_argument("--count", type=int, default=40000, help="examples of --part generated or families")
    p.add_argument("--families", type=Path, default=Path("families"), help="folder of the hand-written families")
    p.add_argument("--out", type=Path, required=True)

    p = steps.add_parser("families", help="check hand-written families and print some of their examples")
    p.add_argument("--check", type=Path, nargs="+", required=True)
    p.add_argument("--examples", type=int, default=8)

    p = steps.add_parser("train", help="train for a number of minutes; run again with the same --run to resume")
    p.add_argument("--run", type=Path, required=True, help="folder of checkpoints and log")
    p.add_argument("--pack", type=Path, nargs="+", required=True)
    p.add_argument("--dev", type=Path)
    p.add_argument("--geometry", default="26m", help="26m, 5m or 2m; --from brings its own")
    p.add_argument("--from", dest="initial", type=Path, help="a released model file to go on from (weights only)")
    p.add_argument("--minutes", type=float, required=True)
    p.add_argument("--examples", type=int, default=24, help="examples a batch at most")
    p.add_argument("--max-tokens", type=int, default=4096, help="encoder tokens a batch at most")
    p.add_argument("--lr", type=float, default=3e-3)
    p.add_argument("--muon-lr", type=float, default=0.02)
    p.add_argument("--optimizer", choices=("muon", "adamw"), default="muon")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--threads", type=int, default=0)
    p.add_argument("--checkpoint-minutes", type=float, default=10)

    p = steps.add_parser("release", help="quantise, calibrate with the engine, write the model file and manifest.json")
    p.add_argument("--run", type=Path, required=True, help="folder of the training run")
    p.add_argument("--data", type=Path, required=True, help="data folder; only its held-out rows are used")
    p.add_argument("--tokenizer", type=Path, default=Path("tokenizer.model"))
    p.add_argument("--engine", type=Path, default=Path("../build/release/route_lines"), help="the native engine as a filter")
    p.add_argument("--out", type=Path, default=Path("."))
    p.add_argument("--precision", choices=("q4", "q7"), default="q4", help="of the matrices")
    p.add_argument("--embed", choices=("q4", "q7"), default="q7", help="of the embedding")
    p.add_argument("--version", required=True)
    p.add_argument("--blend", type=Path, help="the release that the run went on from: its weights are mixed in")
    p.add_argument("--share", type=float, default=0.6, help="of the run's weights, with --blend")

    p = steps.add_parser("compare", help="hold the engine against the Python reference of its arithmetic")
    p.add_argument("--model", type=Path, required=True)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--engine", type=Path, default=Path("../build/release/route_lines"))
    p.add_argument("--requests", type=int, default=500)

    p = steps.add_parser("golden", help="write the 500 golden requests and the native engine's results")
    p.add_argument("--model", type=Path, required=True)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--engine", type=Path, default=Path("../build/release/route_lines"))
    p.add_argument("--out", type=Path, default=Path("../tests/golden"))

    p = steps.add_parser("report", help="the evaluation of a release, as Markdown for its card")
    p.add_argument("--model", type=Path, required=True)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--rows", type=int, default=0, help="of each file; 0: all")
    p.add_argument("--plot", type=Path, default=Path("calibration.svg"), help="where the calibration curve goes")
    p.add_argument("--command", nargs="+", default=["node", "../dist/cli/main.js"])

    arguments = parser.parse_args()
    STEPS[arguments.step](arguments)


def tokenizer_step(a: argparse.Namespace) -> None:
    from .tokenizer import train_tokenizer
    print(train_tokenizer(a.data, a.out))


def data_step(a: argparse.Namespace) -> None:
    from .dataset import pack, pack_generated
    from .tokenizer import Tokenizer
    if a.part in ("generated", "families"):
        pack_generated(a.data, Tokenizer(a.tokenizer), a.out, a.count, families=a.families if a.part == "families" else None)
        return
    pack(a.data, Tokenizer(a.tokenizer), a.out, a.part, a.share, families=a.families)


def families_step(a: argparse.Namespace) -> None:
    from .families import report
    raise SystemExit(1 if report(a.check, a.examples) else 0)


def train_step(a: argparse.Namespace) -> None:
    from .config import GEOMETRIES, Config
    from .format import read_model, to_state_dict
    from .train import Trainer, TrainOptions
    config, initial = GEOMETRIES[a.geometry], None
    if a.initial:
        state, stored, *_ = read_model(a.initial)
        config, initial = Config.from_dict(stored), to_state_dict(state)
    trainer = Trainer(TrainOptions(a.run, a.pack, a.dev, a.minutes, a.examples, a.max_tokens, a.lr, a.muon_lr, a.optimizer,
                                   a.seed, a.checkpoint_minutes, a.threads), config, initial)
    trainer.resume()
    trainer.run()


def release_step(a: argparse.Namespace) -> None:
    from .release import release
    print(release(a.run / "checkpoint.pt", a.tokenizer, a.out, a.engine, a.data, a.precision, a.embed, a.version,
                  earlier=a.blend, share=a.share))


def compare_step(a: argparse.Namespace) -> None:
    from .compare import main_report
    main_report(a.engine, a.model, a.data, a.requests)


def golden_step(a: argparse.Namespace) -> None:
    from .golden_requests import write_golden
    write_golden(a.data, a.engine, a.model, a.out)


def report_step(a: argparse.Namespace) -> None:
    from .report import report
    print(report(a.command, a.data, a.model, a.plot, a.rows))


STEPS = {"report": report_step, "release": release_step, "compare": compare_step, "golden": golden_step,
         "families": families_step, "tokenizer": tokenizer_step, "data": data_step, "train": train_step}
