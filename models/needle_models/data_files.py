# SPDX-License-Identifier: Apache-2.0
"""Reading the data folder: JSON Lines and text, plain or .zst, one row or line at a time."""
from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Iterator


def open_text(path: str | Path) -> io.TextIOBase:
    """A text stream over a plain or zstd-compressed UTF-8 file."""
    path = Path(path)
    if path.suffix == ".zst":
        import zstandard      # here, so that a machine which only trains on packs needs no more than PyTorch and SentencePiece
        raw = path.open("rb")
        return io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(raw, closefd=True), encoding="utf-8")
    return path.open(encoding="utf-8")


def read_jsonl(path: str | Path) -> Iterator[dict]:
    """The rows of a JSON Lines file; a bad line is an error that names file and line."""
    with open_text(path) as stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                try:
                    yield json.loads(line)
                except json.JSONDecodeError as error:
                    raise ValueError(f"{path}:{number}: {error}") from error


def data_files(folder: str | Path, part: str, suffix: str = "jsonl") -> list[Path]:
    """The files of one part ('train', 'eval', 'schemas', 'text') of a data folder, sorted by name."""
    files = sorted(p for p in (Path(folder) / part).glob("*") if p.name.endswith((f".{suffix}", f".{suffix}.zst")))
    if not files:
        raise FileNotFoundError(f"no .{suffix} or .{suffix}.zst files in {Path(folder) / part}")
    return files


def source_of(path: str | Path) -> str:
    """'topv2' for train/topv2.jsonl.zst."""
    return Path(path).name.split(".")[0]
