# SPDX-License-Identifier: Apache-2.0
"""Embeddings to start from: how often pieces stand near one another in text, as PPMI, cut to few dimensions by SVD.

Levy and Goldberg 2014 ("Neural word embedding as implicit matrix factorization"): positive pointwise mutual information
with smoothed contexts, U * sqrt(S). Pieces that are too rare to say anything stay as San1 draws them.
"""
from __future__ import annotations

import json
import math
import random
import sys
from pathlib import Path
from typing import Iterator

import numpy as np
import torch
from torch import Tensor

from .data_files import data_files, open_text
from .splits import TRAINING_TEXTS, HeldOut
from .tokenizer import Tokenizer

WINDOW = 5            # pieces on either side, a pair at distance d counts 1 / d
SMOOTHING = 0.75      # of the contexts' counts
LEAST = 20            # occurrences under which a piece stays random
KEPT = {"english_novels_pd": 0.1, **dict.fromkeys(TRAINING_TEXTS, 0.0)}      # share of a file's lines


def lines(folder: Path, seed: int = 0) -> Iterator[str]:
    """What is read of text/: nothing of what is held out."""
    rng, held_out = random.Random(seed), HeldOut(folder)
    for path in data_files(folder, "text", "txt"):
        keep = KEPT.get(path.name.split(".")[0], 1.0)
        with open_text(path) as stream:
            for line in stream:
                if line.strip() and rng.random() < keep and not held_out.stops_text(line.strip()):
                    yield line.strip()[:600]


def count_pairs(ids: Tensor, lines_of: Tensor, counts: Tensor) -> None:
    """Adds the pairs of a run of pieces to `counts` [vocab * vocab]; `lines_of` keeps lines apart."""
    vocab = math.isqrt(len(counts))
    for d in range(1, WINDOW + 1):
        same = lines_of[d:] == lines_of[:-d]
        pairs = ids[:-d][same] * vocab + ids[d:][same]
        counts.index_add_(0, pairs, torch.full((len(pairs),), 1 / d))


def cooccurrence(texts: Iterator[str], tokenizer: Tokenizer, vocab: int, chunk: int = 20000) -> tuple[Tensor, Tensor]:
    """-> symmetric counts [vocab, vocab], occurrences [vocab]."""
    counts, seen = torch.zeros(vocab * vocab), torch.zeros(vocab)

    def flush(part: list[str]) -> None:
        encoded = tokenizer.sp.encode(part)
        ids = torch.from_numpy(np.concatenate([np.array(e, np.int64) for e in encoded]))
        count_pairs(ids, torch.repeat_interleave(torch.arange(len(encoded)), torch.tensor([len(e) for e in encoded])), counts)
        seen.index_add_(0, ids, torch.ones(len(ids)))

    part: list[str] = []
    for text in texts:
        part.append(text)
        if len(part) == chunk:
            flush(part)
            part = []
    if part:
        flush(part)
    counts = counts.view(vocab, vocab)
    return counts + counts.t(), seen


def ppmi(counts: Tensor) -> Tensor:
    """max(0, log p(i, j) / (p(i) p(j)^0.75)), in place of `counts`."""
    row = counts.sum(1)
    context = row ** SMOOTHING
    context = context / context.sum()
    expected = row[:, None] * context[None, :]
    return counts.div_(expected.clamp_min(1e-12)).clamp_min_(1).log_()


def factor(matrix: Tensor, size: int, seed: int = 0) -> Tensor:
    """U sqrt(S) of the `size` largest singular values, [n, size]."""
    torch.manual_seed(seed)
    u, s, _ = torch.svd_lowrank(matrix, q=min(matrix.shape[0], size + 32), niter=4)
    return u[:, :size] * s[:size].sqrt()


def write_embeddings(folder: Path, tokenizer: Tokenizer, output: Path, size: int = 512) -> None:
    """`output` (.npz): `vectors` [vocab, size] f32, strongest dimension first, so that its first d serve any d; `seen`."""
    vocab = tokenizer.sp.get_piece_size()
    counts, seen = cooccurrence(lines(folder), tokenizer, vocab)
    vectors = factor(ppmi(counts), min(size, vocab))
    output.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(output, vectors=vectors.numpy().astype(np.float16), seen=seen.numpy().astype(np.int64))
    print(json.dumps({"pieces": int(seen.sum()), "known": int((seen >= LEAST).sum()), "vocab": vocab}), file=sys.stderr)


@torch.no_grad()
def start_embedding(model, path: Path) -> None:
    """Replaces the rows of `model.embed` whose pieces are known. Columns are mixed by a random rotation, so that no
    dimension stands out; each row gets the length that a random row has on average."""
    with np.load(path) as data:
        vectors = torch.from_numpy(data["vectors"][:, :model.embed.shape[1]].astype(np.float32))
        known = torch.from_numpy(data["seen"] >= LEAST)
    if vectors.shape != model.embed.shape:
        raise ValueError(f"{path} holds {tuple(vectors.shape)}, the network's embedding is {tuple(model.embed.shape)}")
    turn = torch.linalg.qr(torch.randn(vectors.shape[1], vectors.shape[1]))[0]
    turned = torch.nn.functional.normalize(vectors[known] @ turn, dim=1)
    model.embed[known.to(model.embed.device)] = turned.to(model.embed)
