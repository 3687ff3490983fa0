# SPDX-License-Identifier: Apache-2.0
"""JSON Lines -> a tokenised pack on disk: every distinct tool once, every example's request and answer.

While packing, some rows are varied: a key becomes required, descriptions are left out, requests become speech. dataset.py
reads packs and makes batches of them.
"""
from __future__ import annotations

import hashlib
import json
import random
import re
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Iterable, Iterator

import numpy as np

from . import json_language
from .call_language import (QUERY, AnswerWriter, QueryTokens, canonical_keys, display_names, name_as_words, parameters_of,
                            query_prefix_parts, required_keys, tool_tokens)
from .data_files import data_files, read_jsonl, source_of
from .dataset import FAMILIES, GENERATED, TEXT
from .families import FamilyGenerator
from .generate import Generator
from .language_rows import LanguageRows
from .splits import UNSEEN_FAMILY_ROWS, UNSEEN_GENERATED, UNSEEN_SOURCES, UNSEEN_THINNED, Firewall, HeldOut, is_dev, is_of_unseen
from .tokenizer import Tokenizer

# How often an example of a source is packed (the weights of the mix): a third of the data is one assistant domain, and
# argument-free sets teach nothing but names.
SOURCE_SHARE = {"topv2": 0.55, "banking77": 0.6, "schema_synthetic": 0.9, "seal_tools_dev": 4, "glaive_demo": 4,
                "botframework_lu": 1.5, "home_assistant_templates": 2.0, "restaurant8k": 2.0}
MISSING_SHARE = 0.06       # examples in which a key that the request lacks is made required: `<val> <none>`
BARE_SHARE = 0.15          # tools shown without argument descriptions
SPOKEN_SHARE = 0.12        # requests in lower case without punctuation, as speech recognition gives them
FACTS_SHARE = 0.05         # requests that come with facts of the app
BEFORE_SHARE = 0.05        # requests that come with an earlier turn, which is about something else
GUARD_WORDS = 4            # the guard is a Bloom mask of 4 x 64 bits

COMMON = set("""a an the of to for in on at by with from and or is are be this that your my me you it its as all any new one
get set add list find search create make show update delete remove check fetch retrieve send start stop turn put post query
look up use given user name id value text request information info details data current item items specific based whether
if when what which how can will about into not no optional default string number example""".split())


def stems(text: str) -> set[str]:
    """Content words, crudely stemmed: two tools that share none are taken to be about different things."""
    words = re.findall(r"[a-z]{3,}", text.lower())
    return {re.sub(r"(ing|ed|es|s|e|er)$", "", w)[:7] for w in words if w not in COMMON}


