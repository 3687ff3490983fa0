# SPDX-License-Identifier: Apache-2.0
"""Packs -> batches cut by tokens.

`BatchMaker` draws examples, decides which of their tools are present, lends tools between the examples of a batch where
they certainly do not fit, and `lay_out` lays the distinct ones out flat. packing.py writes packs.
"""
from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from .architecture import Batch
from .call_language import BOS, EOS, NONE, W_DECISION, W_NAME, W_STRUCTURE, W_VALUE

# A weight is a prior: trained with w, the network says p(token) * w(token). Tokens that compete for one place must
# therefore weigh the same: with </s> at 4 and <arg> at 0.5, arguments were left out and values ran on.
LOSS_WEIGHT = {W_STRUCTURE: 1.0, W_DECISION: 1.0, W_NAME: 1.0, W_VALUE: 1.0}

GENERATED, FAMILIES, TEXT = "generated", "families", "text"      # sources that are made; the first two of near misses
MAX_CONTEXT = 512          # tokens of tools that lending fills an example's context to; the longest sets a batch's cost
# One batch in ten, of those of any shape, has catalogues of up to two dozen tools and more, the right one missing from more
# of them: where no refusal was seen before that many, none is made.
CROWDED, CROWD, CROWDED_CONTEXT, CROWDED_DROP = 0.1, 24, 1536, 0.3


