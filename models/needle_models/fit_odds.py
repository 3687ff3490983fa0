# SPDX-License-Identifier: Apache-2.0
"""Fits when any tool is called at all (wasm/router/call_odds.h): log odds of a call = w . f + b over what the engine reports
of requests with several tools: the network's log odds, the highest cosine and log(tools).

On held-out requests as they are and, every third that has an answer, before a catalogue of 2 to 40 tools, with its right tools
taken away, and before strangers only. A network's own odds know catalogues as large as training had them; the fit sees larger.
"""
from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import torch

from .calibrate import answers, fit
from .catalogues import Catalogues, right_tools

SIZES = (2, 5, 20, 40)      # the engine counts no more than the last (wasm/router/call_odds.cc)
REFUSALS = 0.3       # what they weigh together, as in the training data: the fit's constant is that prior


def with_catalogues(rows: list[dict], seed: int = 0) -> list[dict]:
    """The rows that are fitted; `answers` are [] where no tool is left that fits."""
    rng, catalogues = random.Random(seed), Catalogues(rows, "place")
    out = [r for r in rows if len(r["tools"]) > 1]
    for row in [r for r in rows if r["answers"]][::3]:
        gold = right_tools(row)
        near = [t for t in row["tools"] if t not in gold and t["name"] not in catalogues.anything]
        grown, taken, off = (rng.choice(SIZES) for _ in range(3))
        out.append({**row, "tools": catalogues.among_strangers(rng, row, grown)})
        out.append({**row, "answers": [], "tools": catalogues.strangers_only(rng, row, taken, near)})
        out.append({**row, "answers": [], "tools": catalogues.strangers_only(rng, row, off)})
    return out


def fit_odds(program: Path, model: Path, rows: list[dict]) -> dict:
    """-> {"w": [3], "b"}. Where there is nothing to fit, the network's own odds."""
    pairs = [(a["explanation"]["odds"], bool(r["answers"])) for r, a in zip(rows, answers(program, model, rows))
             if "error" not in a and a["explanation"]["odds"]]
    calls = sum(is_call for _, is_call in pairs)
    if not 0 < calls < len(pairs):
        return {"w": [1.0, 0.0, 0.0], "b": 0.0}
    f = torch.tensor([p[0] for p in pairs], dtype=torch.float64)
    y = torch.tensor([p[1] for p in pairs], dtype=torch.float64)
    weight = torch.where(y > 0, (1 - REFUSALS) / calls, REFUSALS / (len(pairs) - calls)) * len(pairs)
    w, b = fit(f, y, weight=weight)
    own, fitted = f[:, 0] > 0, f @ torch.tensor(w, dtype=torch.float64) + b > 0
    print(json.dumps({"call or not, right on the rows of the fit [network, fit]": {
        name: [round(((odds == (y > 0)) & of).sum().item() / of.sum().item(), 3) for odds in (own, fitted)]
        for name, of in (("calls", y > 0), ("refusals", y == 0))}}), file=sys.stderr)
    return {"w": w, "b": b}
