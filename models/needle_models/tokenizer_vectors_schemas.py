# SPDX-License-Identifier: Apache-2.0
"""Hand-made tools and requests for tests/golden/call_language.jsonl: one per rule of the tool and query blocks."""
from __future__ import annotations

from typing import Any


def tool(name: str, properties: dict[str, Any] | None = None, required: list[str] | None = None,
         description: str = "",
         **rest: Any) -> dict:
    parameters: dict[str, Any] = {"type": "object", "properties": properties or {}, **rest}
    if required is not None:
        parameters["required"] = required
    return {"name": name, "description": description, "parameters": parameters}


def nested(depth: int) -> dict:
    schema: dict[str, Any] = {"type": "string", "description": "the innermost"}
    for level in range(depth, 0, -1):
        schema = {"type": "object", "properties": {f"level{level}": schema, "aside": {"type": "integer"}},
                  "required": ["aside"]}
    return schema


SENTENCE = "Sets the brightness of a lamp. "
TOOL_SETS: list[list[dict]] = [
    [{"name": "ping"}],
    [{"name": "ping", "description": "  Sends\n a\tping.  "}],
    [{"name": "ping", "parameters": {}}],
    [{"name": "__", "description": ""}],
    [tool("getWeather", {"cityName": {"type": "string", "description": "Name of the city"}}, ["cityName"],
          "Weather now")],
    # order: required first, then by the bytes of the key; upper case sorts before lower, non-ASCII last
    [tool("order", {k: {"type": "string"} for k in ("b", "a", "Z", "\u00e9", "z", "_", "1")}, ["z", "b"])],
    # collisions: all of those who share their words keep their exact text, tools and keys alike
    [tool("get_weather"), tool("getWeather"), tool("weather.get"), tool("--"), tool("get weather now")],
    [tool("keys", {"fromDate": {}, "from_date": {"type": "integer"}, "FromDates": {}, "$": {},
                   "from date": {"type": "boolean"}})],
    [tool("\u00c9t\u00e9Heure", {"pr\u00e9nomUsager": {"type": "string"}, "\u6f22\u5b57": {"type": "number"},
                                 "\U0001F600": {}})],
    [tool("cafe\u0301"), tool("caf\u00e9")],
    # cutting: 160 code points of a tool's description, 100 of an argument's, at a sentence, a word, or hard
    [tool("cut1", {}, None, SENTENCE * 9)],
    [tool("cut2", {}, None, "word " * 60)],
    [tool("cut3", {}, None, "x" * 400)],
    [tool("cut4", {}, None, "x" * 159 + "!" + " y")],
    [tool("cut5", {}, None, "x" * 160 + ". y")],
    [tool("cut6", {}, None, "Hm. " + "y" * 300)],
    [tool("cut7", {}, None, "\u00e9" * 130 + "? " + "\u6f22 " * 40)],
    [tool("cut8", {"a": {"type": "string", "description": SENTENCE * 5}, "b": {"description": "e.g. " * 40},
                   "c": {"type": "string", "description": "   "}, "d": {"type": "string", "description": 7}})],
    [tool("cut9", {"a": {"description": "x" * 25 + ". " + "y" * 99}, "b": {"description": "x" * 24 + ". " + "y" * 99},
                   "c": {"description": " " * 3 + "z" * 100 + "  "}, "d": {"description": "a\u00a0b\u2003c " * 20}})],
    # too many arguments, enum values and tokens
    [tool("many", {f"arg{i}": {"type": "string"} for i in range(40)}, ["arg39", "arg5"])],
    [tool("enums", {"e": {"type": "string", "enum": [f"v{i}" for i in range(60)]}})],
    [tool("long", {f"argument_number_{i}": {"type": "integer", "description": f"What argument {i} is for. " * 6}
                   for i in range(24)}, ["argument_number_7"], SENTENCE * 9)],
    [tool("longer", {f"argument_{i}": {"enum": [f"value number {j} of {i}" for j in range(24)]} for i in range(24)})],
    [tool("objects", {f"o{i}": {"type": "object", "description": "An object. " * 4, "properties": {
        f"p{j}": {"type": "string", "description": "A part of it. " * 3} for j in range(9)}} for i in range(6)})],
    # shapes
    [tool("types", {"i": {"type": "integer"}, "n": {"type": "number"}, "b": {"type": "boolean"},
                    "z": {"type": "null"}, "s": {}, "o": {"type": "object"}, "l": {"type": "array"},
                    "ls": {"type": "array", "items": {"type": "string"}},
                    "li": {"type": "array", "items": {"type": "integer", "minimum": 1}}})],
    [tool("formats", {f.replace("-", ""): {"type": "string", "format": f} for f in
                      ("date", "time", "date-time", "duration", "email", "uri", "uuid", "ipv4")})],
    [tool("inferred", {"o": {"properties": {"x": {"type": "string"}}}, "a": {"items": {"type": "boolean"}},
                       "e": {"enum": ["on", "off"]}, "c": {"const": "fixed"}, "t": {"type": ["null", "integer"]},
                       "u": {"type": ["number", "null"], "minimum": 0}})],
    [tool("enum kinds", {"m": {"enum": ["a", 1, 2.5, True, False, None, -3, 4.0]}, "one": {"const": 3},
                         "nulls": {"enum": [None], "type": ["string", "null"]},
                         "i": {"type": "integer", "enum": [3, 1, 2]}})],
    [tool("lists", {"e": {"type": "array", "items": {"enum": ["x", "y z"]}, "description": "Which"},
                    "l": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
                    "o": {"type": "array", "items": {"type": "object", "properties": {"k": {"type": "integer"}},
                                                     "required": ["k"]}}})],
    [tool("bounds", {"a": {"type": "integer", "minimum": 0, "maximum": 100}, "b": {"type": "number", "minimum": -1.5},
                     "c": {"type": "number", "maximum": 0.000012345},
                     "d": {"type": "integer", "minimum": -999999, "maximum": 1000000},
                     "e": {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10},
                     "f": {"type": "number", "exclusiveMinimum": 0.25, "maximum": 123456.75},
                     "g": {"type": "number", "minimum": 1e-7, "maximum": 999999.96},
                     "h": {"type": "number", "minimum": -0.0},
                     "i": {"type": "integer", "minimum": 1.0, "maximum": 2147483647},
                     "j": {"type": "number", "maximum": 33.3333333}})],
    [tool("any of", {"a": {"anyOf": [{"type": "null"}, {"type": "integer", "minimum": 2, "description": "inner"}],
                           "description": "outer"},
                     "b": {"oneOf": [{"type": "string", "format": "date"}, {"type": "integer"}],
                           "description": "outer"},
                     "c": {"anyOf": [{"enum": ["p", "q"]}, {"type": "null"}]}, "d": {"anyOf": [{"type": "null"}]},
                     "e": {"type": "string", "nullable": True, "description": "may be null"}})],
    [tool("refs", {"a": {"$ref": "#/$defs/place"}, "b": {"$ref": "#/$defs/place", "description": "its own"},
                   "c": {"type": "array", "items": {"$ref": "#/$defs/unit"}}}, ["b"],
          **{"$defs": {"place": {"type": "object", "description": "A place", "properties": {
              "unit": {"$ref": "#/$defs/unit"}, "x": {"type": "number"}}, "required": ["x"]},
              "unit": {"enum": ["m", "km"]}}})],
    [tool("all of", {"a": {"allOf": [{"type": "string"}, {"format": "email", "description": "Whom"}]},
                     "b": {"allOf": [{"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]},
                                     {"properties": {"y": {"type": "boolean"}}}], "description": "both"}}, ["a"])],
    [tool("top", {"a": {"type": "string"}}, allOf=[{"properties": {"b": {"type": "integer"}}, "required": ["b"]}])],
    *[[tool(f"depth{d}", {"root": nested(d)}, ["root"])] for d in range(1, 6)],
    [tool("ignored", {"a": {"type": "string", "title": "T", "default": "x", "examples": ["y"], "minLength": 2,
                            "pattern": "^a+$"}},
          None, "Annotations say nothing", additionalProperties=False)],
]

REQUESTS: list[dict] = [
    {"query": "dim the kitchen to 30%"}, {"query": ""}, {"query": " "}, {"query": "<query> \u2581 x"},
    {"query": "and tomorrow?", "context": ["what is the weather in Oslo?"]},
    {"query": "again", "context": ["first", "second \u00e9"], "facts": {"date": "2026-11-21", "zone": "Europe/Oslo"}},
    {"query": "wake me at 7", "facts": {"date": "Saturday 2026-11-21 04:00"}},
    {"query": "\U0001F600\u6f22\u5b57", "context": [""]}, {"query": "x " * 300},
    {"query": "word " * 200, "context": ["y " * 5]},
]
