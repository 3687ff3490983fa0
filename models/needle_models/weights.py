# SPDX-License-Identifier: Apache-2.0
"""Weights to go on from or to judge: of a checkpoint or of a model file, as trained or as 4 bits would keep them."""
from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from .config import Config
from .format import matrix_tensors, read_model, to_state_dict


def load_checkpoint(path: Path) -> dict:
    """A training checkpoint: `average` (the weights to release), `config`, `step`, `start`, `spent`."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    state["average"] = {name: w.float() for name, w in state["average"].items()}
    return state


def slim(checkpoint: Path, out: Path) -> None:
    """Of a checkpoint what a release needs, weights in f16: a sixth of its size. Training can go on from it (--from)."""
    state = load_checkpoint(checkpoint)
    kept = {key: state[key] for key in ("config", "step", "start", "spent")}
    torch.save({**kept, "average": {name: w.half() for name, w in state["average"].items()}}, out)


def load_weights(path: Path) -> tuple[Config, dict[str, Tensor]]:
    """Config and averaged weights of a run's folder, a checkpoint (.pt) or a model file (dequantised)."""
    if path.suffix == ".safetensors":
        state, config, *_ = read_model(path)
        return Config.from_dict(config), to_state_dict(state)
    state = load_checkpoint(path / "checkpoint.pt" if path.is_dir() else path)
    return Config.from_dict(state["config"]), state["average"]


def as_stored(state: dict[str, Tensor], precision: str, embed: str) -> dict[str, Tensor]:
    """The weights that come back from a file of this precision ("f32", "q7", "q4"), as the engine has them."""
    return {name: matrix_tensors(name, w.float(), embed if name == "embed" else precision)[1] if w.dim() == 2 else w
            for name, w in state.items()}
