# SPDX-License-Identifier: Apache-2.0
"""What npm's packages say of the released model: all of it follows from models/manifest.json and is written here only.

`index.js` names the file in a literal URL, for bundlers to find it; package.json carries the release's version, and the
package that depends on it asks for exactly that one, in its package.json and its lock."""
from __future__ import annotations

import json
import re
from pathlib import Path

INDEX = """// SPDX-License-Identifier: Apache-2.0
// Written by `needle_models release` from manifest.json. The URL stands here literally, for bundlers to find the file.
export const url = new URL('./{file}', import.meta.url);
export const name = '{name}';
export const bytes = {bytes};
export const sha256 = '{sha256}';
export const format = '{format}';
"""


def npm_version(version: str) -> str:
    """A release's version as npm wants it: "0.2" is "0.2.0"."""
    return ".".join((version.split(".") + ["0", "0"])[:3])


def substitute(path: Path, *rules: tuple[str, str]) -> None:
    """Replaces what each pattern's second group matches; the file keeps its layout. ValueError if one matches nothing."""
    text = path.read_text()
    for pattern, value in rules:
        text, count = re.subn(pattern, lambda m, value=value: m[1] + value + m[3], text)
        if not count:
            raise ValueError(f"{path}: nothing matches {pattern}")
    path.write_text(text)


def write_npm_package(folder: Path, version: str) -> None:
    """Brings index.js and package.json of `folder`, and the package one folder up, to its manifest.json."""
    folder = folder.resolve()      # the parent of "." is "."
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "index.js").write_text(INDEX.format(**manifest))
    number = npm_version(version)
    substitute(folder / "package.json", (r'("version": ")([^"]+)(")', number))
    wanted = (r'("needle-router-model": ")([^"]+)(")', number)
    substitute(folder.parent / "package.json", wanted)
    substitute(folder.parent / "package-lock.json", wanted,
               (r'("name": "needle-router-model",\s+"version": ")([^"]+)(")', number))
