# SPDX-License-Identifier: Apache-2.0
"""The call language ("compact"): what the network reads and writes instead of JSON.

This file is the reference that wasm/router/prompt.cc mirrors; tests/golden/call_language.json holds the vectors that
both must reproduce. A block is built as a list of *parts*: an int is a control token, a str is a segment that is
tokenised on its own. Grammar of the blocks (see models/README.md):

    tool   := <tool> name [<desc> text] field*
    field  := <arg> key [<req>] shape [<desc> text]
    shape  := (nothing: plain string) | <enum> v (<item> v)* | <type> t | <type> list shape | <obj> field* <end>
    query  := (<desc> fact)* (<desc> "before: " turn)* <query> text
    answer := (<call> name (<arg> key <val> value)*)+ </s> | <none> </s>
    value  := text | (<item> value)* <end> | <obj> (<arg> key <val> value)* <end> | <none>
"""
from __future__ import annotations

import json
import re
import unicodedata
from typing import Any, Iterable

# Control tokens; the same numbers as wasm/tokenizer/special_tokens.h.
EOS, BOS = 1, 2
TOOL, QUERY, CALL, ARG, VAL, DESC, TYPE, ENUM, ITEM, OBJ, END, NONE, REQ = range(4, 17)

MAX_TOOL_DESCRIPTION = 160   # code points
MAX_ARGUMENT_DESCRIPTION = 100
MAX_ARGUMENTS = 24           # per object, required first
MAX_ENUM_VALUES = 24
MAX_TOOL_TOKENS = 256
MAX_QUERY_TOKENS = 512
MAX_DEPTH = 4                # fields of the tool itself are depth 1
FORMATS = {"date", "time", "date-time", "duration", "email", "uri", "uuid", "ipv4"}

Part = int | str


# --- names -----------------------------------------------------------------------------------------------------------

def name_as_words(name: str) -> str:
    """`getHTTPStatus_v2` -> `get http status v2`: NFC, non letters/digits to spaces, case boundaries split, lower-case.

    Letters are Unicode category L*, digits N*; letter|digit is never split. Lower-casing maps each code point by itself
    (no final sigma), so that it does not depend on context.
    """
    out: list[str] = []
    text = unicodedata.normalize("NFC", name)
    kind = [_kind(c) for c in text]
    for i, c in enumerate(text):
        if kind[i] == " ":
            out.append(" ")
            continue
        if i and kind[i] == "U" and kind[i - 1] == "l":
            out.append(" ")      # lower|Upper
        elif i and kind[i] == "U" and kind[i - 1] == "U" and i + 1 < len(text) and kind[i + 1] == "l":
            out.append(" ")      # Upper|Upper-lower: HTTPServer -> http server
        out.append(c.lower())
    return re.sub(" +", " ", "".join(out)).strip(" ")


def _kind(c: str) -> str:
    category = unicodedata.category(c)
    if category == "Lu":
        return "U"
    if category == "Ll":
        return "l"
    return "x" if category[0] in "LN" else " "


def display_names(names: Iterable[str]) -> list[str]:
    """What the network sees for each name: its words, or its exact text where words are empty or shared."""
    names = list(names)
    words = [name_as_words(n) for n in names]
    return [w if w and words.count(w) == 1 else n for n, w in zip(names, words)]


# --- schemas ---------------------------------------------------------------------------------------------------------

