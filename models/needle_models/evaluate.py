# SPDX-License-Identifier: Apache-2.0
"""Evaluation on a pack, in PyTorch and without grammar: loss, and the share of answers that greedy decoding would write.

A quick look; the numbers that count come from the engine (`needle-router eval`), which adds the grammar. Greedy decoding
writes the gold answer exactly if each of its tokens is the likeliest after the gold ones before it, so one
teacher-forced pass tells both.
"""
from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from .architecture import San1, autocast
from .call_language import CALL
from .dataset import Pack, lay_out
from .variants import network
from .weights import as_stored, load_weights


def pack_batches(pack: Pack, limit: int, size: int = 32):
    """Batches of examples with all their own tools, evenly spread over the pack; -> (batch, example indices)."""
    chosen = np.linspace(0, len(pack) - 1, min(limit, len(pack))).astype(int)
    arrays = pack.arrays
    for at in range(0, len(chosen), size):
        rows = chosen[at:at + size].tolist()
        used: dict[int, int] = {}
        contexts = []
        for i in rows:
            contexts.append([used.setdefault(int(t), len(used)) for t in [*pack.get("gold", i), *pack.get("other", i)]])
        blank = np.zeros((len(rows), len(used)), bool)
        yield lay_out([arrays["tool"][arrays["tool_at"][t]:arrays["tool_at"][t + 1]] for t in used], contexts,
                      [pack.get("query", i) for i in rows], [(pack.get("answer", i), pack.get("class", i)) for i in rows],
                      blank, blank), rows


@torch.no_grad()
def evaluate_pack(model: San1, pack: Pack, limit: int) -> dict:
    """`loss` a token, `nats` an answer, `token_accuracy`, `exact` answers; the last by kind and source, too."""
    device = model.embed.device
    model.eval()
    loss = tokens = right = 0.0
    exact: dict[str, list[bool]] = {"call": [], "multi": [], "none": []}
    by_source: dict[str, list[bool]] = {}
    for batch, rows in pack_batches(pack, limit):
        batch = batch.to(device)
        with autocast(device.type):
            h = model.decode(batch, *model.encode(batch))
            logits = (h @ model.embed.to(h.dtype).t()).float()
        keep = batch.target != 0
        loss += torch.nn.functional.cross_entropy(logits[keep], batch.target[keep], reduction="sum").item()
        same = logits.argmax(-1) == batch.target
        right += same[keep].sum().item()
        tokens += int(keep.sum())
        for row, whole in zip(rows, (same | ~keep).all(1).tolist()):
            calls = (pack.get("answer", row) == CALL).sum()
            exact["none" if len(pack.get("gold", row)) == 0 else "multi" if calls > 1 else "call"].append(whole)
            by_source.setdefault(str(pack.arrays["sources"][pack.arrays["source"][row]]), []).append(whole)
    every = [s for v in exact.values() for s in v]
    mean = lambda v: round(sum(v) / len(v), 4) if v else None
    return {"rows": len(every), "loss": round(loss / tokens, 4), "nats": round(loss / len(every), 3),
            "token_accuracy": round(right / tokens, 4), "exact": mean(every),
            **{f"exact_{k}": mean(v) for k, v in exact.items()}, "by_source": {k: mean(v) for k, v in sorted(by_source.items())}}


def evaluate_weights(path: Path, packs: list[Path], limit: int, precisions: list[str], embed: str) -> list[dict]:
    """A checkpoint or model file on each pack, as trained ("f32") and as a file of so many bits holds it."""
    config, state = load_weights(path)
    out = []
    for precision in precisions:
        model = network(config)
        model.load_state_dict(state if precision == "f32" else as_stored(state, precision, embed))
        for pack in packs:
            out.append({"weights": str(path), "precision": precision, "pack": pack.name, **evaluate_pack(model, Pack.load(pack), limit)})
    return out
