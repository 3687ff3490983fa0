# SPDX-License-Identifier: Apache-2.0
"""Quantisation-aware training: the forward pass sees the matrices as the model file will hold them, gradients pass through.

A row's scale and multipliers are fitted once, as for the file, when the phase begins; from then on only the codes move. What
is kept of the phase is `snap`: weights on that grid, which the file's own fit finds again. (Tried on a small regression:
fitting anew every 64 steps, or keeping the weights behind the codes, ends worse than no such training at all.)
"""
from __future__ import annotations

import torch
from torch import Tensor, nn

from .quantize import GROUP, Q4, quantize_q4, quantize_q7


class FakeQuantizer:
    """`parameters()` for torch.func.functional_call: quantised matrices, everything else as it is."""

    def __init__(self, model: nn.Module, matrices: str = "q4", embed: str = "q7"):
        self.model = model
        self.kinds = {n: embed if n == "embed" else matrices for n, p in model.named_parameters() if p.dim() == 2}
        self.grid: dict[str, Tensor] = {}      # empty before the phase begins

    def parameters(self) -> dict[str, Tensor]:
        if not self.grid:
            self.fit()
        return {n: self.quantize(n, p) if n in self.kinds else p for n, p in self.model.named_parameters()}

    @torch.no_grad()
    def fit(self) -> None:
        """What one code is worth: [out, in / 32, 1] for 4 bits, [out, 1, 1] for 7."""
        for name, p in self.model.named_parameters():
            if name in self.kinds:
                q = quantize_q4(p) if self.kinds[name] == "q4" else quantize_q7(p)
                step = q.scale[:, None] * q.multipliers if isinstance(q, Q4) else q.scale[:, None]
                self.grid[name] = step[..., None]

    def snap(self, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """Weights moved onto the grid; as they are before the phase."""
        return {n: self.quantize(n, w) if n in self.grid else w for n, w in state.items()}

    def quantize(self, name: str, w: Tensor) -> Tensor:
        step = self.grid[name]
        low, high = (-8, 7) if self.kinds[name] == "q4" else (-63, 63)
        with torch.no_grad():
            codes = (w.unflatten(1, (-1, GROUP)) / step).round_().clamp_(low, high)
            difference = (codes * step).flatten(1) - w
        return w + difference
