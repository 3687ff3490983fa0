# SPDX-License-Identifier: Apache-2.0
"""What an example must hold before it may teach: calls that fit their schemas, and evidence in the request for every value."""
from __future__ import annotations

import re
from typing import Any

from .call_language import name_as_words, parameters_of, required_keys, resolve, schema_type
from .families import mismatch, number_in_words


def problems(row: dict) -> list[str]:
    """Why a row ({query, tools, answers}) is not fit to train on, each with its place; [] when it is."""
    tools = {t.get("name"): t for t in row["tools"]}
    out = []
    for i, call in enumerate(row["answers"]):
        where = f"answers[{i}]"
        if not isinstance(call, dict) or call.get("name") not in tools or not isinstance(call.get("arguments"), dict):
            out.append(f"{where}: no call of an offered tool")
            continue
        tool = tools[call["name"]]
        out += object_problems(call["arguments"], parameters_of(tool), tool.get("parameters") or {}, row["query"], where)
    return out


def object_problems(values: dict, schema: dict, root: dict, query: str, where: str) -> list[str]:
    properties = schema.get("properties", {})
    out = [f"{where}: {key} is required" for key in sorted(required_keys(schema) - set(values))]
    for key, value in values.items():
        if key not in properties:
            out.append(f"{where}.{key}: not in the schema")
        else:
            out += value_problems(key, value, resolve(properties[key], root), root, query, f"{where}.{key}")
    return out


def value_problems(key: str, value: Any, schema: dict, root: dict, query: str, where: str) -> list[str]:
    wrong = [f"{where}: {problem}" for problem in mismatch(value, schema)]
    if wrong:
        return wrong
    if isinstance(value, dict):
        return object_problems(value, schema, root, query, where)
    if isinstance(value, list):
        return [p for i, item in enumerate(value)
                for p in value_problems(key, item, resolve(schema.get("items"), root), root, query, f"{where}[{i}]")]
    return [] if evidence(key, value, schema, query) else [f"{where}: {value!r} does not stand in the request"]


def evidence(key: str, value: Any, schema: dict, query: str) -> bool:
    """Whether the request says the value: free text verbatim but for case, a number in digits or words, a value of an
    enum by one of its words, a boolean by a word of its argument's name."""
    text = query.casefold()
    if isinstance(value, bool):
        return bool(stems_of(name_as_words(key)) & stems_of(text))
    if isinstance(value, (int, float)):
        numbers = {float(n.replace(",", "")) for n in re.findall(r"-?\d[\d,]*(?:\.\d+)?", text)}
        in_words = isinstance(value, int) and 0 <= value < 100 and re.search(rf"\b{number_in_words(value)}\b", text)
        return float(value) in numbers or bool(in_words)
    if value is None:
        return True
    if schema.get("enum"):
        return value.casefold() in text or bool(stems_of(name_as_words(value)) & stems_of(text))
    return bool(value) and value.casefold() in text and schema_type(schema) == "string"


def stems_of(text: str) -> set[str]:
    return {re.sub(r"(ing|ed|es|s|e)$", "", w) for w in re.findall(r"\w{2,}", text)}
