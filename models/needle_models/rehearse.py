# SPDX-License-Identifier: Apache-2.0
"""The whole recipe in about two minutes on a CPU: a tiny network, data made of the hand-written families, every step.

It shows that the steps fit together on this machine before hours are spent on them; the model it ends with knows nothing.
"""
from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Callable

from .calibrate import answers
from .data_files import read_jsonl
from .families import FamilyGenerator
from .release import export
from .weights import load_checkpoint

ROWS, PACKED = 600, 400


def make_data(folder: Path, families: Path) -> None:
    """train/, schemas/, text/ and eval/ of a few rows each, from the families."""
    generator = FamilyGenerator(families, seed=1)
    rows = list(generator.rows(ROWS))
    shown = [tool.shown(generator.rng) for family in generator.families for tool in family.tools]
    tools = [{**tool, "source": f"service {i // 8}"} for i, tool in enumerate(shown)]
    text = [line for tool in shown for line in (f"{tool['description']}. Nothing else of this kind does the same for you.", "")]
    for name, lines in (("train/families.jsonl", map(json.dumps, rows)), ("schemas/families.jsonl", map(json.dumps, tools)),
                        ("text/families.txt", text), ("eval/none.jsonl", [json.dumps({"query": "nothing", "tools": [], "answers": []})])):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def rehearse(run: Callable[[list[str]], None], out: Path, families: Path, tokenizer: Path, engine: Path, minutes: float,
             more: list[str]) -> Path:
    """`run` is the command line; `more` goes to pretrain and train. -> the model file, which the engine has answered with."""
    start = time.time()

    def step(*words: object) -> None:
        print(f"\n[{time.time() - start:.0f} s] {' '.join(map(str, words))}", flush=True)
        run([str(w) for w in words])

    data, made = out / "data", ["--data", out / "data", "--tokenizer", tokenizer]
    make_data(data, families)
    step("data", *made, "--part", "text", "--count", PACKED, "--max-bytes", 16 << 20, "--out", out / "text.npz")
    for part in ("train", "hard", "dev"):
        step("data", *made, "--part", part, "--out", out / f"{part}.npz")
    step("embeddings", *made, "--size", 64, "--out", out / "embeddings.npz")
    budget = ["--minutes", minutes / 3, "--examples", 8, "--max-tokens", 1024, *more]
    step("pretrain", "--run", out / "pretrained", "--pack", out / "text.npz", "--geometry", "tiny", "--embeddings",
         out / "embeddings.npz", *budget)
    budget[1] = minutes * 2 / 3
    step("train", "--run", out / "trained", "--from", out / "pretrained", "--pack", out / "train.npz", "--anneal",
         out / "hard.npz", "--qat-share", 0.2, *budget)
    step("evaluate", "--weights", out / "trained", "--pack", out / "dev.npz", "--limit", 32)
    model = out / "rehearsed.safetensors"
    export(load_checkpoint(out / "trained" / "checkpoint.pt"), tokenizer, model, "q4", "q7", "rehearsed", "0")
    rows = [row for row, _ in zip(read_jsonl(data / "train/families.jsonl"), range(5))]
    for row, answer in zip(rows, answers(engine, model, rows)):
        print(f"{row['query']!r} -> {json.dumps(answer.get('result', answer))[:160]}")
    print(f"[{time.time() - start:.0f} s] {model}: {model.stat().st_size} bytes, and the engine answers with it")
    return model
