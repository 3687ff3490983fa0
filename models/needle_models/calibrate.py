# SPDX-License-Identifier: Apache-2.0
"""Fits the confidence: sigmoid(w . f + b) over the features that the engine reports, against whether the answer was right.

The engine itself answers held-out requests (one JSON line each, by the native program `route_lines`), so that masks,
quantisation and narrowing are all part of what is calibrated. Two fits: for calls and for `none`.
"""
from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import torch

from .data_files import data_files, read_jsonl, source_of
from .splits import is_dev

MIN_ROWS = 40        # fewer answers of a kind than this are not fitted; the bias alone is set


def same_answer(row: dict, result: dict) -> bool:
    """Exactly the expected calls, in any order; numbers by value, strings to the letter."""
    if "error" in result or result["type"] == "incomplete":
        return not row["answers"] and "error" not in result
    def key(call: dict) -> str:
        return json.dumps([call["name"], normal(call["arguments"])], sort_keys=True)
    return sorted(map(key, row["answers"])) == sorted(map(key, result["calls"]))


def normal(value):
    if isinstance(value, bool) or not isinstance(value, (int, float, dict, list)):
        return value
    if isinstance(value, dict):
        return {k: normal(v) for k, v in value.items()}
    return [normal(v) for v in value] if isinstance(value, list) else float(value)


def dev_rows(folder: str | Path, limit: int) -> list[dict]:
    """Held-out rows of all sources, evenly thinned to `limit`; `place` is their file."""
    rows = [{**r, "place": source_of(path)} for path in data_files(folder, "train") for r in read_jsonl(path) if is_dev(r)]
    return rows[::max(1, len(rows) // limit)][:limit]


def answers(program: Path, model: Path, rows: list[dict]) -> list[dict]:
    """The engine's results; a row that it refuses gives {"error": …}."""
    lines = "".join(json.dumps({"query": r["query"], "tools": r["tools"]}) + "\n" for r in rows)
    done = subprocess.run([str(program), str(model), "--explain"], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def fit(features: torch.Tensor, right: torch.Tensor, l2: float = 1e-3, weight: torch.Tensor | None = None) -> tuple[list[float], float]:
    """Logistic regression with a small penalty, by L-BFGS -> (w, b). `weight`: of each row, 1 on average."""
    w = torch.zeros(features.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([w, b], max_iter=200, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(features @ w + b, right, weight) + l2 * w.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return [round(x, 5) for x in w.tolist()], round(b.item(), 5)


def reliability(confidence: torch.Tensor, right: torch.Tensor) -> list[dict]:
    """For each tenth: how many answers, their mean confidence, how many of them were right."""
    table = []
    for low in range(10):
        inside = (confidence >= low / 10) & ((confidence < (low + 1) / 10) | (low == 9))
        if bool(inside.any()):
            table.append({"from": low / 10, "answers": int(inside.sum()), "confidence": round(confidence[inside].mean().item(), 3),
                          "right": round(right[inside].mean().item(), 3)})
    return table


def unfitted(**fits: dict) -> dict:
    """A calibration that says nothing of confidence yet, with what else has been fitted."""
    nothing = {"w": [0.0] * 6, "b": 0.0}
    return {"call": nothing, "none": nothing, **fits}


def calibrate(program: Path, model: Path, rows: list[dict]) -> dict:
    """Fits the confidence on held-out rows, with the reliability table of the half of them that was not fitted (but for the
    four numbers of fit_odds.py, which come from all)."""
    result, report = {}, []
    kinds: dict[str, list[tuple[list[float], bool]]] = {"call": [], "none": []}
    for row, answer in zip(rows, answers(program, model, rows)):
        if "error" not in answer:
            kinds["none" if answer["type"] == "none" else "call"].append((answer["explanation"]["features"], same_answer(row, answer)))
    for kind, pairs in kinds.items():
        f = torch.tensor([p[0] for p in pairs], dtype=torch.float64).reshape(-1, 6)
        y = torch.tensor([p[1] for p in pairs], dtype=torch.float64)
        if len(pairs) < MIN_ROWS:
            share = (y.sum() + 1) / (len(y) + 2)
            result[kind] = {"w": [0.0] * 6, "b": round(torch.logit(share).item(), 5)}
            continue
        w, b = fit(f[::2], y[::2])
        held_out = torch.sigmoid(f[1::2] @ torch.tensor(w, dtype=torch.float64) + b)
        report += [{"kind": kind, **line} for line in reliability(held_out, y[1::2])]
        w, b = fit(f, y)
        result[kind] = {"w": w, "b": b}
    print(json.dumps(report, indent=1), file=sys.stderr)
    return {**result, "table": report}
