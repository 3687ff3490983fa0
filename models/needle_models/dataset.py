# SPDX-License-Identifier: Apache-2.0
"""Data: JSON Lines -> a tokenised pack on disk -> batches cut by tokens.

`pack` renders every distinct tool once and every example's request and answer; `BatchMaker` draws examples, decides
which of their tools are present, lends tools between the examples of a batch where they certainly do not fit, and lays
the distinct ones out flat.
"""
from __future__ import annotations

import hashlib
import json
import random
import re
import sys
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Iterable, Iterator

import numpy as np
import torch

from .architecture import Batch
from .call_language import (AnswerWriter, DESC, MAX_QUERY_TOKENS, QUERY, QueryTokens, W_DECISION, W_NAME, W_STRUCTURE,
                            W_VALUE, canonical_keys, display_names, name_as_words, parameters_of, query_prefix_parts,
                            required_keys, tool_tokens)
from .data_files import data_files, read_jsonl, source_of
from .families import FamilyGenerator
from .generate import Generator
from .splits import UNSEEN_FAMILY_ROWS, UNSEEN_GENERATED, UNSEEN_SOURCES, UNSEEN_THINNED, Firewall, held_out_descriptions, is_dev
from .tokenizer import BOS, Tokenizer

# A weight is a prior: trained with w, the network says p(token) * w(token). Tokens that compete for one place must
# therefore weigh the same: with </s> at 4 and <arg> at 0.5, arguments were left out and values ran on.
LOSS_WEIGHT = {W_STRUCTURE: 1.0, W_DECISION: 1.0, W_NAME: 1.0, W_VALUE: 1.0}

# How often an example of a source is packed (the weights of the mix): a third of the data is one assistant domain, and
# argument-free sets teach nothing but names.
SOURCE_SHARE = {"topv2": 0.55, "banking77": 0.6, "schema_synthetic": 0.9, "seal_tools_dev": 4, "glaive_demo": 4,
                "botframework_lu": 1.5, "home_assistant_templates": 2.0, "restaurant8k": 2.0}
MISSING_SHARE = 0.06       # examples in which a key that the request lacks is made required: `<val> <none>`
BARE_SHARE = 0.15          # tools shown without argument descriptions
SPOKEN_SHARE = 0.12        # requests in lower case without punctuation, as speech recognition gives them
FACTS_SHARE = 0.05         # requests that come with facts of the app
BEFORE_SHARE = 0.05        # requests that come with an earlier turn, which is about something else
GENERATED, FAMILIES = "generated", "families"
MAX_CONTEXT = 512          # tokens of tools that lending fills an example's context to; the longest sets a batch's cost
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
    """Collects token arrays; `save` writes one .npz."""

    def __init__(self, tokenizer: Tokenizer, seed: int):
        self.tokenizer, self.rng = tokenizer, random.Random(seed)
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
        ids = tool_tokens(tool, shown, self.encode)
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

    def save(self, path: Path) -> None:
        def join(arrays: list[np.ndarray], dtype) -> tuple[np.ndarray, np.ndarray]:
            offsets = np.zeros(len(arrays) + 1, np.int64)
            np.cumsum([len(a) for a in arrays], out=offsets[1:])
            return (np.concatenate(arrays).astype(dtype) if arrays else np.zeros(0, dtype)), offsets

        out: dict[str, np.ndarray] = {}
        out["tool"], out["tool_at"] = join(self.tool_ids, np.uint16)
        for i, name in enumerate(("query", "answer", "class", "gold", "other")):
            dtype = (np.uint16, np.uint16, np.uint8, np.int32, np.int32)[i]
            out[name], out[name + "_at"] = join([r[i] for r in self.rows], dtype)
        out["source"] = np.array([r[5] for r in self.rows], np.uint8)
        out["name_guard"], out["text_guard"] = np.array(self.name_guard), np.array(self.text_guard)
        out["sources"] = np.array(self.sources)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, **out)


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


def pack_generated(folder: str | Path, tokenizer: Tokenizer, output: str | Path, count: int, seed: int = 0,
                   families: Path | None = None) -> None:
    """The same for requests that are made: from the schemas (generate.py), or from the families (families.py)."""
    packer = Packer(tokenizer, seed)
    packer.sources.append(FAMILIES if families else GENERATED)
    firewall = Firewall(folder)
    generator = FamilyGenerator(families, seed) if families else Generator(folder, seed)
    for row in generator.rows(count):
        if not firewall.stops(row["query"]):
            packer.add(row, 0, augment=True)
    packer.save(Path(output))
    print(json.dumps({"examples": len(packer.rows), "left_out": packer.refused, "tools": len(packer.tool_ids),
                      "stopped_by_firewall": firewall.stopped}))