def cut_text(text: str, limit: int) -> str:
    """ASCII white space collapsed and stripped; longer than `limit` code points: cut at a sentence, else at a word."""
    text = re.sub(r"[ \t\r\n\f\v]+", " ", text).strip(" ")
    if len(text) <= limit:
        return text
    for end in range(limit, limit // 4, -1):           # a sentence end: [.!?] followed by a space
        if text[end - 1] in ".!?" and text[end] == " ":
            return text[:end]
    space = text.rfind(" ", 1, limit + 1)
    return text[:space] if space > 0 else text[:limit]


def resolve(schema: Any, root: dict, hops: int = 0) -> dict:
    """Follows local `$ref`, merges `allOf`, takes the first non-null branch of anyOf/oneOf. {} for true."""
    if not isinstance(schema, dict):
        return {}
    if hops > 32:
        return {}
    if isinstance(schema.get("$ref"), str) and schema["$ref"].startswith("#"):
        target: Any = root
        for step in schema["$ref"].lstrip("#").strip("/").split("/"):
            step = step.replace("~1", "/").replace("~0", "~")
            target = target.get(step, {}) if isinstance(target, dict) else {}
        rest = {k: v for k, v in schema.items() if k != "$ref"}
        return {**resolve(target, root, hops + 1), **rest}
    for key in ("anyOf", "oneOf"):
        if isinstance(schema.get(key), list) and schema[key]:
            branches = [resolve(b, root, hops + 1) for b in schema[key]]
            first = next((b for b in branches if b.get("type") != "null"), branches[0])
            return {**first, **{k: v for k, v in schema.items() if k != key and k not in first}}
    if isinstance(schema.get("allOf"), list):
        merged = {k: v for k, v in schema.items() if k != "allOf"}
        for branch in schema["allOf"]:
            for k, v in resolve(branch, root, hops + 1).items():
                if k == "properties":
                    merged["properties"] = {**merged.get("properties", {}), **v}
                elif k == "required" and isinstance(v, list):
                    merged["required"] = list(dict.fromkeys([*merged.get("required", []), *v]))
                else:
                    merged.setdefault(k, v)
        return merged
    return schema


def schema_type(schema: dict) -> str:
    """The one type that the network is shown; inferred from enum, properties or items where absent."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((t for t in kind if t != "null"), "null")
    if isinstance(kind, str):
        return kind
    if "properties" in schema:
        return "object"
    return "array" if "items" in schema else "string"


def canonical_keys(schema: dict) -> list[str]:
    """Keys of an object schema: required first, then by the bytes of the key."""
    properties = schema.get("properties") if isinstance(schema.get("properties"), dict) else {}
    required = required_keys(schema)
    return sorted(properties, key=lambda k: (k not in required, k.encode("utf-8", "surrogatepass")))


def required_keys(schema: dict) -> set[str]:
    required = schema.get("required")
    return set(required) if isinstance(required, list) else set()


def enum_texts(schema: dict) -> list[str]:
    """Texts of the enum's (or const's) non-null values, at most MAX_ENUM_VALUES; [] when there is no enum."""
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    if not isinstance(values, list):
        return []
    return [scalar_text(v) for v in values if v is not None][:MAX_ENUM_VALUES]


def scalar_text(value: Any) -> str:
    """A scalar as the call language writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value)


def bounds_text(schema: dict, integer: bool) -> str:
    """` from a to b`; a bound of a million or more says nothing to the network and is left out."""
    def bound(inclusive: str, exclusive: str, step: int) -> float | None:
        value = schema.get(inclusive)
        if not _is_number(value):
            value = schema.get(exclusive)
            if not _is_number(value):
                return None
            value = value + step if integer else value
        return value if abs(value) < 1e6 else None

    low, high = bound("minimum", "exclusiveMinimum", 1), bound("maximum", "exclusiveMaximum", -1)
    text = "" if low is None else " from %.6g" % low
    return text if high is None else text + " to %.6g" % high


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def shape_parts(schema: Any, root: dict, depth: int) -> list[Part]:
    schema = resolve(schema, root)
    texts = enum_texts(schema)
    if texts:
        parts: list[Part] = [ENUM, texts[0]]
        for text in texts[1:]:
            parts += [ITEM, text]
        return parts
    kind = schema_type(schema)
    if kind in ("integer", "number"):
        return [TYPE, kind + bounds_text(schema, kind == "integer")]
    if kind in ("boolean", "null"):
        return [TYPE, kind]
    if kind == "array":
        return [TYPE, "list", *shape_parts(schema.get("items"), root, depth)]
    if kind == "object":
        if not schema.get("properties") or depth >= MAX_DEPTH:
            return [TYPE, "object"]
        return [OBJ, *field_parts(schema, root, depth + 1), END]
    if schema.get("format") in FORMATS:
        return [TYPE, schema["format"].replace("-", " ")]
    return []


