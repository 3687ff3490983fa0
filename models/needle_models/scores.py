# SPDX-License-Identifier: Apache-2.0
"""The table of a model card: `needle-router eval` over every file of a folder, as Markdown rows."""
from __future__ import annotations

import json
import math
import subprocess
import tempfile
from pathlib import Path

from .data_files import data_files, open_text, source_of

COLUMNS = ["exactMatch", "toolAccuracy", "argumentAccuracy", "refusalPrecision", "refusalRecall"]


def evaluate_file(command: list[str], path: Path, model: Path, limit: int) -> dict:
    """What `needle-router eval` prints for the first `limit` rows of a file, plain or .zst (0: all)."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as plain, open_text(path) as lines:
        for number, line in enumerate(lines):
            if limit and number >= limit:
                break
            plain.write(line)
        plain.flush()
        done = subprocess.run([*command, "eval", plain.name, "--model", str(model)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{path}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def interval(share: float, n: int) -> float:
    """Half the 95% interval of a share of n rows (normal approximation)."""
    return 1.96 * math.sqrt(max(share * (1 - share), 1e-9) / n)


def scores(command: list[str], folder: Path, model: Path, limit: int = 0) -> str:
    """Markdown: one row a file, and all rows together, weighted by their number."""
    results = [(source_of(p), evaluate_file(command, p, model, limit)) for p in data_files(folder, "eval")]
    lines = ["| file | rows | exact (95%) | tools | arguments | refusal precision | refusal recall | schema valid | errors |",
             "|---|---|---|---|---|---|---|---|---|"]
    for name, r in results:
        lines.append(row(name, r))
    total = sum(r["examples"] for _, r in results)
    mean = {c: sum(r[c] * r["examples"] for _, r in results) / total for c in [*COLUMNS, "schemaValid"]}
    lines.append(row("**all rows**", {**mean, "examples": total, "errors": sum(r["errors"] for _, r in results)}))
    return "\n".join(lines)


def row(name: str, r: dict) -> str:
    cells = [name, str(r["examples"]), f"{100 * r['exactMatch']:.1f} ± {100 * interval(r['exactMatch'], r['examples']):.1f}"]
    cells += [f"{100 * r[c]:.1f}" for c in COLUMNS[1:]] + [f"{100 * r['schemaValid']:.1f}", str(r["errors"])]
    return "| " + " | ".join(cells) + " |"
