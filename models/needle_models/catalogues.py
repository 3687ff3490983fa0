# SPDX-License-Identifier: Apache-2.0
"""Catalogues of any size around a request: its right tools among strangers, or strangers only."""
from __future__ import annotations

import random
import re
from collections import defaultdict
from typing import Iterable, Sequence

from .bm25 import tool_text
from .call_language import name_as_words
from .packing import stems

ANSWERS_ANYTHING = re.compile(r"general knowledge|on the web|question answering", re.I)      # tools that any question may go to


def shuffled(rng: random.Random, items: list) -> list:
    return rng.sample(items, len(items))


def right_tools(row: dict) -> list[dict]:
    names = {a["name"] for a in row["answers"]}
    return [t for t in row["tools"] if t["name"] in names]


class Catalogues:
    """Strangers are drawn from the tools of `rows`, whose key `by` says which of them come from one place."""

    def __init__(self, rows: Iterable[dict], by: str):
        rows = list(rows)
        self.by = by
        self.pool = list({t["name"]: t for r in rows for t in r["tools"]}.values())
        self.words = [stems(f"{name_as_words(t['name'])} {t.get('description') or ''}") for t in self.pool]
        self.anything = {t["name"] for t in self.pool if ANSWERS_ANYTHING.search(str(t.get("description") or ""))}
        self.offered: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            self.offered[row.get(by)].update(t["name"] for t in row["tools"])

    def strangers(self, rng: random.Random, own: set[str], count: int, unfit: set[str]) -> list[dict]:
        """At most `count` tools, in whose names and descriptions are none of the stems `own`; none of the names `unfit`."""
        out: list[dict] = []
        for i in rng.sample(range(len(self.pool)), len(self.pool)):
            if len(out) >= count:
                break
            if self.pool[i]["name"] not in unfit and self.words[i].isdisjoint(own):
                out.append(self.pool[i])
        return out

    def among_strangers(self, rng: random.Random, row: dict, size: int) -> list[dict]:
        """The right tools of a row and strangers to them."""
        gold = right_tools(row)
        own = stems(" ".join(map(tool_text, gold)))
        return shuffled(rng, gold + self.strangers(rng, own, size - len(gold), {t["name"] for t in gold}))

    def strangers_only(self, rng: random.Random, row: dict, size: int, kept: Sequence[dict] = (), whole: bool = True,
                       own: set[str] = frozenset()) -> list[dict]:
        """The tools `kept`, and strangers to the tools that the request would have gone to and to the stems `own`. `whole`:
        none of the other tools of its place either, one of which may fit it."""
        unfit = self.anything | (self.offered[row.get(self.by)] if whole else set())
        own = own | stems(" ".join(map(tool_text, right_tools(row))))
        return shuffled(rng, [*kept, *self.strangers(rng, own, size - len(kept), unfit)])
