# SPDX-License-Identifier: Apache-2.0
"""Writes the vectors that the C++ tokenizer, names-as-words and prompt must reproduce (tests/golden):

    python -m needle_models.tokenizer_vectors --model <tokenizer.model> --data <folder> [--lines 1500]

tokenizer.bin         the packed tokenizer (tokenizer_bytes.py)
tokenizer.txt         per line: token ids, a tab, the text
words.txt             per line: a name, a tab, its words
unicode.txt           checksums over every code point: kinds, lower case, NFC
call_language.jsonl   per line: a tool set or a request with its blocks

Texts are written with every byte outside printable ASCII, and the backslash, as \\xHH: they hold NUL and malformed
UTF-8.
"""
from __future__ import annotations

import argparse
import json
import random
import unicodedata
from pathlib import Path
from typing import Iterator

from . import tokenizer_vectors_schemas as hand_made
from .call_language import DESC, QUERY, display_names, name_as_words, query_prefix_parts, tool_tokens
from .data_files import data_files, open_text, read_jsonl
from .tokenizer import Tokenizer
from .tokenizer_bytes import pack_tokenizer
from .unicode_tables import kind_of, lower_of

GOLDEN = Path(__file__).resolve().parents[2] / "tests/golden"
SPECIAL_TEXTS: list[str | bytes] = [
    "", " ", "  ", "   a", "a ", "a  b", " hello", "\u2581", "\u2581a", "a\u2581b", "a \u2581 b", "\0", "a\0b", "\n",
    "a\tb\r\n",
    "<tool> x", "<unk>", "<0x41>", "</s>", "<s>", "<pad>", "<r0>", "\x7f", "\x01\x02\x1f", "1234567890", "3.50",
    "-12",
    "\U0001F600", "I \u2764\ufe0f NY", "\U0001F468\u200D\U0001F469\u200D\U0001F467", "\u6f22\u5b57\u304b\u306a",
    "\uc548\ub155\ud558\uc138\uc694",
    "caf\u00e9", "cafe\u0301", "na\u00efve", "\ufeffabc", "\ufffd", "\u200b", "\u00a0", "\u0130stanbul",
    "\u0645\u0631\u062d\u0628\u0627",
    b"\xff", b"a\xffb", b"\xc3", b"\xc3(", b"\xe2\x82", b"\xe2\x82a", b"\xe2(\xa1", b"\xf0\x9f\x98", b"\xf0\x9f\x98a",
    b"\xed\xa0\x80", b"\xed\xb0\x80", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xc0\x80", b"\xe0\x80\x80",
    b"\xf0\x80\x80\x80", b"\x80", b"\xf5\x80\x80\x80", b"\xff\xfe", b"\xc1\xbf", b"\xf4\x8f\xbf\xbf", b"\xe2\x96",
    b"\xe2\x96\x81",
]
NAMES = [
    "getWeather", "get_weather", "weather.get", "Get-Weather", "GetHTTPStatus", "HTTPServer2", "getURLs", "v2API",
    "x1y2", "IOError",
    "a", "A", "aB", "AB", "ABc", "ABC", "_a_", "__", "", "-", "get__weather", "get weather", "caf\u00e9Ouvert",
    "cafe\u0301Ouvert",
    "\u00c9t\u00e9", "\u0130stanbul", "\u03a3\u03a3\u03a3", "stra\u00dfe", "STRASSE", "\u01c5x", "\u6f22\u5b57Name",
    "\u0928\u092e\u0938\u094d\u0924\u0947", "\u0661\u0662",
    "x\u00b2", "\u216b", "a\u0301B", "e\ufe0fX", "\U0001F600smile", "snake_case2", "camelCase2Go", "\u2160I",
    "\ufb01x", "\u1e9e", "get\u00a0it",
    "\u0391\u03b2\u0393", "\u0416\u0436\u0416", "a/b:c", "a\u2581b", "\u1100\u1161\u11a8X", "\u212bngstrom",
    "\u1f88x", "A\u0345",
]


def escaped(text: str | bytes) -> str:
    data = text.encode("utf-8") if isinstance(text, str) else text
    return "".join(chr(b) if 0x20 <= b < 0x7F and b != 0x5C else f"\\x{b:02x}" for b in data)


def fnv(values: Iterator[int]) -> int:
    """FNV-1a over 32-bit values; unicode_test.cc has the same."""
    state = 14695981039346656037
    for value in values:
        state = ((state ^ value) * 1099511628211) & 0xFFFFFFFFFFFFFFFF
    return state


def code_points() -> list[int]:
    return [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]


def sample(stream: Iterator[str], count: int, rng: random.Random) -> list[str]:
    """Reservoir sampling."""
    kept: list[str] = []
    for i, item in enumerate(stream):
        if i < count:
            kept.append(item)
        elif (at := rng.randrange(i + 1)) < count:
            kept[at] = item
    return kept


def random_texts(count: int, rng: random.Random) -> Iterator[str | bytes]:
    """Texts that no data has: any code point, any bytes, runs of spaces, spelled control symbols."""
    bytes_of = [b"\xe2\x96\x81", b" ", b"\xe2\x96", b"\x81", b"\xf0\x9f\x98\x80", b"\xf0\x9f", b"\xed\xa0\x80", b"a",
                b"\0", b"the "]
    for i in range(count):
        length = rng.randrange(1, 14)
        if i % 4 == 0:
            yield bytes(rng.randrange(256) for _ in range(length))
        elif i % 4 == 1:
            yield b"".join(rng.choice(bytes_of) for _ in range(length))
        elif i % 4 == 2:
            ranges = [(0, 0x20), (0x20, 0x7F), (0xA0, 0x3000), (0x4E00, 0x9FFF), (0x1F300, 0x1FAFF), (0, 0xD7FF)]
            yield "".join(chr(rng.randrange(*rng.choice(ranges))) for _ in range(length))
        else:
            yield "".join(rng.choice(["<s>", "</s>", "<tool>", "<0x41>", " ", "  ", "x", "\u2581", "1",
                                      "."]) for _ in range(length))


