# SPDX-License-Identifier: Apache-2.0
"""Requests for API-style tools, made from published schemas: what the collected data lacks.

Tools of one API stand together (near misses), requests read as people write to an assistant: a reason, a wish in the
words of the tool's description, values in passing. Every value stands in the request, in digits or words, said in other
words (booleans, country codes), or not at all; then the key is listed in `missing`. Rows have the form of the data
folder plus `missing`.
"""
from __future__ import annotations

import random
import re
from collections import defaultdict
from pathlib import Path
from typing import Any, Iterator

from .call_language import name_as_words, parameters_of, required_keys
from .data_files import data_files, read_jsonl
from .splits import service_is_held_out

PREAMBLES = """I'm preparing a report for my team. |I'm planning a trip next month. |Hey, quick question. |I'm working on a school project.
|I'm doing some research. |My boss asked me for this. |I'm curious about something. |We're onboarding a new client. |I'm writing an article.
|I'm building an app for a friend. |I have a meeting in an hour. |I'm hosting a party this weekend. |I'm cleaning up our account.
|I'm new here and need some help. |I'm organizing an event. |I'm studying for an exam. |Hi there! |Hello, |I'm a bit lost. |I'm running a small shop.
|I want to impress my friends. |I'm helping my daughter with her homework. |There's a problem with our setup. |Good morning. |I'm updating our records.
|I'm comparing a few options. |I'm trying to learn more about this. |We had a request from a customer. |I need a favour. |Just checking something.""".replace("\n", "").split("|")
FRAMES = """Can you {x}?|Could you {x}?|Could you {x} for me?|Please {x}.|Can you please {x}?|I need to {x}.|I'd like to {x}.|I want to {x}.|{X}.|{X}|Help me {x}.
|Would you {x}?|I would like you to {x}.|Can you help me {x}?|Let's {x}.|Go ahead and {x}.|I'm trying to {x}.""".replace("\n", "").split("|")
ENDINGS = """ Thanks!| Thank you.| It's for my presentation.| I need it today.| That would be great.| I'd appreciate it.| I want to share it with my team.
| Make it quick, please.| I want to make sure it's right.| It's really important to me.""".replace("\n", "").split("|")
# The first word of a description -> what people say instead.
VERBS = {
    "get": "get|find|fetch|show me|look up|tell me|give me|pull up|check|retrieve|find out|provide", "list": "list|show me|give me a list of|get all the|find all|see",
    "search": "search|search for|find|look for|look up", "find": "find|look for|search for|locate", "create": "create|add|make|set up|create a new",
    "add": "add|put in|create|attach", "update": "update|change|modify|edit|adjust", "delete": "delete|remove|get rid of|drop|erase",
    "remove": "remove|delete|take out|get rid of", "send": "send|send out|submit|pass on", "set": "set|change|set up|adjust", "check": "check|verify|find out|see",
    "start": "start|begin|launch|kick off", "stop": "stop|end|halt|cancel", "cancel": "cancel|call off|abort", "upload": "upload|add|put up", "convert": "convert|change|turn",
    "generate": "generate|create|make|produce", "download": "download|get|fetch|save", "calculate": "calculate|work out|compute|figure out", "fetch": "fetch|get|find|pull",
    "retrieve": "retrieve|get|find|show me|fetch|look up", "return": "show me|give me|get|tell me|find", "read": "read|show me|get|open", "show": "show me|display|get",
    "enable": "enable|turn on|activate|switch on", "disable": "disable|turn off|deactivate|switch off", "book": "book|reserve|arrange", "describe": "describe|show me|tell me about|explain"}
