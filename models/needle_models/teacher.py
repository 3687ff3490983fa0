# SPDX-License-Identifier: Apache-2.0
"""Requests written by a teacher: any OpenAI-compatible endpoint is shown tools of schemas/ and asked for requests to them.

What it answers is believed only as far as checks.py can see: calls that fit the schemas, evidence for every value. Rows
that pass are kept in a JSON Lines file, so that a stopped run has lost nothing. The key, if the endpoint wants one, is
read from the environment (NEEDLE_TEACHER_KEY).
"""
from __future__ import annotations

import json
import os
import re
import sys
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Iterator

from .checks import problems
from .data_files import read_jsonl
from .generate import Generator

KEY = "NEEDLE_TEACHER_KEY"
TIMEOUT = 120.0       # seconds an answer may take
PATIENCE = 5          # answers in a row that may be of no use
WANTED = 8            # requests a prompt asks for
PROMPT = """You write test data for a router that turns one request of a user into calls of the tools below.
Write {count} requests as different people would say them: terse, polite, spoken, told as a story, some with a slip of the
keyboard. Most need one call, some two, about one in five is near the tools' subject but none of them can answer it
(calls: []). Every value of a call must stand in the request: text word for word, numbers as digits or words. Leave out
optional arguments that the request does not state; state every required one.
Answer with JSON only: [{{"query": "...", "calls": [{{"name": "...", "arguments": {{...}}}}]}}]

Tools:
{tools}"""


class TeacherError(RuntimeError):
    """The endpoint cannot be used; the message says what it answered."""


class Teacher:
    def __init__(self, url: str, model: str, folder: str | Path, seed: int = 0):
        """`url`: the base, as OpenAI clients take it (".../v1"). Tools are drawn from `folder`/schemas, as generate.py does."""
        self.url, self.model = url.rstrip("/"), model
        self.generator = Generator(folder, seed)
        self.refused: Counter[str] = Counter()

    def ask(self, prompt: str) -> str:
        """One completion. Raises TeacherError where the endpoint refuses, TimeoutError or URLError where it is not there."""
        body = {"model": self.model, "temperature": 1.0, "messages": [{"role": "user", "content": prompt}]}
        headers = {"Content-Type": "application/json"}
        if os.environ.get(KEY):
            headers["Authorization"] = f"Bearer {os.environ[KEY]}"
        request = urllib.request.Request(f"{self.url}/chat/completions", json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                return json.load(answer)["choices"][0]["message"]["content"] or ""
        except urllib.error.HTTPError as error:
            raise TeacherError(f"{self.url}: {error.code} {error.read(300).decode('utf-8', 'replace')}") from error
        except (KeyError, IndexError, TypeError, json.JSONDecodeError) as error:
            raise TeacherError(f"{self.url}: not an answer of the chat completions API ({error!r})") from error

    def rows(self, count: int, kept: Path) -> Iterator[dict]:
        """`count` rows: first those that `kept` holds, then new ones, which are added to it."""
        made = 0
        for row in read_jsonl(kept) if kept.exists() else ():
            if made < count:
                made += 1
                yield row
        useless = 0
        while made < count:
            tools = self.generator.sample()
            good = self.sound(self.ask(PROMPT.format(count=WANTED, tools=json.dumps(tools))), tools)
            useless = 0 if good else useless + 1
            if useless == PATIENCE:
                raise TeacherError(f"{self.url}: {PATIENCE} answers without one usable row; refused so far: {dict(self.refused)}")
            with kept.open("a", encoding="utf-8") as stream:
                for row in good[:count - made]:
                    stream.write(json.dumps(row, ensure_ascii=False) + "\n")
                    made += 1
                    yield row
            print(f"{made} of {count} rows, refused: {dict(self.refused)}", file=sys.stderr)

    def sound(self, answer: str, tools: list[dict]) -> list[dict]:
        """The rows of an answer that pass every check; what the others lacked is counted."""
        try:
            written = json.loads(re.search(r"\[.*\]", answer, re.S)[0])
        except (TypeError, json.JSONDecodeError):
            self.refused["no JSON list"] += 1
            return []
        out = []
        for entry in written:
            if not isinstance(entry, dict) or not isinstance(entry.get("query"), str) or not isinstance(entry.get("calls"), list):
                self.refused["no request"] += 1
                continue
            row = {"query": entry["query"], "tools": tools, "answers": entry["calls"]}
            wrong = problems(row)
            if wrong:
                self.refused[re.sub(r".*: ", "", re.sub(r"'.*'", "a value", wrong[0]))] += 1
            else:
                out.append(row)
        return out