def data_texts(folder: Path, lines: int, rng: random.Random) -> Iterator[str]:
    """Requests, prose, names and descriptions, in equal parts from every file."""
    files = {part: data_files(folder, part, suffix) for part, suffix in
             (("train", "jsonl"), ("text", "txt"), ("schemas", "jsonl"))}
    each = max(1, lines // sum(map(len, files.values())))
    for path in files["train"]:
        yield from sample((row["query"] for row in read_jsonl(path)), each, rng)
    for path in files["text"]:
        with open_text(path) as stream:
            yield from sample((line.rstrip("\n") for line in stream if 1 < len(line) < 400), each, rng)
    for path in files["schemas"]:
        texts = (t for row in read_jsonl(path) for t in (row["name"], row.get("description") or "") if len(t) < 400)
        yield from sample(texts, each, rng)


def write_tokenizer(model: Path, folder: Path, lines: int, rng: random.Random) -> None:
    tokenizer = Tokenizer(model)
    texts: list[str | bytes] = [*SPECIAL_TEXTS, " " * 100, "a" * 300, "ab " * 100]
    texts += [*random_texts(lines // 6, rng), *data_texts(folder, lines, rng)]
    with (GOLDEN / "tokenizer.txt").open("w") as out:
        for text in texts:
            print(" ".join(map(str, tokenizer.sp.encode(text))), escaped(text), sep="\t", file=out)
    (GOLDEN / "tokenizer.bin").write_bytes(pack_tokenizer(model))
    print(f"tokenizer.txt: {len(texts)} texts")


def write_words(folder: Path, rng: random.Random) -> None:
    names = list(NAMES)
    for path in data_files(folder, "schemas"):
        names += sample((key for row in read_jsonl(path) for key in
                         [row["name"], *(row.get("parameters") or {}).get("properties", {})]), 40, rng)
    alphabet = ("aAbBzZ019_-. \u00e9\u00c9e\u0301\u0130\u03a3\u03c3\u0416\u0436\u4e00\u00b2\u01c5\u0345\u1e9e\u0323"
                "\U0001F600")
    names += ["".join(rng.choice(alphabet) for _ in range(rng.randrange(1, 12))) for _ in range(400)]
    with (GOLDEN / "words.txt").open("w") as out:
        for name in dict.fromkeys(names):
            print(escaped(name), escaped(name_as_words(name)), sep="\t", file=out)
    with (GOLDEN / "unicode.txt").open("w") as out:
        nfc = (ord(d) for c in code_points() for d in unicodedata.normalize("NFC", "a" + chr(c) + "\u0323\u0301"))
        print("version", unicodedata.unidata_version, file=out)
        print("kinds", fnv(kind_of(c) for c in code_points()), file=out)
        print("lower", fnv(lower_of(c) for c in code_points()), file=out)
        print("nfc", fnv(nfc), file=out)


def tool_sets(folder: Path, count: int, rng: random.Random) -> Iterator[list[dict]]:
    """The hand-made sets, then sets of real tools: schemas of every origin, and sets as the training data has them."""
    yield from hand_made.TOOL_SETS
    for path in data_files(folder, "schemas"):
        for line in sample((json.dumps(row) for row in read_jsonl(path)), count // 7, rng):
            yield [json.loads(line)]
    for path in data_files(folder, "train"):
        if path.name.startswith(("schema_synthetic", "home_assistant", "sgd", "seal")):
            for line in sample((json.dumps(row["tools"]) for row in read_jsonl(path)), count // 40, rng):
                yield json.loads(line)


def tool_blocks(tools: list[dict], tokenizer: Tokenizer) -> list[dict]:
    shown = display_names(t["name"] for t in tools)
    return [{"shown": s, "tokens": tool_tokens(t, s, tokenizer.encode)} for t, s in zip(tools, shown)]


def query_block(request: dict, tokenizer: Tokenizer) -> list[int]:
    tokens: list[int] = []
    for part in query_prefix_parts(request.get("facts"), request.get("context", ())):
        tokens += [part] if isinstance(part, int) else tokenizer.encode(part)
    return [*tokens, QUERY, *tokenizer.encode(request["query"])]


def write_call_language(model: Path, folder: Path, count: int, rng: random.Random) -> None:
    tokenizer = Tokenizer(model)
    rows = 0
    with (GOLDEN / "call_language.jsonl").open("w") as out:
        for request in hand_made.REQUESTS:
            print(json.dumps({**request, "tokens": query_block(request, tokenizer)}), file=out)
            rows += 1
        for tools in tool_sets(folder, count, rng):
            tools = [{k: t[k] for k in ("name", "description", "parameters") if k in t} for t in tools]
            row = {"tools": tools, "blocks": tool_blocks(tools, tokenizer)}
            print(json.dumps(row, separators=(",", ":")), file=out)
            rows += 1
    print(f"call_language.jsonl: {rows} vectors")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--lines", type=int, default=1500)
    parser.add_argument("--tools", type=int, default=250)
    args = parser.parse_args()
    write_tokenizer(args.model, args.data, args.lines, random.Random(1))
    write_words(args.data, random.Random(2))
    write_call_language(args.model, args.data, args.tools, random.Random(3))


if __name__ == "__main__":
    main()
