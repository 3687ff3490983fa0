# SPDX-License-Identifier: Apache-2.0
"""What training must not see: rows to choose checkpoints on, families to judge them on, and the evaluation files.

Three splits besides eval/: `dev` is one request in 64 of every source (like the training rows); `unseen` is a source, 5%
of the schema services and five hand-written families that training never meets, tools and all; eval/ itself is read only for the table of a release.
"""
from __future__ import annotations

import hashlib
import re
from pathlib import Path

from .data_files import data_files, read_jsonl, source_of

UNSEEN_SOURCES = {"botframework_lu": "lu"}      # a file, and what the `source` of its rows says, in joined requests as well
UNSEEN_THINNED = 8           # of which one row in so many is judged
UNSEEN_GENERATED = 500       # API-style rows made from the services that are held out
UNSEEN_FAMILIES = {"home_garden_pets_kids", "market_homes_jobs", "work_robots_drones", "api_food_cocktails", "fn_kitchen_health"}
UNSEEN_FAMILY_ROWS = 500
SERVICES_HELD_OUT = 20       # one service in so many
NGRAM = 8
JOINED_SOURCES = {"multi_call"}      # made of requests of the others, which are trained on: its dev rows judge the joining
WITHIN_WORDS = 4
TRAINING_TEXTS = ("nlu_train_queries", "dialogues_sgd", "dialogues_star")      # of text/: requests of train/, dev among them


def is_dev(row: dict) -> bool:
    """One request in 64 (four values of its hash's first byte) is kept out of training for choosing checkpoints and fitting
    confidence. Not to be changed: a released model that training goes on from would have seen what then is dev."""
    return hashlib.blake2b(row["query"].lower().encode("utf-8", "replace"), digest_size=4).digest()[0] % 80 == 0


def is_of_unseen(row: dict) -> bool:
    """A request of an unseen source, or one that is joined of several, one of them from there ("multi:lu+ha")."""
    return not set(UNSEEN_SOURCES.values()).isdisjoint(re.split(r"[:+]", str(row.get("source", ""))))


def service_is_held_out(service: str) -> bool:
    return hashlib.blake2b(service.encode(), digest_size=4).digest()[0] % SERVICES_HELD_OUT == 0


def held_out_descriptions(folder: str | Path) -> set[str]:
    """Descriptions, `plain`, that only tools of held-out services have, and those of all right tools of an unseen source;
    rows that show such a tool are left out of training."""
    ours: set[str] = set()
    others: set[str] = set()
    for path in data_files(folder, "schemas"):
        for tool in read_jsonl(path):
            (ours if service_is_held_out(str(tool.get("source", ""))) else others).add(described(tool))
    ours -= others
    for path in data_files(folder, "train"):
        if source_of(path) in UNSEEN_SOURCES:
            for row in read_jsonl(path):
                names = {a["name"] for a in row["answers"]}
                ours.update(described(t) for t in row["tools"] if t["name"] in names)
    return ours - {""}


def described(tool: dict) -> str:
    return plain(str(tool.get("description") or ""))


class Phrases:
    """Texts that are found within others, in any case and whatever stands between words; those of fewer than WITHIN_WORDS
    words only where they are all of it."""

    def __init__(self) -> None:
        self.short: set[str] = set()
        self.by_start: dict[tuple[str, ...], set[str]] = {}

    def add(self, text: str) -> None:
        words = plain(text).split()
        if len(words) < WITHIN_WORDS:
            self.short.add(" ".join(words))
        else:
            self.by_start.setdefault(tuple(words[:WITHIN_WORDS]), set()).add(" ".join(words))

    def within(self, text: str) -> bool:
        words = plain(text).split()
        if len(words) < WITHIN_WORDS:
            return " ".join(words) in self.short
        starts = ((i, self.by_start.get(tuple(words[i:i + WITHIN_WORDS]), ())) for i in range(len(words) - WITHIN_WORDS + 1))
        return any(f"{' '.join(words[i:])} ".startswith(f"{phrase} ") for i, phrases in starts for phrase in phrases)


class HeldOut:
    """Stops what holds something of `dev` or of the unseen services and source: joined requests hold whole others, a longer
    turn of a dialogue the shorter ones, and pages of text the descriptions that schemas are made of."""

    def __init__(self, folder: str | Path):
        self.descriptions = held_out_descriptions(folder)
        self.dev, self.described = Phrases(), Phrases()
        self.stopped = 0
        for description in self.descriptions:
            self.described.add(description)
        for path in data_files(folder, "train"):
            for row in read_jsonl(path) if source_of(path) not in JOINED_SOURCES else ():
                if is_dev(row):
                    self.dev.add(row["query"])

    def stops(self, row: dict) -> bool:
        found = self.dev.within(row["query"]) or any(described(t) in self.descriptions for t in row["tools"])
        self.stopped += found
        return found

    def stops_text(self, text: str) -> bool:
        found = text != "" and (self.dev.within(text) or self.described.within(text))
        self.stopped += found
        return found


class Firewall:
    """Stops a request that shares 8 words in a row with a request of eval/ (whole requests of fewer words: all of them)."""

    def __init__(self, folder: str | Path):
        self.grams: set[tuple[str, ...]] = set()
        self.stopped = 0
        for path in data_files(folder, "eval"):
            for row in read_jsonl(path):
                self.grams.update(ngrams(row["query"]))

    def stops(self, text: str) -> bool:
        found = any(gram in self.grams for gram in ngrams(text))
        self.stopped += found
        return found


def plain(text: str) -> str:
    """The words alone, in lower case: what two spellings of one text share."""
    return " ".join(re.findall(r"\w+", text.lower()))


def ngrams(text: str) -> list[tuple[str, ...]]:
    words = plain(text).split()
    return [tuple(words[i:i + NGRAM]) for i in range(max(1, len(words) - NGRAM + 1))]
