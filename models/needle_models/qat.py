# SPDX-License-Identifier: Apache-2.0
"""Quantisation-aware training: the forward pass sees the matrices as the model file will hold them, gradients pass through.

A row's scale and multipliers are fitted as for the file every REFRESH steps; in between only the codes move, which is a
division, a rounding and a clamp for each weight.
"""
from __future__ import annotations

import torch
from torch import Tensor, nn

from .quantize import GROUP, Q4, quantize_q4, quantize_q7

REFRESH = 64


class FakeQuantizer:
    """`parameters()` for torch.func.functional_call: quantised matrices, everything else as it is."""

    def __init__(self, model: nn.Module, matrices: str = "q4", embed: str = "q7"):
        self.model = model
        self.kinds = {n: embed if n == "embed" else matrices for n, p in model.named_parameters() if p.dim() == 2}
        self.steps: dict[str, Tensor] = {}
        self.count = 0

    def parameters(self) -> dict[str, Tensor]:
        if self.count % REFRESH == 0:
            self.fit()
        self.count += 1
        return {n: self.quantize(n, p) if n in self.kinds else p for n, p in self.model.named_parameters()}

    @torch.no_grad()
    def fit(self) -> None:
        """What one code is worth: [out, in / 32, 1] for 4 bits, [out, 1, 1] for 7."""
        for name, p in self.model.named_parameters():
            if name in self.kinds:
                q = quantize_q4(p, candidates=4) if self.kinds[name] == "q4" else quantize_q7(p, candidates=4)
                step = q.scale[:, None] * q.multipliers if isinstance(q, Q4) else q.scale[:, None]
                self.steps[name] = step[..., None]

    def quantize(self, name: str, w: Tensor) -> Tensor:
        step = self.steps[name]
        low, high = (-8, 7) if self.kinds[name] == "q4" else (-63, 63)
        with torch.no_grad():
            codes = (w.unflatten(1, (-1, GROUP)) / step).round_().clamp_(low, high)
            difference = (codes * step).flatten(1) - w
        return w + difference
