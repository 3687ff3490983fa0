# SPDX-License-Identifier: Apache-2.0
"""Requests from hand-written families: tools that are near misses of one another, and sentences that people say to them.

`models/families/*.json`, one family each (models/README.md has the format). A sentence has slots for arguments; filled, it
is an example whose gold call holds exactly the slots it used. Rows have the form of the data folder plus `missing`.
"""
from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterator

from .call_language import enum_texts, parameters_of, required_keys, resolve, schema_type
from .splits import UNSEEN_FAMILIES

SLOT = re.compile(r"\{([^{}]+)\}")
SPACES = ("", *" ,.?!;:()'\"")       # what may stand beside a number in words
JOINTS = (" and ", " and then ", ", then ", ". Also, ", ", and also ", " and after that ", "; ", ". Then ", ", plus ")
OPENINGS = ("Hey, ", "Hi! ", "OK, ", "Good morning. ", "Hello, ", "So, ", "Quick one: ", "Thanks for earlier. ", "um ", "hey there, ")
ENDINGS = (" thank you", ", please", " please.", ", ok?", ", thanks")
ENDINGS_AFTER_VALUE = (", please", ". Thanks!", ", thanks", ". Thank you.")      # so that one sees where the value ends
UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


class FamilyError(ValueError):
    """A family file that does not hold what it should; the message names the place."""


@dataclass
class Filled:
    """A sentence with its slots filled: pieces of text, and whether each is a value (which typos must not touch)."""
    pieces: list[tuple[str, bool]]
    arguments: dict[str, Any]

    @property
    def text(self) -> str:
        return "".join(piece for piece, _ in self.pieces)


@dataclass
class Tool:
    names: list[str]
    descriptions: list[str]
    parameters: dict
    say: list[tuple[str, dict]]
    values: dict[str, list]
    required: set[str] = field(default_factory=set)

    def shown(self, rng: random.Random) -> dict:
        """The tool under one of its names and descriptions."""
        description = rng.choice(self.descriptions) if rng.random() > 0.05 else ""
        return {"name": rng.choice(self.names), "description": description, "parameters": self.parameters}


@dataclass
class Family:
    name: str
    tools: list[Tool]
    none: list[str]


def read_family(path: Path) -> Family:
    raw = json.loads(path.read_text(encoding="utf-8"))
    tools = []
    for i, t in enumerate(raw["tools"]):
        where = f"{path.name}: tools[{i}] {t.get('name')}"
        parameters = t.get("parameters") or {"type": "object", "properties": {}}
        tool = Tool([t["name"], *t.get("also", [])], [t.get("description", ""), *t.get("descriptions", [])], parameters,
                    [(s, {}) if isinstance(s, str) else (s["text"], s.get("set", {})) for s in t["say"]],
                    {}, required_keys(parameters_of({"parameters": parameters})))
        for text, given in tool.say:
            for key in [*SLOT.findall(text), *given]:
                property_of(tool, key, where)
            for key in SLOT.findall(text):
                tool.values.setdefault(key, values_of(key, t.get("values", {}), raw.get("values", {})))
        tools.append(tool)
    return Family(raw.get("family", path.stem), tools, raw.get("none", []))


def values_of(key: str, *tables: dict) -> list:
    """Values of a slot: the tool's own first, then the family's; by the whole path, then by its last part. Else []."""
    for table in tables:
        for name in (key, key.rsplit(".", 1)[-1]):
            if name in table:
                return table[name]
    return []


def property_of(tool: Tool, key: str, where: str) -> dict:
    """The schema at a dotted path."""
    schema = parameters_of({"parameters": tool.parameters})
    for part in [key] if key in schema.get("properties", {}) else key.split("."):
        properties = resolve(schema, tool.parameters).get("properties", {})
        if part not in properties:
            raise FamilyError(f"{where}: no property for {{{key}}}")
        schema = properties[part]
    return resolve(schema, tool.parameters)


def put(arguments: dict, key: str, value: Any, flat: bool) -> None:
    """Sets a dotted path."""
    *parents, last = [key] if flat else key.split(".")
    for part in parents:
        arguments = arguments.setdefault(part, {})
    arguments[last] = value


