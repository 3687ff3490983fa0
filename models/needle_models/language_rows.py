# SPDX-License-Identifier: Apache-2.0
"""Language pretraining in the call language's own shape: rows made of plain text, word meanings and schema descriptions.

    copy      a sentence is the request; a tool's arguments are named after the words beside some of its spans
    complete  half a sentence is the request; its context describes the tool, the argument is the other half
    gloss     a definition is the request, the defined word the tool, among other words
    describe  a description is the request, the bare tool it describes the answer; argument descriptions bring values

Rows have the form of the data folder, so they are packed and trained on like requests (packing.py).
"""
from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Iterator

from .call_language import name_as_words, parameters_of
from .data_files import data_files, open_text, read_jsonl
from .splits import TRAINING_TEXTS, HeldOut, service_is_held_out

# Share of a file's lines. Novels are old English; the requests of the training sets come later, and hold dev rows.
KEPT = {"english_novels_pd": 0.05, "ms_cpp_docs": 0.3, "open_english_wordnet": 0.0, **dict.fromkeys(TRAINING_TEXTS, 0.0)}
WORDNET = "open_english_wordnet"
SHARES = {"copy": 0.4, "complete": 0.15, "gloss": 0.15, "describe": 0.3}
DULL = set("the a an of to for in on at by with from and or is are was were be been it its this that these those as i you he she we they".split())


def text_lines(folder: str | Path, rng: random.Random, wordnet: bool, held_out: HeldOut) -> Iterator[str]:
    """Lines of text/, thinned; an empty one ends a document, or was held out. `wordnet`: only its lines."""
    for path in data_files(folder, "text", "txt"):
        name = path.name.split(".")[0]
        keep = float(name == WORDNET) if wordnet else KEPT.get(name, 1.0)
        if keep:
            with open_text(path) as stream:
                for line in stream:
                    if rng.random() < keep or not line.strip():
                        said = re.sub(r"^(User|Assistant): ", "", line.strip())
                        yield "" if held_out.stops_text(said) else said


