# SPDX-License-Identifier: Apache-2.0
"""Teacher-forced and free-running (greedy, without grammar) evaluation on a pack, in PyTorch.

A quick look during training; the numbers that count come from the engine (`needle-router eval`), which adds the grammar.
"""
from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from .architecture import Batch, San1, autocast
from .dataset import Pack, bucket, lay_out
from .tokenizer import BOS, EOS


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
def greedy(model: San1, batch: Batch, steps: int) -> torch.Tensor:
    """Free-running answers, [B, steps], 0 after the end. Recomputes the prefix: short answers, simple code."""
    x, xq = model.encode(batch)
    out = torch.full((len(batch.query), 1), BOS, device=batch.query.device)
    done = torch.zeros(len(out), dtype=torch.bool, device=out.device)
    for _ in range(steps):
        h = model.decode(replace(batch, target_in=out), x, xq)[:, -1]
        token = (h.float() @ model.embed.t().float()).argmax(1).masked_fill(done, 0)
        out = torch.cat((out, token[:, None]), 1)
        done |= token == EOS
        if bool(done.all()):
            break
    return out[:, 1:]


@torch.no_grad()
def evaluate_pack(model: San1, pack: Pack, limit: int) -> dict:
    """loss and token accuracy (teacher-forced), exact answers (free-running), per kind."""
    device = model.embed.device
    model.eval()
    loss = tokens = right = 0.0
    exact = {"call": [], "multi": [], "none": []}
    by_source: dict[str, list[bool]] = {}
    for batch, rows in pack_batches(pack, limit):
        batch = batch.to(device)
        with autocast(device.type):
            x, xq = model.encode(batch)
            h = model.decode(batch, x, xq)
            keep = batch.target != 0
            logits = (h[keep] @ model.embed.to(h.dtype).t()).float()
            answers = greedy(model, batch, min(72, bucket(batch.target.shape[1], 8) + 8))
        loss += torch.nn.functional.cross_entropy(logits, batch.target[keep], reduction="sum").item()
        right += (logits.argmax(1) == batch.target[keep]).sum().item()
        tokens += int(keep.sum())
        for row, answer in zip(rows, answers.tolist()):
            gold = pack.get("answer", row).tolist()
            same = [t for t in answer if t != 0][:len(gold) + 1] == gold
            golds = len(pack.get("gold", row))
            exact["none" if golds == 0 else "call" if gold.count(6) == 1 else "multi"].append(same)
            by_source.setdefault(str(pack.arrays["sources"][pack.arrays["source"][row]]), []).append(same)
    every = [s for v in exact.values() for s in v]
    mean = lambda v: round(sum(v) / len(v), 4) if v else None
    return {"loss": round(loss / tokens, 4), "token_accuracy": round(right / tokens, 4), "exact": mean(every),
            **{f"exact_{k}": mean(v) for k, v in exact.items()}, "by_source": {k: mean(v) for k, v in sorted(by_source.items())}}
