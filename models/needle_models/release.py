# SPDX-License-Identifier: Apache-2.0
"""From a checkpoint to a model file: quantise, calibrate, name, and list it in models/manifest.json."""
from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import torch

from .calibrate import calibrate
from .format import parameters, write_model

LICENCE = "Apache-2.0"


def load_checkpoint(path: Path) -> tuple[dict[str, torch.Tensor], dict]:
    """The averaged weights and the config of a training checkpoint."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    return state["average"], state["config"]


def export(checkpoint: Path, tokenizer: Path, out: Path, precision: str, embed: str, version: str, provenance: str,
           calibration: dict | None = None) -> list[dict]:
    """Writes the model file; -> errors of the quantised tensors."""
    weights, config = load_checkpoint(checkpoint)
    size = f"{parameters(config) / 1e6:.0f}m"
    return write_model(out, weights, config, tokenizer, calibration,
                       {"name": f"needle-router-{size}", "version": version, "licence": LICENCE, "provenance": provenance},
                       precision, embed)


def release(checkpoint: Path, tokenizer: Path, folder: Path, program: Path, data: Path, precision: str, embed: str,
            version: str, provenance: str) -> Path:
    """Exports, calibrates with the engine itself, writes the final file and the manifest."""
    _, config = load_checkpoint(checkpoint)
    name = f"needle-router-{parameters(config) / 1e6:.0f}m-{version}.safetensors"
    out = folder / name
    report = export(checkpoint, tokenizer, out, precision, embed, version, provenance)
    for line in report:
        print(f"{line['tensor']:24} max {line['max']:.5f}  mean {line['mean']:.5f}  relative {line['relative']:.4f}", file=sys.stderr)
    calibration = calibrate(program, out, data)
    export(checkpoint, tokenizer, out, precision, embed, version, provenance, calibration)
    content = out.read_bytes()
    manifest = {"name": name.removesuffix(".safetensors"), "file": name, "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(), "format": "needle-router/1"}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    return out


def commit_of(folder: Path) -> str:
    """The commit that trained it, for the provenance."""
    done = subprocess.run(["git", "-C", str(folder), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return done.stdout.strip() or "unknown"
