# SPDX-License-Identifier: Apache-2.0
"""Batches of a few fixed shapes, for a GPU: compiled kernels are used again, and nothing waits for a size.

Blocks lie in slots of 32, 64, 128 and 256 tokens, as many of each as a batch of this pack needs on average and a tenth
more. A batch takes exactly `examples` examples, so that workers can make any step's batch; what finds no room (a tool
that is not gold, seldom a whole example) is left out of it.
"""
from __future__ import annotations

import random
from typing import Iterator

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from .architecture import Batch
from .call_language import BOS, QUERY
from .dataset import LOSS_WEIGHT, MAX_CONTEXT, BatchMaker, Pack, rectangle

SLOTS = (32, 64, 128, 256)                       # lengths; the longest holds any tool
WIDTHS = ((24, 24), (48, 48), (160, 120))        # tokens of request and answer: three shapes a run
SPARE = 1.1


class FixedBatchMaker(BatchMaker):
    def __init__(self, pack: Pack, examples: int, seed: int = 0, lend: int = 8, drop_gold: float = 0.12):
        super().__init__(pack, examples, 0, seed, lend, drop_gold)
        self.slots = self.slots_needed()

    def slots_needed(self, sample: int = 2000) -> list[int]:
        """How many slots of each length, from what `sample` examples bring."""
        rng, count = random.Random(self.seed), np.zeros(len(SLOTS))
        for _ in range(sample):
            i = rng.randrange(len(self.pack))
            for size in (len(self.pack.get("query", i)), *map(self.size, self.own_tools(i, rng)[0])):
                count[slot_of(size)] += 1
        return [int(-(-self.examples * SPARE * c // sample)) + 1 for c in count]

    def batch(self, step: int, start: int) -> tuple[Batch, int]:
        rng = random.Random((self.seed << 32) + step)
        free, used = list(self.slots), {}
        chosen = []
        for n in range(start, start + self.examples):
            i = self.example_at(n)
            own, dropped = self.own_tools(i, rng)
            gold = [] if dropped else self.pack.get("gold", i).tolist()
            room, kept = MAX_CONTEXT, []
            fits = take(free, len(self.pack.get("query", i)))
            for t in own:
                here = fits and self.size(t) <= room and (t in used or take(free, self.size(t)))
                if here:
                    used.setdefault(t, len(used))
                    kept.append(t)
                    room -= self.size(t)
                fits = fits and (here or t not in gold)
            if fits and kept:
                chosen.append((i, kept, dropped))
        return self.assemble(chosen, list(used), rng), start + self.examples

    def lay_out(self, tools, contexts, queries, answers, positive, negative) -> Batch:
        rows, blocks, total = self.examples, [*tools, *queries], sum(self.slots)
        lengths = np.repeat(SLOTS, self.slots)
        starts = np.concatenate(([0], np.cumsum(lengths)))
        place = self.places([len(b) for b in blocks])
        flat, block = np.zeros(starts[-1], np.int64), np.full(starts[-1], total)
        real = np.zeros(starts[-1], bool)
        real[starts[:-1]] = True        # so that an empty slot attends to something
        for b, p in zip(blocks, place):
            span = slice(starts[p], starts[p] + len(b))
            flat[span], block[span], real[span] = b, p, True
        groups, first = [], 0
        for length, count in zip(SLOTS, self.slots):
            begin, end = int(starts[first]), int(starts[first + count])
            groups.append((None, torch.from_numpy(real[begin:end].reshape(count, length)), None, begin, end))
            first += count
        context, context_mask = np.zeros((rows, MAX_CONTEXT), np.int64), np.zeros((rows, MAX_CONTEXT), bool)
        for row, own in enumerate(contexts):
            span = np.concatenate([np.arange(starts[place[t]], starts[place[t]] + len(tools[t])) for t in own])
            context[row, :len(span)], context_mask[row, :len(span)] = span, True
        empty = rows - len(queries)
        wide, long = next(w for w in WIDTHS if max(map(len, queries)) <= w[0] and max(len(a) for a, _ in answers) <= w[1])
        query, query_mask = rectangle([*queries, *[np.array([QUERY])] * empty], wide)
        target, keep = rectangle([*(a for a, _ in answers), *[np.zeros(0, int)] * empty], long)
        classes, _ = rectangle([*(c for _, c in answers), *[np.zeros(0, int)] * empty], long)
        weight = np.array([LOSS_WEIGHT[i] for i in range(4)], np.float32)[classes] * keep
        tool_block, query_block = np.zeros(total, np.int64), np.zeros(rows, np.int64)
        tool_block[:len(tools)], query_block[:len(queries)] = place[:len(tools)], place[len(tools):]
        t = torch.from_numpy
        return Batch(flat=t(flat), position=t(np.concatenate([np.arange(n) for n in lengths])), groups=groups,
                     context=t(context), context_mask=t(context_mask), query=t(query), query_mask=t(query_mask),
                     target_in=t(np.concatenate((np.full((rows, 1), BOS), target[:, :-1]), 1)), target=t(target),
                     weight=t(weight), block=t(block), tool_block=t(tool_block), query_block=t(query_block),
                     positive=t(grown(positive, rows, total)), negative=t(grown(negative, rows, total)), blocks=total,
                     examples=len(queries), fixed=True)

    def places(self, lengths: list[int]) -> np.ndarray:
        """A slot for each block, the longest first, each in the shortest that is free (which finds room if there is any)."""
        firsts = np.concatenate(([0], np.cumsum(self.slots)))
        free, out = list(self.slots), np.zeros(len(lengths), np.int64)
        for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
            k = next(k for k in range(slot_of(lengths[i]), len(SLOTS)) if free[k])
            free[k] -= 1
            out[i] = firsts[k] + free[k]
        return out


def slot_of(size: int) -> int:
    return next(k for k, length in enumerate(SLOTS) if size <= length)


def take(free: list[int], size: int) -> bool:
    """Takes the shortest free slot that holds `size` tokens."""
    k = next((k for k in range(slot_of(size), len(SLOTS)) if free[k]), None)
    if k is not None:
        free[k] -= 1
    return k is not None


def grown(matrix: np.ndarray, rows: int, columns: int) -> np.ndarray:
    out = np.zeros((rows, columns), matrix.dtype)
    out[:matrix.shape[0], :matrix.shape[1]] = matrix
    return out


class Steps(Dataset):
    """Step -> its batch; the same for any number of workers."""

    def __init__(self, maker: FixedBatchMaker):
        self.maker = maker

    def __getitem__(self, step: int) -> Batch:
        return self.maker.batch(step, step * self.maker.examples)[0]


def batches_from(maker: FixedBatchMaker, step: int, workers: int) -> Iterator[Batch]:
    """The batches of `step`, `step` + 1, ..., made ahead by `workers` processes."""
    def steps() -> Iterator[int]:
        n = step
        while True:
            yield n
            n += 1

    return iter(DataLoader(Steps(maker), batch_size=None, sampler=steps(), num_workers=workers,
                           prefetch_factor=4 if workers else None))
