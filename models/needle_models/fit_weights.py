# SPDX-License-Identifier: Apache-2.0
"""Chooses how much a tool's fit (wasm/router/tool_fit.h) counts beside the network when a tool's name is decided.

On held-out requests: the network's log probability of every tool's name, the cosine of the retrieval vectors and BM25
over the words that the network reads of a tool; then the weights that name the most right tools.
"""
from __future__ import annotations

import itertools
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from .bm25 import Bm25
from .call_language import ARG, CALL, DESC, ENUM, ITEM, QUERY, TOOL, AnswerWriter, QueryTokens, display_names, name_as_words, tool_tokens
from .dataset import lay_out
from .retrieval_vectors import Vectors

FIRST_PIECE = 49      # below it are the control tokens
VECTOR, WORDS, LATER = (0, 5, 10, 15, 20, 30), (0, 0.5, 1, 2, 3, 4), (0, 0.2, 0.3, 0.5, 0.7, 1)


@dataclass
class Scored:
    """One decision about a name."""
    gold: set[int]          # which tools would be right
    network: np.ndarray     # [tools] log p(name)
    cosine: np.ndarray
    bm25: np.ndarray
    later: bool             # of a second call


def block_words(block: list[int], decode) -> str:
    """What wasm/router/word_index.cc indexes of a tool block: name, description, argument names, enum values."""
    out, at, describes_tool = [], 0, True
    while at < len(block):
        control, at = block[at], at + 1
        end = next((i for i in range(at, len(block)) if block[i] < FIRST_PIECE), len(block))
        describes_tool &= control != ARG
        if control in (TOOL, ARG, ENUM, ITEM) or (control == DESC and describes_tool):
            out.append(name_as_words(decode(block[at:end])))
        at = end
    return " ".join(out)


@torch.no_grad()
def score_names(vectors: Vectors, row: dict) -> list[Scored]:
    """The decisions of a row with one or two calls."""
    network, tokenizer = vectors.network, vectors.tokenizer
    names = [t["name"] for t in row["tools"]]
    shown = display_names(names)
    blocks = [tool_tokens(t, n, tokenizer.encode) for t, n in zip(row["tools"], shown)]
    query = np.array([QUERY, *tokenizer.encode(row["query"])])
    writer = AnswerWriter(QueryTokens(row["query"], tokenizer), tokenizer.encode)
    writer.write(row["answers"][:1], {t["name"]: (t, n) for t, n in zip(row["tools"], shown)})
    golds = [names.index(a["name"]) for a in row["answers"]]
    bm25 = np.array(Bm25([block_words(b, tokenizer.sp.decode) for b in blocks]).scores(name_as_words(row["query"])))
    count, out = len(blocks), []
    for place in range(len(golds)):
        prefix = [] if place == 0 else writer.ids[:-1]
        answers = [np.array([*prefix, CALL, *tokenizer.encode(n)]) for n in shown]
        none = np.zeros((count, count), bool)
        batch = lay_out([np.array(b) for b in blocks], [list(range(count))] * count, [query] * count,
                        [(a, np.zeros(len(a), int)) for a in answers], none, none)
        x, xq = network.encode(batch)
        hidden = network.decode(batch, x, xq)
        log_p = torch.log_softmax((hidden @ network.embed.t()).float(), -1).gather(2, batch.target[..., None])[..., 0]
        keep = batch.target != 0
        keep[:, :len(prefix) + 1] = False
        v = network.vectors(batch, x)
        out.append(Scored({golds[place]} if place else set(golds), (log_p * keep).sum(1).numpy(), (v[batch.tool_block] @ v[batch.query_block][0]).numpy(),
                          bm25, place > 0))
    return out


def accuracy(scored: list[Scored], vector: float, words: float, share: float = 1.0) -> float:
    return sum(int(np.argmax(s.network + share * (vector * s.cosine + words * s.bm25))) in s.gold for s in scored) / max(1, len(scored))


def choose(model: Path, groups: dict[str, list[dict]], tokenizer: Path = Path("tokenizer.model")) -> dict:
    """`groups`: held-out rows by source; each source counts alike. -> {"vector", "words", "later"}"""
    vectors = Vectors(model, tokenizer)
    firsts: dict[str, list[Scored]] = {}
    laters: dict[str, list[Scored]] = {}
    for source, rows in groups.items():
        for row in rows:
            if len(row["tools"]) < 2 or not 1 <= len(row["answers"]) <= 2:
                continue
            try:
                decisions = score_names(vectors, row)
            except ValueError:       # a gold call that the call language cannot write
                continue
            for s in decisions:
                (laters if s.later else firsts).setdefault(source, []).append(s)

    def mean(scored: dict[str, list[Scored]], *weights: float) -> float:
        return sum(accuracy(s, *weights) for s in scored.values()) / max(1, len(scored))

    vector, words = max(itertools.product(VECTOR, WORDS), key=lambda w: (mean(firsts, *w), -sum(w)))
    later = max(LATER, key=lambda share: (mean(laters, vector, words, share), -share))
    report = {name: {source: [len(s), *(round(accuracy(s, *w), 3) for w in ((0, 0), (vector, words, share)))] for source, s in scored.items()}
              for name, scored, share in (("first call", firsts, 1.0), ("later calls", laters, later))}
    print(json.dumps({"right tool [decisions, network alone, with fit]": report}), file=sys.stderr)
    return {"vector": vector, "words": words, "later": later}
