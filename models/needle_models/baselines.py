# SPDX-License-Identifier: Apache-2.0
"""What anyone could do without a network: always refuse; or BM25 for the tool and regular expressions for its arguments.

The second fills an argument from the request where its schema says how: enum values that stand there, numbers in their
order, e-mail addresses, dates, times, quoted and capitalised text; every answer is valid against the schema.
"""
from __future__ import annotations

import re
from typing import Any

from .bm25 import Bm25, tool_text
from .call_language import enum_texts, parameters_of, required_keys, resolve, schema_type

MIN_SCORE = 1.5        # chosen on held-out training rows; below it no tool fits
PATTERNS = {
    "email": r"[\w.+-]+@[\w-]+\.[\w.]+",
    "uri": r"https?://\S+",
    "date": r"\d{4}-\d{2}-\d{2}|tomorrow|today|tonight|(?:next |this )?(?:mon|tues|wednes|thurs|fri|satur|sun)day",
    "time": r"\d{1,2}(?::\d{2})? ?(?:am|pm)|\d{1,2}:\d{2}|noon|midnight",
}


def always_refuse(row: dict) -> list[dict]:
    return []


def words_and_patterns(row: dict) -> list[dict]:
    scores = Bm25([tool_text(t) for t in row["tools"]]).scores(row["query"])
    best = max(range(len(scores)), key=scores.__getitem__) if scores else None
    if best is None or (scores[best] < MIN_SCORE and len(scores) > 1):
        return []
    tool = row["tools"][best]
    arguments = fill(row["query"], parameters_of(tool))
    return [] if arguments is None else [{"name": tool["name"], "arguments": arguments}]


def fill(query: str, schema: dict) -> dict | None:
    """The arguments that patterns find; None where a required one is not found."""
    numbers = [float(n.replace(",", "")) for n in re.findall(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?![\w])", query)]
    spans = re.findall(r"[\"“']([^\"”']{2,})[\"”']", query) + re.findall(r"(?<!^)(?<![.!?] )\b[A-Z][\w']*(?: [A-Z][\w']*)*", query)
    arguments: dict[str, Any] = {}
    for key, prop in schema.get("properties", {}).items():
        value = find(query, key, resolve(prop, schema), numbers, spans)
        if value is not None:
            arguments[key] = value
        elif key in required_keys(schema):
            return None
    return arguments


def find(query: str, key: str, schema: dict, numbers: list[float], spans: list[str]) -> Any:
    texts = enum_texts(schema)
    if texts:
        said = query.lower()
        return next((v for v, t in zip(schema.get("enum", [schema.get("const")]), texts) if t.lower().replace("_", " ") in said), None)
    kind = schema_type(schema)
    if kind in ("integer", "number"):
        low, high = schema.get("minimum", -float("inf")), schema.get("maximum", float("inf"))
        fits = [n for n in numbers if low <= n <= high and (kind == "number" or n.is_integer())]
        if not fits:
            return None
        numbers.remove(fits[0])
        return int(fits[0]) if fits[0].is_integer() else fits[0]
    if kind != "string":
        return None
    hint = f"{key} {schema.get('format', '')} {schema.get('description', '')}".lower()
    for name, pattern in PATTERNS.items():
        if name in hint or (name == "uri" and "url" in hint):
            found = re.search(pattern, query, re.I)
            return found.group() if found else None
    return spans.pop(0) if spans else None
