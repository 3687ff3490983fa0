# SPDX-License-Identifier: Apache-2.0
"""Okapi BM25 over names and descriptions of tools: what retrieval and whole answers are compared with."""
from __future__ import annotations

import math
import re
from collections import Counter

from .call_language import name_as_words, parameters_of

K1, B = 1.2, 0.75      # the usual constants (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework")


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def tool_text(tool: dict) -> str:
    """Name, description and argument names."""
    keys = " ".join(name_as_words(k) for k in parameters_of(tool).get("properties", {}))
    return f"{name_as_words(tool['name'])} {tool.get('description') or ''} {keys}"


class Bm25:
    def __init__(self, documents: list[str]):
        self.counts = [Counter(words(d)) for d in documents]
        self.lengths = [sum(c.values()) for c in self.counts]
        self.mean = sum(self.lengths) / max(1, len(self.lengths))
        holds = Counter(w for c in self.counts for w in c)
        self.idf = {w: math.log(1 + (len(documents) - n + 0.5) / (n + 0.5)) for w, n in holds.items()}

    def scores(self, query: str) -> list[float]:
        terms = set(words(query))
        return [sum(self.idf[w] * c[w] * (K1 + 1) / (c[w] + K1 * (1 - B + B * n / self.mean)) for w in terms if w in c)
                for c, n in zip(self.counts, self.lengths)]