def number_in_words(n: int) -> str:
    if n < 20:
        return UNITS[n]
    return TENS[n // 10 - 2] + ("" if n % 10 == 0 else "-" + UNITS[n % 10])


class FamilyGenerator:
    def __init__(self, folder: Path, seed: int = 0, held_out: bool = False):
        """`folder`: all families but those of UNSEEN_FAMILIES (`held_out`: only those), or one file."""
        self.rng = random.Random(seed)
        paths = [folder] if folder.is_file() else [p for p in sorted(folder.glob("*.json")) if (p.stem in UNSEEN_FAMILIES) == held_out]
        self.families = [read_family(p) for p in paths]
        if not self.families:
            raise FileNotFoundError(f"no families in {folder}")
        self.sizes = [len(f.tools) for f in self.families]

    def rows(self, count: int) -> Iterator[dict]:
        made = 0
        while made < count:
            family = self.rng.choices(self.families, self.sizes)[0]
            row = self.refusal(family) if family.none and self.rng.random() < 0.13 else self.row(family)
            if row:
                made += 1
                yield row

    def refusal(self, family: Family) -> dict:
        """A request that no tool of its family answers; tools of other families might, hence they are not shown."""
        query = [(self.rng.choice(family.none), False)]
        return {"query": self.spoken(query), "tools": self.others(family, []), "answers": []}

    def row(self, family: Family) -> dict | None:
        rng = self.rng
        tool = rng.choice(family.tools)
        calls = [(tool, self.fill(tool))]
        if rng.random() < 0.16:
            other = rng.choice((family if rng.random() < 0.7 else rng.choice(self.families)).tools) if rng.random() < 0.7 else tool
            calls.append((other, self.fill(other)))
            if rng.random() < 0.15:
                third = rng.choice(family.tools)
                calls.append((third, self.fill(third)))
        missing = [{k for k in t.required if k not in f.arguments} for t, f in calls]
        if len(calls) > 1 and (any(missing) or sum(len(f.text) for _, f in calls) > 260 or same_twice(calls)):
            return None
        tools = {id(t): t.shown(rng) for t, _ in calls}
        answers = [{"name": tools[id(t)]["name"], "arguments": f.arguments} for t, f in calls]
        shown = self.others(family, [t for t, _ in calls])
        names = {t["name"] for t in tools.values()}
        if len(names) < len(tools):
            return None
        query = join([f.pieces for _, f in calls], rng)
        return {"query": self.spoken(query), "tools": [*tools.values(), *(t for t in shown if t["name"] not in names)],
                "answers": answers, "missing": sorted(missing[0]) if len(calls) == 1 else []}

    def others(self, family: Family, gold: list[Tool]) -> list[dict]:
        """Near misses, and now and then a few tools of other families."""
        near = [t for t in family.tools if not any(t is g for g in gold)]
        self.rng.shuffle(near)
        far = [self.rng.choice(self.rng.choice(self.families).tools) for _ in range(self.rng.choice((0, 1, 3)) if gold else 0)]
        far = [t for t in far if not any(t is g for g in [*gold, *family.tools])]
        return list({t["name"]: t for t in (tool.shown(self.rng) for tool in [*near, *far])}.values())

    # --- sentences -----------------------------------------------------------------------------------------------------

    def fill(self, tool: Tool) -> Filled:
        text, given = self.rng.choice(tool.say)
        pieces: list[tuple[str, bool]] = []
        arguments: dict[str, Any] = {}
        used: dict[str, tuple[Any, str | None]] = {}
        at = 0
        for match in SLOT.finditer(text):
            key = match.group(1)
            pieces.append((text[at:match.start()], False))
            at = match.end()
            if key not in used:
                used[key] = self.value(tool, key)
            value, said = used[key]
            touches = text[at:at + 1] not in SPACES or text[:match.start()][-1:] not in SPACES
            if said is None:      # as it stands, and no number words in "{level}%" or "a={a}"
                said = self.said(value, digits=touches)
            pieces.append((said, True))
        pieces.append((text[at:], False))
        properties = parameters_of({"parameters": tool.parameters}).get("properties", {})
        for key, value in {**{k: v for k, (v, _) in used.items()}, **given}.items():
            put(arguments, key, value, flat=key in properties)
        return Filled([p for p in pieces if p[0]], arguments)

    def value(self, tool: Tool, key: str) -> tuple[Any, str | None]:
        """(value, how the request says it where the family lists that)"""
        rng, values = self.rng, tool.values.get(key)
        schema = property_of(tool, key, tool.names[0])
        if not values:
            if schema.get("enum"):
                values = schema["enum"]
            elif schema_type(schema) in ("integer", "number"):
                values = [self.number(schema)]
            else:
                raise FamilyError(f"{tool.names[0]}: no values for {{{key}}}")
        entry = rng.choice(values)
        if isinstance(entry, list):
            return entry[0], str(rng.choice(entry[1:]))
        if schema_type(schema) == "string" and not isinstance(entry, str):
            entry = str(entry)
        return entry, None

    def number(self, schema: dict) -> int | float:
        low, high = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1), schema.get("maximum", schema.get("exclusiveMaximum"))
        if high is None:
            high = low + self.rng.choice((10, 40, 500))
        if schema_type(schema) == "integer" or self.rng.random() < 0.5 or high - low < 2:
            step = schema.get("multipleOf", 1)
            value = self.rng.randint(int(low), max(int(low), int(high)))
            return value if not isinstance(step, int) or step < 2 else max(step, value // step * step)
        return round(self.rng.uniform(low, high), self.rng.choice((1, 2)))

    def said(self, value: Any, digits: bool) -> str:
        if isinstance(value, list):
            return " and ".join(filter(None, (", ".join(map(str, value[:-1])), str(value[-1])))) if value else "none"
        if isinstance(value, int) and not isinstance(value, bool) and not digits:
            if 0 <= value <= 99 and self.rng.random() < (0.35 if value <= 12 else 0.12):
                return number_in_words(value)
            if value >= 1000 and not 1800 <= value <= 2100 and self.rng.random() < 0.3:      # years have no comma
                return f"{value:,}"
        return str(value).lower() if isinstance(value, bool) else str(value)

    def spoken(self, pieces: list[tuple[str, bool]]) -> str:
        """Sometimes an opening, an ending, a slip of the keyboard outside the values."""
        rng = self.rng
        if rng.random() < 0.07:
            opening = rng.choice(OPENINGS)
            head = pieces[0][0]
            if not pieces[0][1] and head[:2] != "I " and not head.startswith("I'"):
                pieces = [(head[0].lower() + head[1:], False), *pieces[1:]]
            pieces = [(opening, False), *pieces]
        if rng.random() < 0.06 and pieces[-1][0][-1:] not in "?!." and "please" not in pieces[-1][0]:
            pieces = [*pieces, (rng.choice(ENDINGS_AFTER_VALUE if pieces[-1][1] else ENDINGS), False)]
        if rng.random() < 0.06:
            pieces = with_typo(pieces, rng)
        return "".join(p for p, _ in pieces)


def same_twice(calls: list[tuple[Tool, Filled]]) -> bool:
    seen = [(t.names[0], json.dumps(f.arguments, sort_keys=True)) for t, f in calls]
    return len(set(seen)) < len(seen)


def join(parts: list[list[tuple[str, bool]]], rng: random.Random) -> list[tuple[str, bool]]:
    out = list(parts[0])
    for part in parts[1:]:
        joint = rng.choice(JOINTS) if out[-1][1] or out[-1][0][-1] not in ".!?" else rng.choice((" ", " And ", " Then ", " Also, "))
        head, is_value = part[0]
        if not is_value and not joint.endswith((". ", " ")) or (not is_value and joint.strip() and not re.match(r"I\b|[A-Z]{2}", head)):
            head = head[0].lower() + head[1:]
        out += [(joint, False), (head, is_value), *part[1:]]
    return out


def with_typo(pieces: list[tuple[str, bool]], rng: random.Random) -> list[tuple[str, bool]]:
    """Two letters swapped, one doubled or one dropped in a word of four or more letters."""
    places = [(i, m) for i, (text, is_value) in enumerate(pieces) if not is_value for m in re.finditer(r"[a-z]{4,}", text)]
    if not places:
        return pieces
    i, match = rng.choice(places)
    word, at = match.group(), rng.randrange(1, len(match.group()) - 1)
    slip = rng.choice((word[:at] + word[at + 1] + word[at] + word[at + 2:], word[:at] + word[at] + word[at:], word[:at] + word[at + 1:]))
    text = pieces[i][0]
    return [*pieces[:i], (text[:match.start()] + slip + text[match.end():], False), *pieces[i + 1:]]


# --- checking a family -------------------------------------------------------------------------------------------------

def check_family(path: Path) -> list[str]:
    """What is wrong with a family file, each with its place."""
    try:
        family = read_family(path)
    except (json.JSONDecodeError, FamilyError, KeyError, TypeError) as error:
        return [f"{path.name}: {type(error).__name__} {error}"]
    problems = []
    names = [n for t in family.tools for n in t.names]
    problems += [f"{n}: two tools have this name" for n in set(names) if names.count(n) > 1]
    for tool in family.tools:
        where = tool.names[0]
        problems += [f"{where}: {r!r} is required but no property" for r in tool.required if r not in tool.parameters.get("properties", {})]
        if len({text for text, _ in tool.say}) < len(tool.say):
            problems.append(f"{where}: the same sentence twice")
        for key, values in tool.values.items():
            schema = property_of(tool, key, where)
            if not values and not schema.get("enum") and schema_type(schema) not in ("integer", "number"):
                problems.append(f"{where}: no values for {{{key}}}")
            for entry in values:
                value = entry[0] if isinstance(entry, list) else entry
                problems += [f"{where}.{key}: {p}" for p in mismatch(value, schema)]
                if isinstance(entry, list) and len(entry) < 2:
                    problems.append(f"{where}.{key}: {entry} says nothing")
        for text, given in tool.say:
            problems += [f"{where}: set {key}: {p}" for key, value in given.items() for p in mismatch(value, property_of(tool, key, where))]
            problems += [f"{where}: {key!r} is set and said in {text!r}" for key in SLOT.findall(text) if key in given]
            if text.count("{") != text.count("}") or len(SLOT.findall(text)) != text.count("{"):
                problems.append(f"{where}: braces in {text!r}")
    return problems


def mismatch(value: Any, schema: dict) -> list[str]:
    """Why a value does not fit: enum, type, bounds (what the families need; the engine's grammar checks the rest)."""
    kind = schema_type(schema)
    if schema.get("enum") and value not in schema["enum"]:
        return [f"{value!r} is not in the enum"]
    if enum_texts(schema):
        return []
    right = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict}.get(kind, object)
    if kind == "string" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return []
    if not isinstance(value, right) or (isinstance(value, bool) and kind != "boolean"):
        return [f"{value!r} is no {kind}"]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if value < schema.get("minimum", value) or value > schema.get("maximum", value):
            return [f"{value!r} is out of bounds"]
    if isinstance(value, list):
        return [p for item in value for p in mismatch(item, schema.get("items", {}))]
    return []


def report(paths: list[Path], examples: int = 8) -> int:
    """Prints problems and, for a sound file, some of its examples; -> how many problems."""
    count = 0
    for path in paths:
        problems = check_family(path)
        count += len(problems)
        for line in problems:
            print(f"{path.name}: {line}")
        if not problems:
            generator = FamilyGenerator(path, seed=len(path.name))
            family = generator.families[0]
            print(f"{path.name}: {len(family.tools)} tools, {sum(len(t.say) for t in family.tools)} sentences, {len(family.none)} none")
            for row in generator.rows(examples):
                print("  ", row["query"], "\n      ->", json.dumps(row["answers"], ensure_ascii=False), row.get("missing") or "")
    return count
