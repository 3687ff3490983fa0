# SPDX-License-Identifier: Apache-2.0
"""Networks that were measured against San1 (EXPERIMENTS.md): only the trainer knows them, the engine does not.

`train --set attention=unrotated` (or `joint`, `smear=false`, `smear=half`) chooses one; all have San1's parameters.
"""
from __future__ import annotations

import json

import torch
from torch import Tensor

from .architecture import Attention, Batch, San1, rotate
from .config import Config


class Unrotated(San1):
    """Isolated tools; the request sees the tools' keys without RoPE, its own with it, in one softmax."""

    def look(self, query, tools, rotated, own, cos, sin):
        """Twice as wide heads: the rotated half meets the request's own keys, the plain half those of the tools."""
        return (torch.cat((rotate(query, cos, sin), query), -1), torch.cat((torch.zeros_like(tools), tools), -1),
                torch.cat((rotate(own, cos, sin), torch.zeros_like(own)), -1))


class Joint(San1):
    """One sequence, request then tools, in which everything sees everything. Has no retrieval vectors."""

    def encode(self, b: Batch) -> tuple[Tensor, Tensor]:
        """-> (outputs [B, S + Lq, d], tools first in memory as elsewhere; nothing)"""
        x = self.embedding(torch.cat((b.flat[b.context], b.query), 1))
        mask = torch.cat((b.context_mask, b.query_mask), 1)
        before = b.query_mask.sum(1, keepdim=True)
        position = torch.cat((before + b.context_mask.cumsum(1) - 1, (b.query_mask.cumsum(1) - 1).clamp_min(0)), 1)
        cos, sin = self.rope(position, x.dtype)
        first = self.first(b)
        for layer in self.enc:
            h = layer.norm(x)
            k, v = layer.keys_values(h, first)
            x = layer.residual(x, layer.attend(rotate(layer.queries(h), cos, sin), rotate(k, cos, sin), v, mask[:, None, None, :]))
        return self.enc.norm(x), x[:0]

    @staticmethod
    def first(b: Batch) -> Tensor:
        """[B, S + Lq]: the first token of the tools and of the request has no previous one."""
        column = torch.arange(b.context.shape[1] + b.query.shape[1], device=b.query.device)
        return ((column == 0) | (column == b.context.shape[1])).expand(len(b.query), -1)

    def cross_keys_values(self, a: Attention, b: Batch, x: Tensor, xq: Tensor) -> tuple[Tensor, Tensor]:
        return a.keys_values(x, self.first(b))

    def vectors(self, b: Batch, x: Tensor) -> Tensor:
        return torch.zeros(b.blocks, self.config.retrieval_dim, device=x.device)


NETWORKS = {"isolated": San1, "unrotated": Unrotated, "joint": Joint}


def network(config: Config) -> San1:
    """The network of a config. `smear: "half"`: every second kv head's smear stays 0, which a model file can hold."""
    model = NETWORKS[config.attention](config)
    if config.smear == "half":
        for layer in model.modules():
            if isinstance(layer, Attention):
                keep = torch.arange(config.kv_heads) % 2 == 0
                layer.smear.data.mul_(keep)
                layer.smear.register_hook(lambda gradient, keep=keep: gradient * keep.to(gradient.device))
    return model


def with_changes(config: Config, changes: list[str]) -> Config:
    """`["smear=half", "vocab=4096"]` applied to a config; words become the type that JSON gives them."""
    values = dict(vars(config))
    for change in changes:
        key, _, text = change.partition("=")
        if key not in values:
            raise ValueError(f"--set {change}: no field {key!r}; there are {', '.join(sorted(values))}")
        try:
            values[key] = json.loads(text)
        except json.JSONDecodeError:
            values[key] = text
    return Config(**values)