def join_packs(packs: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Arrays of several packs one after the other; tools and sources are renumbered."""
    out: dict[str, np.ndarray] = {}
    tools = np.cumsum([0, *(len(p["tool_at"]) - 1 for p in packs)])
    sources = np.cumsum([0, *(len(p["sources"]) for p in packs)])
    for name in packs[0]:
        parts = [p[name] for p in packs]
        if name.endswith("_at"):
            shifts = np.cumsum([0, *(part[-1] for part in parts)])
            parts = [part[:-1] + shift for part, shift in zip(parts, shifts)] + [shifts[-1:]]
        elif name in ("gold", "other"):
            parts = [part + shift for part, shift in zip(parts, tools.astype(parts[0].dtype))]
        elif name == "source":
            parts = [part + shift for part, shift in zip(parts, sources.astype(parts[0].dtype))]
        out[name] = np.concatenate(parts)
    return out


@dataclass
class Pack:
    """A pack in memory; ragged arrays as (values, offsets)."""
    arrays: dict[str, np.ndarray]

    @staticmethod
    def load(*paths: str | Path) -> "Pack":
        """One pack, or several joined."""
        packs = []
        for path in paths:
            with np.load(path) as data:
                packs.append({k: data[k] for k in data.files})
        return Pack(packs[0]) if len(packs) == 1 else Pack(join_packs(packs))

    def __len__(self) -> int:
        return len(self.arrays["source"])

    def get(self, name: str, i: int) -> np.ndarray:
        at = self.arrays[name + "_at"]
        return self.arrays[name][at[i]:at[i + 1]]


class BatchMaker:
    """Draws batches of about `max_tokens` encoder tokens. Deterministic for a seed and a step."""

    def __init__(self, pack: Pack, examples: int, max_tokens: int, seed: int = 0, lend: int = 8, drop_gold: float = 0.12):
        self.pack, self.examples, self.max_tokens, self.seed = pack, examples, max_tokens, seed
        self.lend, self.drop_gold = lend, drop_gold
        self.order: np.ndarray | None = None
        self.epoch = -1

    def example_at(self, n: int) -> int:
        epoch, i = divmod(n, len(self.pack))
        if epoch != self.epoch:
            self.order, self.epoch = self.shuffle(epoch), epoch
        return int(self.order[i])

    def shuffle(self, epoch: int) -> np.ndarray:
        """A permutation in which the examples of a batch have requests of like length, so that little is padding."""
        rng = np.random.default_rng((self.seed, epoch))
        order, at = rng.permutation(len(self.pack)), self.pack.arrays["query_at"]
        pool = self.examples * 16
        order = np.concatenate([part[np.argsort(at[part + 1] - at[part], kind="stable")]
                                for part in np.split(order, range(pool, len(order), pool))])
        batches = np.split(order, range(self.examples, len(order), self.examples))
        return np.concatenate([batches[i] for i in rng.permutation(len(batches))])

    def batch(self, step: int, start: int) -> tuple[Batch, int]:
        """The batch of a step that begins with the `start`-th example of the run; -> (batch, next start)."""
        rng = random.Random((self.seed << 32) + step)
        is_crowded = self.lend > 0 and rng.random() < CROWDED
        chosen: list[tuple[int, list[int], bool]] = []      # (example, its tools, gold dropped?)
        used: dict[int, int] = {}
        tokens, n = 0, start
        while len(chosen) < self.examples:
            i = self.example_at(n)
            tools, dropped = self.own_tools(i, rng, CROWDED_DROP if is_crowded else self.drop_gold)
            cost = sum(self.size(t) for t in tools if t not in used) + len(self.pack.get("query", i))
            if chosen and tokens + cost > self.max_tokens:
                break
            tokens += cost
            for t in tools:
                used.setdefault(t, len(used))
            chosen.append((i, tools, dropped))
            n += 1
        return self.assemble(chosen, list(used), rng, *((CROWD, CROWDED_CONTEXT) if is_crowded else ())), n

    def size(self, tool: int) -> int:
        at = self.pack.arrays["tool_at"]
        return int(at[tool + 1] - at[tool])

    def own_tools(self, i: int, rng: random.Random, drop_gold: float | None = None) -> tuple[list[int], bool]:
        """Which of its tools example i is shown, gold first; whether the gold ones are among those left out."""
        gold, other = self.pack.get("gold", i).tolist(), self.pack.get("other", i).tolist()
        rng.shuffle(other)
        if gold and other and rng.random() < (self.drop_gold if drop_gold is None else drop_gold):
            return other[:4], True
        if gold:
            near = self.pack.arrays["sources"][self.pack.arrays["source"][i]] in (GENERATED, FAMILIES)
            # A tool encoded for one example costs time, one lent by another example nothing: few of its own, unless
            # they are near misses.
            return gold + other[:rng.choice((0, 1, 1, 2, 3, 4) if near else (0, 0, 0, 1, 1, 2))], False
        return other[:rng.choice((1, 2, 3, 4, 5, 8))], False

    def assemble(self, chosen: list[tuple[int, list[int], bool]], tools: list[int], rng: random.Random,
                 lend: int | None = None, max_context: int = MAX_CONTEXT) -> Batch:
        """The batch of these examples, each lent up to `lend` tools of the others."""
        lend = self.lend if lend is None else lend
        get, arrays = self.pack.get, self.pack.arrays
        names, texts = arrays["name_guard"][tools], arrays["text_guard"][tools]
        sizes = [self.size(t) for t in tools]
        place = {t: k for k, t in enumerate(tools)}
        positive = np.zeros((len(chosen), len(tools)), bool)
        negative = np.zeros_like(positive)
        contexts: list[list[int]] = []
        for row, (i, own, dropped) in enumerate(chosen):
            gold = get("gold", i).tolist()
            other = [t for t in own if t not in gold]
            for t in gold:
                if t in place and not dropped:
                    positive[row, place[t]] = True
            for t in other:
                negative[row, place[t]] = True
            context = [place[t] for t in own]
            if gold:
                gold_names = np.bitwise_or.reduce(arrays["name_guard"][gold], axis=0)
                gold_texts = np.bitwise_or.reduce(arrays["text_guard"][gold], axis=0)
                far = ~((texts & gold_names).any(1) | (names & gold_texts).any(1))
                far[context] = False
                negative[row] |= far
                free = np.flatnonzero(far).tolist()
                room = max_context - sum(sizes[k] for k in context)
                for k in rng.sample(free, min(len(free), rng.randint(0, lend))):
                    if sizes[k] <= room:
                        context, room = [*context, k], room - sizes[k]
            contexts.append(context)
        return self.lay_out([arrays["tool"][arrays["tool_at"][t]:arrays["tool_at"][t + 1]]
                        for t in tools], contexts,
                       [get("query", i) for i, _, _ in chosen],
                       [refusal() if dropped else (get("answer", i), get("class", i)) for i, _, dropped in chosen],
                       positive, negative)

    def lay_out(self, *parts) -> Batch:
        return lay_out(*parts)


def refusal() -> tuple[np.ndarray, np.ndarray]:
    return np.array([NONE, EOS]), np.array([W_DECISION, W_DECISION])


def bucket(n: int, step: int) -> int:
    """Shapes come from few buckets, so that compiled kernels and allocator blocks are used again."""
    return max(step, -(-n // step) * step)


def lay_out(tools, contexts, queries, answers, positive, negative) -> Batch:
    """Token arrays -> index tensors. `contexts[i]`: which of `tools` example i sees."""
    blocks = [*tools, *queries]
    order = sorted(range(len(blocks)), key=lambda i: len(blocks[i]))
    place = np.empty(len(blocks), np.int64)      # where a block has come to stand
    place[order] = np.arange(len(blocks))
    blocks = [blocks[i] for i in order]
    lengths = np.array([len(b) for b in blocks])
    starts = np.concatenate(([0], np.cumsum(lengths)))
    flat = np.concatenate(blocks).astype(np.int64)
    groups = [group_of(lengths, starts, first, last) for first, last in cut_groups(lengths)]
    spans = [np.concatenate([np.arange(starts[place[t]], starts[place[t] + 1]) for t in c]) if c else np.zeros(0, np.int64) for c in contexts]
    size = bucket(max(len(s) for s in spans), 32)
    context = np.zeros((len(spans), size), np.int64)
    context_mask = np.zeros((len(spans), size), bool)
    for i, span in enumerate(spans):
        context[i, :len(span)], context_mask[i, :len(span)] = span, True
    query, query_mask = rectangle(queries, bucket(max(map(len, queries)), 8))
    longest = bucket(max(len(a) for a, _ in answers), 8)
    target, keep = rectangle([a for a, _ in answers], longest)
    target_in = np.concatenate((np.full((len(answers), 1), BOS), target[:, :-1]), 1)
    classes, _ = rectangle([c for _, c in answers], longest)
    weight = np.array([LOSS_WEIGHT[i] for i in range(4)], np.float32)[classes] * keep
    t = torch.from_numpy
    return Batch(flat=t(flat), position=t(np.concatenate([np.arange(n) for n in lengths])), groups=groups, context=t(context),
                 context_mask=t(context_mask), query=t(query), query_mask=t(query_mask),
                 target_in=t(target_in), target=t(target), weight=t(weight), block=t(np.repeat(np.arange(len(blocks)), lengths)),
                 tool_block=t(place[:len(tools)]), query_block=t(place[len(tools):]), positive=t(positive), negative=t(negative),
                 blocks=len(blocks), examples=len(queries))


def cut_groups(lengths: np.ndarray) -> list[tuple[int, int]]:
    """Sorted block lengths -> [first, last) ranges whose longest is at most half as long again as the shortest."""
    groups, first = [], 0
    for i in range(1, len(lengths) + 1):
        if i == len(lengths) or lengths[i] > max(24, 1.5 * lengths[first]):
            groups.append((first, i))
            first = i
    return groups


def group_of(lengths: np.ndarray, starts: np.ndarray, first: int, last: int) -> tuple:
    """Index tensors of one attention group; pad and unpad are relative to the group's first token."""
    size = lengths[first:last]
    column = np.arange(bucket(int(size.max()), 8))
    mask = column < size[:, None]
    pad = np.where(mask, (starts[first:last] - starts[first])[:, None] + column, 0)
    t = torch.from_numpy
    return t(pad), t(mask), t(np.flatnonzero(mask.ravel())), int(starts[first]), int(starts[last])


def rectangle(rows, width: int) -> tuple[np.ndarray, np.ndarray]:
    out = np.zeros((len(rows), width), np.int64)
    mask = np.zeros((len(rows), width), bool)
    for i, row in enumerate(rows):
        out[i, :len(row)], mask[i, :len(row)] = row, True
    return out, mask
