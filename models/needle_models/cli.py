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
    p.add_argument("--out", type=Path, default=Path("runs/tokenizer.model"))

    p = steps.add_parser("data", help="tokenise a part of the data folder into a pack")
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--tokenizer", type=Path, default=Path("runs/tokenizer.model"))
    p.add_argument("--part", choices=("train", "dev", "eval"), default="train")
    p.add_argument("--share", type=float, default=1.0, help="how much of it")
    p.add_argument("--out", type=Path, required=True)

    p = steps.add_parser("train", help="train for a number of minutes; run again with the same --run to resume")
    p.add_argument("--run", type=Path, required=True, help="folder of checkpoints and log")
    p.add_argument("--pack", type=Path, required=True)
    p.add_argument("--dev", type=Path)
    p.add_argument("--geometry", default="26m")
    p.add_argument("--minutes", type=float, required=True)
    p.add_argument("--examples", type=int, default=24, help="examples a batch at most")
    p.add_argument("--max-tokens", type=int, default=4096, help="encoder tokens a batch at most")
    p.add_argument("--lr", type=float, default=3e-3)
    p.add_argument("--muon-lr", type=float, default=0.02)
    p.add_argument("--optimizer", choices=("muon", "adamw"), default="muon")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--threads", type=int, default=0)
    p.add_argument("--checkpoint-minutes", type=float, default=10)

    arguments = parser.parse_args()
    STEPS[arguments.step](arguments)


def tokenizer_step(a: argparse.Namespace) -> None:
    from .tokenizer import train_tokenizer
    print(train_tokenizer(a.data, a.out))


def data_step(a: argparse.Namespace) -> None:
    from .dataset import pack
    from .tokenizer import Tokenizer
    pack(a.data, Tokenizer(a.tokenizer), a.out, a.part, a.share)


def train_step(a: argparse.Namespace) -> None:
    from .config import GEOMETRIES
    from .train import Trainer, TrainOptions
    trainer = Trainer(TrainOptions(a.run, a.pack, a.dev, a.minutes, a.examples, a.max_tokens, a.lr, a.muon_lr, a.optimizer,
                                   a.seed, a.checkpoint_minutes, a.threads), GEOMETRIES[a.geometry])
    trainer.resume()
    trainer.run()


STEPS = {"tokenizer": tokenizer_step, "data": data_step, "train": train_step}
