# SPDX-License-Identifier: Apache-2.0
"""The engine's answers held against the Python reference of its own arithmetic (reference.py), decision by decision.

For each request the engine explains what it read, emitted and was allowed to emit; the reference reads the same tokens
and must give the chosen tokens' logits and, under the same masks, choose the same tokens.
"""
from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from .calibrate import answers, dev_rows
from .call_language import BOS
from .reference import Block, Engine

TOLERANCE = 1e-3     # of a logit


def mask_of(text: str, vocab: int) -> np.ndarray:
    """[vocab] bool from 16 hexadecimal digits for every 64 tokens, the lowest token in the lowest bit."""
    words = np.array([int(text[i:i + 16], 16) for i in range(0, len(text), 16)], np.uint64)
    bits = (words[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    return bits.astype(bool).reshape(-1)[:vocab]


def compare_row(engine: Engine, explanation: dict, tools: dict[tuple, Block]) -> tuple[float, list[dict]]:
    """-> (largest difference of a chosen token's logit, decisions in which the reference would choose otherwise)."""
    blocks = []
    for tokens in explanation["tools"]:
        key = tuple(tokens)
        if key not in tools:
            tools[key] = engine.encode_tool(tokens)
        blocks.append(tools[key])
    query = engine.encode_query(explanation["query"], blocks)
    hidden = engine.decode(blocks, query, engine.start(), [BOS, *explanation["emitted"][:-1]])
    decisions = explanation["decisions"]
    logits = engine.logits(hidden[[d["at"] for d in decisions]])
    worst, differing = 0.0, []
    for decision, row in zip(decisions, logits):
        chosen = explanation["emitted"][decision["at"]]
        allowed = mask_of(decision["mask"], len(row))
        if decision["bias"]:      # what the fits and named arguments add: one number for each allowed token
            row = row.copy()
            row[allowed] += np.array(decision["bias"], row.dtype)
        worst = max(worst, abs(float(row[chosen]) - decision["logit"]))
        masked = np.where(allowed, row, -np.inf)
        best = int(masked.argmax())
        if best != chosen and decision["isLikeliest"]:      # elsewhere the answer as a whole spoke for another token
            differing.append({"at": decision["at"], "engine": chosen, "reference": best,
                              "margin": float(masked[best] - masked[chosen])})
    return worst, differing


def compare(program: Path, model: Path, folder: Path, limit: int = 500) -> dict:
    """Report over held-out requests; `equal` is the share of requests whose every decision agrees."""
    engine, tools = Engine(model), {}
    rows = dev_rows(folder, limit)
    worst, compared, differing = 0.0, 0, []
    for row, answer in zip(rows, answers(program, model, rows)):
        if "error" in answer or not answer["explanation"]["decisions"]:
            continue
        compared += 1
        error, other = compare_row(engine, answer["explanation"], tools)
        worst = max(worst, error)
        if other:
            differing.append({"query": row["query"], "decisions": other})
        if len(tools) > 400:
            tools.clear()
    return {"requests": compared, "equal": 1 - len(differing) / max(1, compared), "largest_logit_difference": worst,
            "within_tolerance": worst <= TOLERANCE, "differing": differing}


def main_report(program: Path, model: Path, folder: Path, limit: int) -> None:
    print(json.dumps(compare(program, model, folder, limit), indent=1))
