# SPDX-License-Identifier: Apache-2.0
"""Geometry of a network; the same keys stand in the model file and in wasm/format/model_config.h."""
from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Config:
    d_model: int = 512
    heads: int = 8
    kv_heads: int = 4
    head_dim: int = 64
    enc_layers: int = 12
    dec_layers: int = 8
    vocab: int = 8192
    max_position: int = 1024
    max_query: int = 512
    max_tool: int = 256
    smear: bool = True
    attention: str = "isolated"
    format: str = "compact"
    rope_theta: float = 10000.0
    retrieval_dim: int = 128

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @staticmethod
    def from_dict(values: dict) -> "Config":
        return Config(**{k: v for k, v in values.items() if k in Config.__dataclass_fields__})


GEOMETRIES = {
    "26m": Config(),
    "5m": Config(d_model=256, heads=4, kv_heads=4, head_dim=64, enc_layers=5, dec_layers=5),
    "2m": Config(d_model=128, heads=4, kv_heads=4, head_dim=32, enc_layers=6, dec_layers=6),
    "tiny": Config(d_model=64, heads=2, kv_heads=2, head_dim=32, enc_layers=2, dec_layers=2),      # for rehearsals
}
