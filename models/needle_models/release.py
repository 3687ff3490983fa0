# SPDX-License-Identifier: Apache-2.0
"""From a checkpoint to a model file: quantise, calibrate, name, list it in models/manifest.json and in npm's packages."""
from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
from pathlib import Path

from .calibrate import calibrate, dev_rows, unfitted
from .packing import source_rows
from .weights import load_checkpoint
from .fit_odds import fit_odds, with_catalogues
from .fit_weights import choose
from .format import FORMAT, parameters, read_model, to_state_dict, write_model
from .npm_package import write_npm_package

LICENCE = "Apache-2.0"


def provenance(state: dict, folder: Path) -> str:
    """How the weights came to be, in one line: the commit of the trainer; of the run, or the last of several, steps, examples, minutes."""
    done = subprocess.run(["git", "-C", str(folder), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return (f"trainer {done.stdout.strip() or 'unknown'}, {state['step']} steps, {state['start']} examples, "
            f"{state['spent'] / 60:.0f} minutes")


def export(state: dict, tokenizer: Path, out: Path, precision: str, embed: str, name: str, version: str,
           calibration: dict | None = None) -> list[dict]:
    """Writes the model file; -> errors of the quantised tensors."""
    meta = {"name": name, "version": version, "licence": LICENCE, "provenance": provenance(state, Path(__file__).parent)}
    return write_model(out, state["average"], state["config"], tokenizer, calibration, meta, precision, embed)


def held_out(data: Path, families: Path, limit: int = 1200, names: int = 150) -> tuple[list[dict], dict[str, list[dict]]]:
    """-> rows for the confidence (like training, and unlike it: half each), rows by source for the fit of tools."""
    unseen = {source: random.Random(0).sample(rows, len(rows)) for source, rows in
              ((source, list(rows)) for source, rows in source_rows(data, "unseen", families))}
    known = [r for r in dev_rows(data, 4 * limit) if len(r["answers"]) == 2]
    groups = {**{source: rows[-2 * names:] for source, rows in unseen.items()}, "two calls": known[:names]}
    share = limit // (2 * len(unseen))
    mixed = [{**r, "place": source, "answers": [] if r.get("missing") else r["answers"]} for source, rows in unseen.items() for r in rows[:share]]
    return [*dev_rows(data, limit // 2), *mixed], {s: [r for r in rows if not r.get("missing")][:names] for s, rows in groups.items()}


def blend(weights: dict, earlier: Path, share: float) -> dict:
    """`share` of these weights and the rest of the release that the training went on from: what a short second training
    forgets comes back (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models")."""
    old = to_state_dict(read_model(earlier)[0])
    return {name: share * w + (1 - share) * old[name] for name, w in weights.items()}


def mean(weights: list[dict]) -> dict:
    return {name: sum(w[name] for w in weights) / len(weights) for name in weights[0]}


def release(checkpoints: list[Path], tokenizer: Path, folder: Path, program: Path, data: Path, precision: str, embed: str,
            version: str, families: Path = Path("families"), earlier: Path | None = None, share: float = 1.0,
            keeps_fits: bool = False) -> Path:
    """Exports, chooses the weights of the tools' fit, fits when to call, calibrates with the engine itself, writes file and manifest.

    `keeps_fits`: the two fits are `earlier`'s, as the weights were judged with.
    """
    states = [load_checkpoint(checkpoint) for checkpoint in checkpoints]
    state = {**states[-1], "average": mean([s["average"] for s in states])}
    if earlier:
        state["average"] = blend(state["average"], earlier, share)
    name = f"needle-router-{parameters(state['config']) / 1e6:.0f}m"
    out = folder / f"{name}-{version}.safetensors"
    for line in export(state, tokenizer, out, precision, embed, name, version):
        print(f"{line['tensor']:24} max {line['max']:.5f}  mean {line['mean']:.5f}  relative {line['relative']:.4f}",
              file=sys.stderr)
    rows, groups = held_out(data, families)
    if keeps_fits:
        kept = read_model(earlier)[2]
        fit, odds = kept["fit"], kept["odds"]
    else:
        fit = choose(out, groups, tokenizer)
        export(state, tokenizer, out, precision, embed, name, version, unfitted(fit=fit))
        odds = fit_odds(program, out, with_catalogues(rows))
    export(state, tokenizer, out, precision, embed, name, version, unfitted(fit=fit, odds=odds))
    export(state, tokenizer, out, precision, embed, name, version, {**calibrate(program, out, rows), "fit": fit, "odds": odds})
    content = out.read_bytes()
    manifest = {"name": out.stem, "file": out.name, "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(), "format": FORMAT}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    if (folder / "package.json").exists():      # not where a release is tried out in a folder of its own
        write_npm_package(folder, version)
    return out