def bloom(words: set[str]) -> np.ndarray:
    mask = np.zeros(GUARD_WORDS, np.uint64)
    for word in words:
        h = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=2).digest(), "little") % (64 * GUARD_WORDS)
        mask[h // 64] |= np.uint64(1 << (h % 64))
    return mask


class Packer:
    """Collects token arrays; `save` writes them as .npz."""

    def __init__(self, tokenizer: Tokenizer, seed: int, form: str = "compact"):
        """`form`: the config's `format`; "json" is for comparison only."""
        self.tokenizer, self.rng, self.form = tokenizer, random.Random(seed), form
        self.cache: dict[str, list[int]] = {}
        self.tool_index: dict[tuple, int] = {}
        self.tool_ids: list[np.ndarray] = []
        self.name_guard: list[np.ndarray] = []
        self.text_guard: list[np.ndarray] = []
        self.rows: list[tuple] = []
        self.sources: list[str] = []
        self.recent: list[str] = []
        self.refused = self.verbatim = self.copied = 0

    def encode(self, text: str) -> list[int]:
        ids = self.cache.get(text)
        if ids is None:
            ids = self.tokenizer.encode(text)
            if len(text) < 60:
                self.cache[text] = ids
        return ids

    def tool(self, tool: dict, shown: str) -> int:
        """Index of the tool's block, rendered once."""
        ids = tool_tokens(tool, shown, self.encode) if self.form == "compact" else json_language.tool_tokens(tool, self.tokenizer.encode)
        key = tuple(ids)
        index = self.tool_index.get(key)
        if index is None:
            index = self.tool_index[key] = len(self.tool_ids)
            self.tool_ids.append(np.array(ids, np.uint16))
            words = stems(name_as_words(tool["name"]))
            self.name_guard.append(bloom(words))
            self.text_guard.append(bloom(words | stems(str(tool.get("description", "")))))
        return index

    def add(self, row: dict, source: int, augment: bool) -> None:
        """One example. Rows that cannot be written in the call language are counted, not forced."""
        tools = [dict(t) for t in row["tools"]]
        by_name = {t["name"]: t for t in tools}
        missing: list[set[str]] | None = [set(row["missing"])] if row.get("missing") else None
        if augment:
            for tool in tools:
                if self.rng.random() < BARE_SHARE:
                    tool["parameters"] = without_descriptions(tool.get("parameters") or {})
            if missing is None and len(row["answers"]) == 1 and self.rng.random() < MISSING_SHARE:
                missing = [self.require_one(by_name[row["answers"][0]["name"]], row["answers"][0]["arguments"])]
            row = self.vary(row, by_name)
        shown = dict(zip(by_name, display_names(by_name)))
        query = QueryTokens(row["query"], self.tokenizer)
        writer = AnswerWriter(query, self.encode)
        try:
            writer.write(row["answers"], {n: (t, shown[n]) for n, t in by_name.items()}, missing)
            if self.form == "json":
                writer.ids, writer.classes = json_language.answer_tokens(row["answers"], missing, self.tokenizer.encode)
        except (ValueError, KeyError):
            self.refused += 1
            return
        prefix: list[int] = []
        for part in query_prefix_parts(row.get("facts"), row.get("before", ())):
            prefix += [part] if isinstance(part, int) else self.encode(part)
        query_ids = prefix + [QUERY] + query.ids
        if len(query_ids) > 160 or len(writer.ids) > 120:
            self.refused += 1
            return
        self.verbatim += writer.verbatim
        self.copied += writer.copied
        gold = {a["name"] for a in row["answers"]}
        indices = [self.tool(t, shown[n]) for n, t in by_name.items()]
        golds = [i for i, n in zip(indices, by_name) if n in gold]
        others = [i for i, n in zip(indices, by_name) if n not in gold]
        self.rows.append((np.array(query_ids, np.uint16), np.array(writer.ids, np.uint16), np.array(writer.classes, np.uint8),
                          np.array(golds, np.int32), np.array(others, np.int32), source))

    def vary(self, row: dict, tools: dict[str, dict]) -> dict:
        """The request as speech, with facts, or after an earlier turn, now and then."""
        if self.rng.random() < SPOKEN_SHARE:
            row = spoken(row, tools) or row
        if self.rng.random() < FACTS_SHARE:
            year, month, day = self.rng.randint(2023, 2029), self.rng.randint(1, 12), self.rng.randint(1, 28)
            row = {**row, "facts": {"date": f"{year}-{month:02}-{day:02}"}}
        if self.rng.random() < BEFORE_SHARE and self.recent:
            row = {**row, "before": [self.rng.choice(self.recent)]}
        if len(row["query"]) < 80:
            self.recent = [*self.recent[-50:], row["query"]]
        return row

    def require_one(self, tool: dict, arguments: dict) -> set[str]:
        """Makes one top-level key that the call lacks required; -> {that key}, or {} when there is none."""
        parameters = parameters_of(tool)
        free = [k for k in canonical_keys(parameters) if k not in arguments and k not in required_keys(parameters)]
        if not free:
            return set()
        key = self.rng.choice(free)
        required = [*required_keys(parameters), key]
        if self.rng.random() < 0.7:      # what the request does state is usually required as well
            required = list(dict.fromkeys([*required, *(k for k in arguments if self.rng.random() < 0.7)]))
        tool["parameters"] = {**parameters, "required": required}
        return {key}

    def arrays(self, rows: list[tuple]) -> dict[str, np.ndarray]:
        """What a file of these rows holds: the tools that they use, each ragged array as (values, offsets)."""
        def join(arrays: list[np.ndarray], dtype) -> tuple[np.ndarray, np.ndarray]:
            offsets = np.zeros(len(arrays) + 1, np.int64)
            np.cumsum([len(a) for a in arrays], out=offsets[1:])
            return (np.concatenate(arrays).astype(dtype) if arrays else np.zeros(0, dtype)), offsets

        used = np.unique(np.concatenate([*(r[3] for r in rows), *(r[4] for r in rows), np.zeros(0, np.int32)]))
        place = np.zeros(len(self.tool_ids), np.int32)
        place[used] = np.arange(len(used))
        out: dict[str, np.ndarray] = {}
        out["tool"], out["tool_at"] = join([self.tool_ids[t] for t in used], np.uint16)
        for i, name in enumerate(("query", "answer", "class", "gold", "other")):
            dtype = (np.uint16, np.uint16, np.uint8, np.int32, np.int32)[i]
            out[name], out[name + "_at"] = join([place[r[i]] if name in ("gold", "other") else r[i] for r in rows], dtype)
        out["source"] = np.array([r[5] for r in rows], np.uint8)
        out["name_guard"], out["text_guard"] = (np.array([g[t] for t in used], np.uint64).reshape(-1, GUARD_WORDS)
                                                for g in (self.name_guard, self.text_guard))
        out["sources"] = np.array(self.sources)
        return out

    def save(self, path: Path, max_bytes: int = 0) -> list[Path]:
        """Writes the pack; over `max_bytes`: as `name.0.npz`, `name.1.npz`, ... of fewer bytes each, every n-th row in one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        parts = 1
        while True:
            files = [path] if parts == 1 else [path.with_suffix(f".{i}.npz") for i in range(parts)]
            for i, file in enumerate(files):
                np.savez_compressed(file, **self.arrays(self.rows[i::parts]))
            largest = max(f.stat().st_size for f in files)
            if not max_bytes or largest <= max_bytes:
                return files
            for file in files:
                file.unlink()
            if parts >= len(self.rows):
                raise ValueError(f"{path}: one example takes more than {max_bytes} bytes")
            parts = min(len(self.rows), max(parts + 1, parts * -(-largest // max_bytes)))

    def finish(self, path: Path, max_bytes: int, stopped: int) -> None:
        """Saves, and prints what became of the rows."""
        files = self.save(path, max_bytes)
        print(json.dumps({"examples": len(self.rows), "left_out": self.refused, "tools": len(self.tool_ids),
                          "stopped_by_firewall": stopped, "verbatim_values": self.verbatim,
                          "copied_token_for_token": round(self.copied / max(1, self.verbatim), 4),
                          "files": {f.name: f.stat().st_size for f in files}}))


def spoken(row: dict, tools: dict[str, dict]) -> dict | None:
    """Lower case, no punctuation at the ends of words; None where a value would no longer be what was said."""
    def plain(text: str) -> str:
        return re.sub(r"[.,!?;:]+(?=\s|$)", "", text).lower()

    answers = []
    for call in row["answers"]:
        properties = parameters_of(tools[call["name"]]).get("properties", {})
        arguments = {}
        for key, value in call["arguments"].items():
            if isinstance(value, str) and "enum" not in properties.get(key, {}):
                if value not in row["query"]:
                    return None
                value = plain(value)
            elif isinstance(value, (list, dict)):
                return None
            arguments[key] = value
        answers.append({**call, "arguments": arguments})
    return {**row, "query": plain(row["query"]), "answers": answers}


def without_descriptions(schema: dict) -> dict:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return schema
    return {**schema, "properties": {k: {a: b for a, b in v.items() if a != "description"} if isinstance(v, dict) else v
                                     for k, v in properties.items()}}


def made_rows(folder: str | Path, part: str, count: int, families: Path, seed: int = 0) -> Iterator[dict]:
    """Requests that are made: from the schemas (generate.py), the families (families.py) or plain text (language_rows.py)."""
    generator = {GENERATED: lambda: Generator(folder, seed), FAMILIES: lambda: FamilyGenerator(families, seed),
                 TEXT: lambda: LanguageRows(folder, seed)}[part]()
    return generator.rows(count)


def pack_made(folder: str | Path, tokenizer: Tokenizer, output: str | Path, part: str, rows: Iterable[dict], max_bytes: int = 0) -> None:
    """The same for rows that are made; those of eval/ are stopped here, too."""
    packer = Packer(tokenizer, seed=0)
    packer.sources.append(part)
    firewall = Firewall(folder)
    for row in rows:
        if not firewall.stops(row["query"]):
            packer.add(row, 0, augment=part != TEXT)
    packer.finish(Path(output), max_bytes, firewall.stopped)


def is_hard(row: dict) -> bool:
    """What the last phase dwells on: several calls, three arguments or more, lists and objects, refusals of many tools."""
    calls = row["answers"]
    return (len(calls) > 1 or any(len(c["arguments"]) > 2 for c in calls) or (not calls and len(row["tools"]) > 2)
            or any(isinstance(v, (list, dict)) for c in calls for v in c["arguments"].values()))


def pack(folder: str | Path, tokenizer: Tokenizer, output: str | Path, part: str = "train", share: float = 1.0,
         seed: int = 0, families: Path = Path("families"), max_bytes: int = 0) -> None:
    """Tokenises a part of the data folder into `output` (.npz): 'train', 'hard' (its hard rows), 'dev' (its held-out
    rows), 'unseen' (a source and services that training never meets) or 'eval'."""
    packer, start = Packer(tokenizer, seed), time.time()
    trained = part in ("train", "hard")
    firewall = Firewall(folder) if trained else None
    held_out = HeldOut(folder) if trained else None
    for source, rows in source_rows(folder, "train" if trained else part, families):
        packer.sources.append(source)
        times = SOURCE_SHARE.get(source, 1.0) * share if trained else 1.0
        before = len(packer.rows)
        for row in rows:
            if trained and (firewall.stops(row["query"]) or held_out.stops(row)):
                continue
            if part == "hard" and not is_hard(row):
                continue
            repeat = int(times) + (packer.rng.random() < times % 1)
            for _ in range(repeat):
                packer.add(row, len(packer.sources) - 1, augment=trained)
        print(f"{source}: {len(packer.rows) - before} examples, {len(packer.tool_ids)} tools, {time.time() - start:.0f} s",
              file=sys.stderr)
    if trained:
        print(f"{held_out.stopped} rows hold something of dev or unseen", file=sys.stderr)
    packer.finish(Path(output), max_bytes, firewall.stopped if trained else 0)


def source_rows(folder: str | Path, part: str, families: Path) -> Iterator[tuple[str, Iterable[dict]]]:
    """(source, its rows of that part) for each file."""
    for path in data_files(folder, "eval" if part == "eval" else "train"):
        source = source_of(path)
        if part == "eval":
            yield source, read_jsonl(path)
        elif (part == "unseen") == (source in UNSEEN_SOURCES):
            if part == "unseen":
                yield source, islice(read_jsonl(path), 0, None, UNSEEN_THINNED)
            else:
                yield source, (row for row in read_jsonl(path) if is_dev(row) == (part == "dev") and not is_of_unseen(row))
    if part == "unseen":
        yield GENERATED, Generator(folder, seed=1, held_out=True).rows(UNSEEN_GENERATED)
        yield FAMILIES, FamilyGenerator(families, seed=1, held_out=True).rows(UNSEEN_FAMILY_ROWS)