def field_parts(schema: dict, root: dict, depth: int) -> list[Part]:
    """Fields of an object schema, in canonical order. The text of an argument's description starts with U+0000, which
    marks it as droppable for tool_tokens; the mark never reaches the tokenizer."""
    keys = canonical_keys(schema)
    shown = dict(zip(keys, display_names(keys)))
    required = required_keys(schema)
    parts: list[Part] = []
    for key in keys[:MAX_ARGUMENTS]:
        prop = schema["properties"][key]
        parts += [ARG, shown[key]]
        if key in required:
            parts.append(REQ)
        parts += shape_parts(prop, root, depth)
        described = resolve(prop, root)
        text = described.get("description")
        text = cut_text(text, MAX_ARGUMENT_DESCRIPTION) if isinstance(text, str) else ""
        if text:
            parts += [DESC, "\0" + text]
    return parts


def parameters_of(tool: dict) -> dict:
    parameters = tool.get("parameters")
    return resolve(parameters, parameters) if isinstance(parameters, dict) else {}


def tool_parts(tool: dict, shown: str) -> list[Part]:
    """The tool block; `shown` is the tool's display name in its set."""
    parts: list[Part] = [TOOL, shown]
    text = tool.get("description")
    text = cut_text(text, MAX_TOOL_DESCRIPTION) if isinstance(text, str) else ""
    if text:
        parts += [DESC, text]
    return parts + field_parts(parameters_of(tool), tool.get("parameters") or {}, 1)


def tool_tokens(tool: dict, shown: str, encode) -> list[int]:
    """Token ids of the tool block, at most MAX_TOOL_TOKENS: argument descriptions drop first, the last one first; then
    the block is cut off after the last whole part that fits."""
    pieces: list[list[int]] = []
    droppable: list[int] = []    # indices into pieces: <desc> and its text, as one piece
    for part in tool_parts(tool, shown):
        if isinstance(part, int):
            pieces.append([part])
        elif part.startswith("\0"):
            pieces[-1] = pieces[-1] + encode(part[1:])
            droppable.append(len(pieces) - 1)
        else:
            pieces.append(encode(part))
    total = sum(map(len, pieces))
    while total > MAX_TOOL_TOKENS and droppable:
        index = droppable.pop()
        total -= len(pieces[index])
        pieces[index] = []
    tokens: list[int] = []
    for piece in pieces:
        if len(tokens) + len(piece) > MAX_TOOL_TOKENS:
            break
        tokens += piece
    return tokens


# --- requests --------------------------------------------------------------------------------------------------------

def query_prefix_parts(facts: dict[str, str] | None = None, before: Iterable[str] = ()) -> list[Part]:
    """Facts in the order given, then earlier user turns, oldest first."""
    parts: list[Part] = []
    for key, value in (facts or {}).items():
        parts += [DESC, f"{key}: {value}"]
    for turn in before:
        parts += [DESC, f"before: {turn}"]
    return parts


# --- answers ---------------------------------------------------------------------------------------------------------

