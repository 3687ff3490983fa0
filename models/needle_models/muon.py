# SPDX-License-Identifier: Apache-2.0
"""Muon for matrices: the momentum of the gradient, orthogonalised by a Newton-Schulz iteration.

The same update as torch.optim.Muon (K. Jordan's quintic coefficients), for two reasons not that class: it iterates in
bf16 only, which a CPU without bf16 arithmetic emulates (20 s a step), and one matrix at a time; here matrices of equal
shape are iterated together, in the type that the machine is fast in.
"""
from __future__ import annotations

from collections import defaultdict

import torch
from torch import Tensor

from .architecture import bf16_is_fast

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
ITERATIONS = 5


def orthogonalise(matrices: Tensor) -> Tensor:
    """[n, rows, cols] -> each with its singular values pushed to about 1 (0.7 .. 1.2), same shape."""
    a, b, c = COEFFICIENTS
    x = matrices.bfloat16() if bf16_is_fast(matrices.device.type) else matrices.float()
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.mT
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp_min(1e-7)
    for _ in range(ITERATIONS):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """Parameters are matrices [rows, cols]; a step moves each by lr * sqrt(max(1, rows / cols)) times its update."""

    def __init__(self, params, lr: float, momentum: float = 0.95, weight_decay: float = 0.0):
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[Tensor]] = defaultdict(list)
            for p in group["params"]:
                if p.grad is not None:
                    by_shape[p.shape].append(p)
            for shape, params in by_shape.items():
                updates = []
                for p in params:
                    state = self.state[p]
                    if not state:
                        state["momentum"] = torch.zeros_like(p)
                    state["momentum"].lerp_(p.grad, 1 - group["momentum"])
                    updates.append(p.grad.lerp(state["momentum"], group["momentum"]))      # Nesterov's look ahead
                size = group["lr"] * max(1.0, shape[0] / shape[1]) ** 0.5
                for p, update in zip(params, orthogonalise(torch.stack(updates)).to(params[0].dtype)):
                    p.mul_(1 - group["lr"] * group["weight_decay"]).add_(update, alpha=-size)