def pack(folder: str | Path, tokenizer: Tokenizer, output: str | Path, part: str = "train", share: float = 1.0,
         seed: int = 0, families: Path = Path("families")) -> None:
    """Tokenises a part of the data folder into `output` (.npz): 'train', 'dev' (its held-out rows), 'unseen' (a source
    and services that training never meets) or 'eval'."""
    packer, start = Packer(tokenizer, seed), time.time()
    firewall = Firewall(folder) if part == "train" else None
    held_out = held_out_descriptions(folder) if part == "train" else set()
    for source, rows in source_rows(folder, part, families):
        packer.sources.append(source)
        times = SOURCE_SHARE.get(source, 1.0) * share if part == "train" else 1.0
        before = len(packer.rows)
        for row in rows:
            if firewall and (firewall.stops(row["query"]) or any(t.get("description") in held_out for t in row["tools"])):
                continue
            repeat = int(times) + (packer.rng.random() < times % 1)
            for _ in range(repeat):
                packer.add(row, len(packer.sources) - 1, augment=part == "train")
        print(f"{source}: {len(packer.rows) - before} examples, {len(packer.tool_ids)} tools, {time.time() - start:.0f} s",
              file=sys.stderr)
    packer.save(Path(output))
    print(json.dumps({"examples": len(packer.rows), "left_out": packer.refused, "tools": len(packer.tool_ids),
                      "stopped_by_firewall": firewall.stopped if firewall else 0, "verbatim_values": packer.verbatim,
                      "copied_token_for_token": round(packer.copied / max(1, packer.verbatim), 4)}))


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
                yield source, (row for row in read_jsonl(path) if is_dev(row) == (part == "dev"))
    if part == "unseen":
        yield GENERATED, Generator(folder, seed=1, held_out=True).rows(UNSEEN_GENERATED)
        yield FAMILIES, FamilyGenerator(families, seed=1, held_out=True).rows(UNSEEN_FAMILY_ROWS)


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
        chosen: list[tuple[int, list[int], bool]] = []      # (example, its tools, gold dropped?)
        used: dict[int, int] = {}
        tokens, n = 0, start
        tool_at = self.pack.arrays["tool_at"]
        while len(chosen) < self.examples:
            i = self.example_at(n)
            gold, other = self.pack.get("gold", i).tolist(), self.pack.get("other", i).tolist()
            rng.shuffle(other)
            if gold and other and rng.random() < self.drop_gold:
                tools, dropped = other[:4], True
            elif gold:
                near = self.pack.arrays["sources"][self.pack.arrays["source"][i]] in (GENERATED, FAMILIES)
                # A tool encoded for one example costs time, one lent by another example nothing: few of its own, unless
                # they are near misses.
                tools, dropped = gold + other[:rng.choice((0, 1, 1, 2, 3, 4) if near else (0, 0, 0, 1, 1, 2))], False
            else:
                tools, dropped = other[:rng.choice((1, 2, 3, 4, 5, 8))], False
            cost = sum(int(tool_at[t + 1] - tool_at[t]) for t in tools if t not in used) + len(self.pack.get("query", i))
            if chosen and tokens + cost > self.max_tokens:
                break
            tokens += cost
            for t in tools:
                used.setdefault(t, len(used))
            chosen.append((i, tools, dropped))
            n += 1
        return self.assemble(chosen, list(used), rng), n

    def assemble(self, chosen: list[tuple[int, list[int], bool]], tools: list[int], rng: random.Random) -> Batch:
        get, arrays = self.pack.get, self.pack.arrays
        names, texts = arrays["name_guard"][tools], arrays["text_guard"][tools]
        sizes = [int(arrays["tool_at"][t + 1] - arrays["tool_at"][t]) for t in tools]
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
                rng.shuffle(free)
                room = MAX_CONTEXT - sum(sizes[k] for k in context)
                for k in free[:rng.randint(0, self.lend)]:
                    if sizes[k] <= room:
                        context, room = [*context, k], room - sizes[k]
            contexts.append(context)
        return lay_out([arrays["tool"][arrays["tool_at"][t]:arrays["tool_at"][t + 1]]
                        for t in tools], contexts,
                       [get("query", i) for i, _, _ in chosen],
                       [refusal() if dropped else (get("answer", i), get("class", i)) for i, _, dropped in chosen],
                       positive, negative)


def refusal() -> tuple[np.ndarray, np.ndarray]:
    from .call_language import EOS, NONE
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
    return Batch(flat=t(flat), position=t(np.concatenate([np.arange(n) for n in lengths])), groups=groups, context=t(context), context_mask=t(context_mask), query=t(query), query_mask=t(query_mask),
                 target_in=t(target_in), target=t(target), weight=t(weight), block=t(np.repeat(np.arange(len(blocks)), lengths)),
                 tool_block=t(place[:len(tools)]), query_block=t(place[len(tools):]), positive=t(positive), negative=t(negative))


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