THINGS = """jazz|climate change|machine learning|running shoes|coffee machine|the weekly report|solar panels|budget 2024|holiday photos|customer feedback|python
|football|science fiction|vegan recipes|electric cars|history of Rome|project alpha|home office|marketing plan|garden tools|black holes|chess openings
|invoice|release notes|blue whale|mango|quixotic|leadership|spring sale|data pipeline|road trip|team lunch|broken printer|wireless headphones""".replace("\n", "").split("|")
FIRST = "Anna|James|Maria|Wei|Olga|Carlos|Priya|John|Fatima|Lucas|Emma|Noah|Sofia|Ahmed|Yuki|Peter|Grace|Ivan|Chloe|David".split("|")
LAST = "Smith|Garcia|Chen|Novak|Khan|Rossi|Müller|Dubois|Tanaka|Silva|Jones|Patel|Berg|Kowalski|Okafor|Lee|Martin|Brown|Ansari|Norris".split("|")
PLACES = """Paris|Berlin|New York|San Francisco|Tokyo|London|Toronto|Sydney|Madrid|Nairobi|São Paulo|Mumbai|Chicago|Amsterdam|Cape Town|Lisbon|Seattle|Austin
|Vienna|Istanbul|Oslo|Los Angeles|Mexico City|Dubai|Boston|Asheville|Warsaw|Lima""".replace("\n", "").split("|")
COUNTRIES = {"Germany": "DE", "France": "FR", "Japan": "JP", "China": "CN", "Spain": "ES", "Italy": "IT", "Canada": "CA", "Australia": "AU", "Brazil": "BR",
             "India": "IN", "Mexico": "MX", "the United States": "US", "the USA": "US", "the UK": "GB", "Sweden": "SE", "Norway": "NO", "Poland": "PL",
             "the Netherlands": "NL", "Switzerland": "CH", "Austria": "AT", "Portugal": "PT", "Ireland": "IE", "Turkey": "TR", "South Korea": "KR", "Kenya": "KE"}
NUMBER_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()