class QueryTokens:
    """A request with its tokens, from which verbatim values are copied token for token."""

    def __init__(self, text: str, tokenizer):
        self.text = text
        self.ids, self.spans = tokenizer.encode_with_offsets(text)
        self.ends = {end: i for i, (begin, end) in enumerate(self.spans) if end > begin}

    def copy(self, value: str) -> list[int] | None:
        """The request's own tokens for `value`, or None when it is not there or its ends fall inside tokens.

        The first token may bring one leading U+2581 (a space of the request, or the dummy prefix); a lone one directly
        before the value belongs to it.
        """
        at = self.text.find(value) if value else -1
        while at >= 0:
            last = self.ends.get(at + len(value))
            if last is not None:
                for first in range(last, -1, -1):
                    begin, end = self.spans[first]
                    if begin < at:
                        starts_with_space = begin == at - 1 and self.text[begin] == " "
                        if starts_with_space and (first < last or end > at):
                            return self.ids[first:last + 1]
                        break
                    if begin == at:
                        lone = first > 0 and self.spans[first - 1] == (at - 1, at) and self.text[at - 1] == " "
                        lone = lone or (first > 0 and at == 0)      # the dummy prefix as a token of its own
                        if not (first > 0 and self.spans[first - 1][0] == at):
                            return self.ids[first - lone:last + 1]
            at = self.text.find(value, at + 1)
        return None

    def number(self, value: float) -> str:
        """A number as the request writes it (without thousands separators), else in canonical form."""
        for match in re.finditer(r"-?\d[\d,]*(?:\.\d+)?", self.text):
            text = match.group().replace(",", "")
            if re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", text) and float(text) == float(value):
                return text
        return scalar_text(value)


# Weight classes of answer tokens; the trainer maps them to loss weights.
W_STRUCTURE, W_DECISION, W_NAME, W_VALUE = range(4)


class AnswerWriter:
    """Gold calls -> decoder tokens, with a weight class for each."""

    def __init__(self, query: QueryTokens, encode):
        self.query, self.encode = query, encode
        self.ids: list[int] = []
        self.classes: list[int] = []
        self.verbatim = self.copied = 0

    def put(self, ids: Iterable[int], weight: int) -> None:
        for i in ids:
            self.ids.append(i)
            self.classes.append(weight)

    def write(self, calls: list[dict], tools: dict[str, tuple[dict, str]], missing: list[set[str]] | None = None) -> None:
        """`tools`: name -> (tool, display name). `missing[i]`: required keys of call i that the request lacks."""
        for index, call in enumerate(calls):
            tool, shown = tools[call["name"]]
            self.put([CALL], W_DECISION)
            self.put(self.encode(shown), W_NAME)
            schema = parameters_of(tool)
            self.fields(call["arguments"], schema, tool.get("parameters") or {}, missing[index] if missing else set())
        if not calls:
            self.put([NONE], W_DECISION)
        self.put([EOS], W_DECISION)

    def fields(self, arguments: dict, schema: dict, root: dict, missing: set[str]) -> None:
        keys = canonical_keys(schema)
        shown = dict(zip(keys, display_names(keys)))
        unknown = set(arguments) - set(keys)
        if unknown:
            raise ValueError(f"arguments that the schema lacks: {sorted(unknown)}")
        for key in keys:
            if key in arguments or key in missing:
                self.put([ARG], W_STRUCTURE)
                self.put(self.encode(shown[key]), W_NAME)
                self.put([VAL], W_STRUCTURE)
                if key in arguments:
                    self.value(arguments[key], resolve(schema["properties"][key], root), root)
                else:
                    self.put([NONE], W_DECISION)

    def value(self, value: Any, schema: dict, root: dict) -> None:
        if isinstance(value, list):
            for item in value:
                self.put([ITEM], W_DECISION)
                self.value(item, resolve(schema.get("items"), root), root)
            self.put([END], W_DECISION)
        elif isinstance(value, dict):
            self.put([OBJ], W_STRUCTURE)
            if schema.get("properties"):
                self.fields(value, schema, root, set())
            else:
                for key, item in value.items():
                    self.put([ARG], W_STRUCTURE)
                    self.put(self.encode(key), W_VALUE)
                    self.put([VAL], W_STRUCTURE)
                    self.value(item, {}, root)
            self.put([END], W_DECISION)
        elif isinstance(value, (bool, type(None))) or enum_texts(schema):
            self.put(self.encode(scalar_text(value)), W_VALUE)
        elif isinstance(value, (int, float)):
            self.put(self.encode(self.query.number(value)), W_VALUE)
        else:
            copied = self.query.copy(value)
            if value and value in self.query.text:
                self.verbatim += 1
                self.copied += copied is not None
            self.put(self.encode(value) if copied is None else copied, W_VALUE)