class LanguageRows:
    def __init__(self, folder: str | Path, seed: int = 0):
        self.rng = random.Random(seed)
        self.pairs: list[tuple[str, str]] = []      # (what stands before, a sentence)
        held_out = HeldOut(folder)
        for line in text_lines(folder, self.rng, False, held_out):
            self.read(line)
        self.glosses = [g for g in map(gloss_of, text_lines(folder, self.rng, True, held_out)) if g]
        self.tools = [tool for path in data_files(folder, "schemas") for tool in read_jsonl(path)
                      if not service_is_held_out(str(tool.get("source", ""))) and len(str(tool.get("description", ""))) > 12]
        if not (self.pairs and self.tools):
            raise FileNotFoundError(f"{folder}: no sentences in text/, or no described tools in schemas/")
        self.kinds = {kind: share for kind, share in SHARES.items() if kind != "gloss" or self.glosses}

    def read(self, line: str) -> None:
        before = self.pairs[-1][1] if self.pairs and line else ""
        for sentence in re.split(r"(?<=[.!?]) +", line):
            if 5 <= sentence.count(" ") + 1 <= 28 and len(sentence) < 200:
                self.pairs.append((before, sentence))
            before = sentence[:160]

    def rows(self, count: int) -> Iterator[dict]:
        made = 0
        while made < count:
            row = getattr(self, self.rng.choices([*self.kinds], self.kinds.values())[0])()
            if row:
                made += 1
                yield row

    # --- kinds ---------------------------------------------------------------------------------------------------------

    def copy(self) -> dict | None:
        """One sentence, or two with a call each; now and then only tools of other sentences, which is a refusal."""
        rng = self.rng
        parts = [self.spans(rng.choice(self.pairs)[1]) for _ in range(2 if rng.random() < 0.12 else 1)]
        others = [self.spans(rng.choice(self.pairs)[1]) for _ in range(rng.choice((0, 1, 2, 3)))]
        if not all(parts):
            return None
        golds = [tool for _, tool, _ in parts]
        refused = rng.random() < 0.08
        tools = distinct([*([] if refused else golds), *(tool for _, tool, _ in filter(None, others))])
        if not tools or (not refused and tools[:len(golds)] != golds):
            return None
        answers = [] if refused else [{"name": tool["name"], "arguments": values} for _, tool, values in parts]
        return {"query": " ".join(s for s, _, _ in parts), "tools": tools, "answers": answers}

    def spans(self, sentence: str) -> tuple[str, dict, dict] | None:
        """-> (sentence, a tool whose keys are words beside spans of it, the spans by key)"""
        rng, words = self.rng, sentence.split(" ")
        keyed: dict[str, str] = {}
        at = rng.randint(0, 2)
        while at < len(words) - 1 and len(keyed) < 3:
            size, key_size = rng.randint(1, 4), rng.choice((1, 1, 2))
            before = name_as_words(" ".join(words[at:at + key_size]))
            span = " ".join(words[at + key_size:at + key_size + size]).strip(".,;:!?\"'()")
            if before and span and before not in keyed and "  " not in span:
                keyed[before] = span
            at += key_size + size + rng.randint(0, 4)
        content = [w for w in map(name_as_words, words) if len(w) > 3 and w not in DULL]
        if not keyed or not content:
            return None
        name = " ".join(dict.fromkeys(rng.sample(content, min(len(content), rng.choice((1, 2))))))
        parameters = {"type": "object", "properties": {key: {"type": "string"} for key in keyed},
                      "required": [key for key in keyed if rng.random() < 0.6]}
        return sentence, {"name": name, "parameters": parameters}, keyed

    def complete(self) -> dict | None:
        rng = self.rng
        before, sentence = rng.choice(self.pairs)
        words = sentence.split(" ")
        if not before or len(words) < 7:
            return None
        cut = rng.randint(3, len(words) - 3)
        tools = distinct([self.context(text) for text in (before, *(rng.choice(self.pairs)[0] for _ in range(rng.choice((0, 1, 2)))))])
        if not tools or tools[0]["description"] != before:
            return None
        return {"query": " ".join(words[:cut]), "tools": tools,
                "answers": [{"name": tools[0]["name"], "arguments": {"rest": " ".join(words[cut:cut + 12])}}]}

    def context(self, text: str) -> dict:
        return {"name": name_as_words(" ".join(text.split(" ")[:3])), "description": text,
                "parameters": {"type": "object", "properties": {"rest": {"type": "string"}}, "required": ["rest"]}}

    def gloss(self) -> dict:
        """Half of the time the other way round: an example sentence is the request, definitions describe the tools."""
        rng = self.rng
        chosen = rng.sample(self.glosses, min(len(self.glosses), rng.choice((2, 3, 4, 6, 8))))
        word, definition, example = chosen[0]
        by_example = bool(example) and rng.random() < 0.5
        tools = distinct([{"name": w, "description": d if by_example else ""} for w, d, _ in chosen])
        return {"query": example if by_example else definition, "tools": tools, "answers": [{"name": word, "arguments": {}}]}

    def describe(self) -> dict | None:
        rng = self.rng
        tool = rng.choice(self.tools)
        properties = parameters_of(tool).get("properties", {})
        plain = {k: p for k, p in properties.items() if isinstance(p, dict) and p.get("type") == "string" and "enum" not in p
                 and isinstance(p.get("description"), str) and "format" not in p}
        keys = rng.sample(sorted(plain), min(len(plain), rng.choice((0, 1, 1, 2))))
        arguments = {key: self.value() for key in keys}
        said = [f"{first_sentence(plain[key]['description'], 80)} {rng.choice(('', 'is ', '= '))}{value}" for key, value in arguments.items()]
        shown = rng.sample(sorted(plain), min(len(plain), 6))
        near = [rng.choice(self.tools) for _ in range(rng.choice((1, 2, 4)))]
        tools = distinct([bare(tool, dict.fromkeys([*keys, *shown])), *(bare(t, []) for t in near)])
        query = " ".join([first_sentence(str(tool["description"]), 120), *said])
        return {"query": query, "tools": tools, "answers": [{"name": tools[0]["name"], "arguments": arguments}]} if tools else None

    def value(self) -> str:
        """A few words of some sentence."""
        words = self.rng.choice(self.pairs)[1].split(" ")
        at = self.rng.randrange(len(words))
        return " ".join(words[at:at + self.rng.randint(1, 4)]).strip(".,;:!?\"'()") or "1"


def gloss_of(line: str) -> tuple[str, str, str] | None:
    """"word: definition. Also: a, b. Example: "..."" -> (word, definition, first example)"""
    match = re.match(r"([^:]{2,30}): (.{8,160}?)\.(?: |$)", line)
    example = re.search(r'Example: "([^"]{12,120})"', line)
    return (match[1], match[2], example[1] if example else "") if match and name_as_words(match[1]) else None


def bare(tool: dict, keys) -> dict:
    """Only the name, and arguments without descriptions."""
    return {"name": tool["name"], "parameters": {"type": "object", "properties": {key: {"type": "string"} for key in keys}}}


def first_sentence(text: str, limit: int) -> str:
    return re.split(r"(?<=[.!?]) ", re.sub(r"\s+", " ", text).strip())[0][:limit].rstrip(".")


def distinct(tools: list[dict]) -> list[dict]:
    """Tools whose names differ in words; those without any are left out."""
    by_words = {}
    for tool in tools:
        words = name_as_words(tool["name"])
        if words:
            by_words.setdefault(words, tool)
    return list(by_words.values())