class Generator:
    def __init__(self, folder: str | Path, seed: int = 0, held_out: bool = False):
        """`held_out`: only from the services that training never meets, else only from the others."""
        self.rng = random.Random(seed)
        apis: dict[str, list[dict]] = defaultdict(list)
        for path in data_files(folder, "schemas"):
            for tool in read_jsonl(path):
                if service_is_held_out(str(tool.get("source", ""))) == held_out and re.match(r"[A-Za-z]+ +[a-z]", str(tool.get("description", ""))):
                    apis[tool.pop("source", path.name)].append(tool)
        self.apis = [tools for tools in apis.values() if len(tools) >= 2]
        self.pick = self.rng.choice

    def rows(self, count: int) -> Iterator[dict]:
        made = 0
        while made < count:
            row = self.row()
            if row:
                made += 1
                yield row

    def sample(self) -> list[dict]:
        """Tools of one service, names distinct."""
        api = self.pick(self.apis)
        return list({t["name"]: t for t in self.rng.sample(api, min(len(api), self.pick((1, 2, 2, 3, 4, 5, 6, 8))))}.values())

    def row(self) -> dict | None:
        tools = self.sample()
        gold = tools[0]
        parameters = parameters_of(gold)
        properties = parameters.get("properties", {})
        required = required_keys(parameters)
        keys = [k for k in properties if k in required]
        optional = [k for k in properties if k not in required and self.simple(properties[k])]
        keys += self.rng.sample(optional, min(len(optional), self.pick((0, 0, 1, 1, 2))))
        if len(keys) > 5 or not all(self.simple(properties[k]) for k in keys):
            return None
        wish = self.wish(gold)
        if not wish:
            return None
        values = {k: self.value(k, properties[k]) for k in keys}
        missing = [k for k in keys if k in required and self.rng.random() < 0.05][:1]
        said = [(k, *values[k]) for k in keys if k not in missing]
        twice = self.second_values(said, properties) if said and not missing and self.rng.random() < 0.08 else None
        text = self.request(wish, said, twice)
        answers = [{"name": gold["name"], "arguments": {k: v for k, v, _ in said}}]
        if twice:
            answers.append({"name": gold["name"], "arguments": {k: v for k, v, _ in twice}})
        if len(tools) > 1 and self.rng.random() < 0.06:
            tools, answers, missing = tools[1:], [], []
        self.rng.shuffle(tools)
        return {"query": text, "tools": tools, "answers": answers, "missing": missing}

    # --- values: (value, how the request says it) ----------------------------------------------------------------------

    @staticmethod
    def simple(schema: Any) -> bool:
        return isinstance(schema, dict) and (schema.get("type") in ("string", "integer", "number", "boolean") or "enum" in schema) \
            and schema.get("format") not in ("binary", "byte")

    def value(self, key: str, schema: dict) -> tuple[Any, str]:
        if schema.get("enum"):
            value = self.pick(schema["enum"][:24])
            text = str(value)
            return value, re.sub(r"[_-]+", " ", text).lower() if self.rng.random() < 0.4 and text.upper() != text else text
        kind, words = schema["type"], name_as_words(key)
        if kind == "boolean":
            value = self.rng.random() < 0.6
            return value, ""
        if kind in ("integer", "number"):
            return self.number(words, kind, schema)
        value, said = self.text(words, str(schema.get("description", "")).lower())
        return value, said

    def number(self, words: str, kind: str, schema: dict) -> tuple[Any, str]:
        if "year" in words:
            value: Any = self.rng.randint(2015, 2027)
        elif "lat" in words or "lon" in words or "lng" in words:
            value = round(self.rng.uniform(-90, 90), 4)
        elif re.search(r"\bid\b|number", words):
            value = self.rng.randint(10, 99999)
        else:
            value = self.rng.randint(1, self.pick((10, 50, 1000)))
            if kind == "number" and self.rng.random() < 0.5:
                value = round(value + self.pick((0.5, 0.25, 0.99, 0.1)), 2)
        for bound, nearest in (("minimum", max), ("maximum", min)):      # only what the schema says: nothing else clamps
            if isinstance(schema.get(bound), (int, float)):
                value = nearest(value, schema[bound])
        value = int(value) if kind == "integer" else value
        if isinstance(value, int) and 0 <= value <= 12 and self.rng.random() < 0.4:
            return value, NUMBER_WORDS[value]
        return value, str(value)

    def text(self, words: str, description: str) -> tuple[str, str]:
        rng, pick = self.rng, self.pick
        has = lambda *names: any(n in words for n in names)
        if has("country") and (has("code") or "code" in description or "iso" in description):
            name = pick(list(COUNTRIES))
            return (COUNTRIES[name],) * 2 if rng.random() < 0.7 else (name.removeprefix("the "),) * 2     # the engine copies
        if has("country"):
            value = pick(list(COUNTRIES)).removeprefix("the ")
        elif has("email"):
            value = f"{pick(FIRST).lower()}.{pick(('smith', 'chen', 'rossi', 'lee'))}@{pick(('example.com', 'mail.org', 'acme.io'))}"
        elif has("city", "location", "place", "address", "region", "destination", "origin", "town"):
            value = pick(PLACES)
        elif has("date", "day", "since", "until", "start time", "end time"):
            value = pick((f"{rng.randint(2019, 2027)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}", "tomorrow", "next Monday", "March 3rd", "today"))
        elif has("url", "link", "website", "domain", "host"):
            value = f"https://{pick(('example.com', 'acme.io', 'news.org'))}/{pick(('a', 'docs', 'img', 'feed'))}{rng.randint(1, 99)}"
        elif has("phone", "mobile"):
            value = f"+{rng.randint(1, 99)} {rng.randint(100, 999)} {rng.randint(100000, 999999)}"
        elif has("currency"):
            value = pick(("USD", "EUR", "GBP", "JPY", "CHF"))
        elif has("symbol", "ticker", "icao", "iata", "code"):
            value = "".join(pick("ABCDEFGHKLMNPRSTUVWX") for _ in range(pick((3, 4))))
        elif has("lang", "locale"):
            value = pick(("English", "German", "fr", "es", "en-US", "Japanese"))
        elif has("year"):
            value = str(rng.randint(2015, 2027))
        elif has("user", "author", "owner", "person", "contact", "recipient", "member", "customer", "name") and rng.random() < 0.6:
            value = pick((f"{pick(FIRST)} {pick(LAST)}", pick(FIRST), f"{pick(FIRST).lower()}{rng.randint(1, 99)}"))
        elif re.search(r"\b(ids?|key|token|guid|uuid|arn|ref|hash)\b", words):
            value = pick((str(rng.randint(100, 99999)), "".join(pick("abcdef0123456789") for _ in range(pick((6, 8, 12)))),
                          f"{pick(('PRJ', 'usr', 'ord', 'A'))}-{rng.randint(10, 9999)}", f"{pick(('main', 'test', 'prod', 'demo'))}-{pick(('db', 'app', 'queue', 'bucket'))}"))
        else:
            value = pick(THINGS)
        return value, value

    # --- sentences -----------------------------------------------------------------------------------------------------

    def wish(self, tool: dict) -> str:
        """The description's first clause as an imperative: "Returns a list of users." -> "show me the list of users"."""
        text = re.split(r"[.;:(]|, | that | which ", re.sub(r"\s+", " ", tool["description"]))[0].strip()
        words = text.split(" ")
        if not 2 <= len(words) <= 14:
            return ""
        verb = words[0].lower()
        base = verb if verb in VERBS else next((b for b in (verb[:-1], verb[:-2]) if b in VERBS), "")
        rest = " ".join(words[1:])
        if not base:
            return f"get {text[0].lower() + text[1:]}" if self.rng.random() < 0.3 else ""
        if self.rng.random() < 0.3 and " " in rest:     # people leave out half of it
            rest = " ".join(rest.split(" ")[:self.rng.randint(2, 6)])
        return f"{self.pick(VERBS[base].split('|'))} {rest}"

    def second_values(self, said: list, properties: dict) -> list | None:
        """The same arguments with one other string."""
        at = next((i for i, (k, v, _) in enumerate(said) if isinstance(v, str) and not properties[k].get("enum")), None)
        if at is None:
            return None
        key = said[at][0]
        other = self.value(key, properties[key])
        return None if other[0] == said[at][1] else [*said[:at], (key, *other), *said[at + 1:]]

    def request(self, wish: str, said: list, twice: list | None) -> str:
        phrases = []
        for i, (key, value, text) in enumerate(said):
            if isinstance(value, str) and self.rng.random() < 0.3:
                quote = self.pick(("'{}'", '"{}"', "“{}”")).format
            else:
                quote = str
            text = f"{quote(text)} and {quote(twice[i][2])}" if twice and twice[i] != said[i] else quote(text)
            phrases.append(self.phrase(name_as_words(key), value, text, first=i == 0))
        if self.rng.random() < 0.3:
            self.rng.shuffle(phrases)
        wish = wish + "".join(phrases)
        out = self.pick(FRAMES).format(x=wish, X=wish[0].upper() + wish[1:])
        if self.rng.random() < 0.45:
            out = f"{self.pick(PREAMBLES).strip()} {out}"
        return out + (self.pick(ENDINGS) if self.rng.random() < 0.2 else "")

    def phrase(self, words: str, value: Any, text: str, first: bool) -> str:
        if isinstance(value, bool):
            yes = (f" with {words}", f", {words} on", f" and make sure {words} is enabled", f", {words} true")
            no = (f" without {words}", f", {words} off", f" and make sure {words} is disabled", f", {words} false")
            return self.pick(yes if value else no)
        plain = (f" for {text}", f" {text}", f" for {text}", f" in {text}" if text in PLACES or text in COUNTRIES else f" called {text}")
        named = (f" with {words} {text}", f" where the {words} is {text}", f" ({words}: {text})", f", {words} {text}", f" using {words} {text}",
                 f" for the {words} {text}", f" and set {words} to {text}", f" with {text} as the {words}")
        if isinstance(value, (int, float)):
            plain = (f" ({text} {words})", f", {words} {text}", f" with {text} {words}")
        return self.pick(plain if first and self.rng.random() < 0.6 else named)
