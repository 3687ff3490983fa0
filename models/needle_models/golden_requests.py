# SPDX-License-Identifier: Apache-2.0
"""tests/golden/requests.jsonl and results.jsonl: 500 requests that every build must answer byte for byte alike.

The requests are held-out rows of sources whose licences allow passing them on (tests/golden/README.md names them); the
results are the native engine's with the released model. Run again at each release.
"""
from __future__ import annotations

import json
import subprocess
from pathlib import Path

from .data_files import data_files, read_jsonl, source_of
from .splits import is_dev

SOURCES = ["clinc150", "snips", "botframework_lu", "metatool", "home_assistant_templates", "hwu64_slurp"]
COUNT = 500


def requests(folder: Path) -> list[str]:
    """COUNT lines {"query", "tools"} from all sources, those with short tools so that the file stays small."""
    lines = []
    for path in data_files(folder, "train"):
        if source_of(path) in SOURCES:
            rows = [r for r in read_jsonl(path) if is_dev(r)]
            rows = sorted(rows, key=lambda r: len(json.dumps(r["tools"])))[:120 if source_of(path) != "botframework_lu" else 58]
            lines += [json.dumps({"query": r["query"], "tools": r["tools"]}, ensure_ascii=False) for r in rows]
    return lines[::len(lines) // COUNT][:COUNT]


def write_golden(folder: Path, program: Path, model: Path, golden: Path) -> None:
    lines = requests(folder)
    text = "\n".join(lines) + "\n"
    (golden / "requests.jsonl").write_text(text, encoding="utf-8")
    done = subprocess.run([str(program), str(model)], input=text, capture_output=True, text=True, check=True)
    (golden / "results.jsonl").write_text(done.stdout, encoding="utf-8")
