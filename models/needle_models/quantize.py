# SPDX-License-Identifier: Apache-2.0
"""4-bit and 7-bit matrices of the model file, and what they cost.

q4: w = scale[row] * m * (c - 8), one multiplier m in 1..8 per 32 inputs, codes c in 0..15. The engine forms
u = 64 + m * (c - 8), always 0..120, so that a row is one integer dot product and one float scale.
q7: w = scale[row] * (u - 64), u in 1..127. Scales and multipliers are chosen for the least squared error.
"""
from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

GROUP = 32        # inputs that share a multiplier
ZERO = 64         # the u that stands for 0
MAX_MULTIPLIER = 8


@dataclass
class Q4:
    codes: Tensor        # [out, in] uint8, 0..15
    multipliers: Tensor  # [out, in / 32] uint8, 1..8
    scale: Tensor        # [out] f32

    def units(self) -> Tensor:
        """u - 64 = m * (c - 8), [out, in] int32."""
        return (self.codes.int() - 8) * self.multipliers.int().repeat_interleave(GROUP, 1)

    def dequantize(self) -> Tensor:
        return self.units().float() * self.scale[:, None]


@dataclass
class Q7:
    u: Tensor       # [out, in] uint8, 1..127
    scale: Tensor   # [out] f32

    def units(self) -> Tensor:
        return self.u.int() - ZERO

    def dequantize(self) -> Tensor:
        return self.units().float() * self.scale[:, None]


def fit_q4(w: Tensor, scale: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The best codes and multipliers for given row scales -> codes - 8, multipliers, squared error of each row."""
    groups = w.reshape(w.shape[0], -1, GROUP)
    best = torch.full(groups.shape[:2], float("inf"), device=w.device)
    codes = torch.zeros_like(groups)
    multipliers = torch.ones(groups.shape[:2], device=w.device)
    for m in range(1, MAX_MULTIPLIER + 1):
        step = (scale * m)[:, None, None]
        c = (groups / step).round_().clamp_(-8, 7)
        error = (groups - c * step).square_().sum(-1)
        better = error < best
        best = torch.where(better, error, best)
        codes = torch.where(better[..., None], c, codes)
        multipliers = torch.where(better, float(m), multipliers)
    return codes, multipliers, best.sum(-1)


def refit_scale(w: Tensor, units: Tensor, scale: Tensor) -> Tensor:
    """Least squares: the scale that serves these integers best; the old one where a row is all zero."""
    square = (units * units).sum(1)
    new = (w * units).sum(1) / square.clamp_min(1)
    return torch.where((square > 0) & (new > 0), new, scale)


def quantize_q4(w: Tensor, candidates: int = 16) -> Q4:
    """Tries `candidates` scales a row, then refits the best by least squares."""
    w = w.detach().float()
    assert w.shape[1] % (2 * GROUP) == 0, "the multipliers of a row fill whole bytes"
    amax = w.abs().amax(1).clamp_min(1e-20)
    best = torch.full_like(amax, float("inf"))
    best_scale = amax / (MAX_MULTIPLIER * 7)
    for i in range(candidates):     # the largest weight may land on code 5.6 .. 8 of the widest group
        scale = amax / (MAX_MULTIPLIER * (5.6 + 2.4 * i / max(1, candidates - 1)))
        error = fit_q4(w, scale)[2]
        best_scale = torch.where(error < best, scale, best_scale)
        best = torch.minimum(error, best)
    for _ in range(3):
        codes, multipliers, error = fit_q4(w, best_scale)
        units = (codes * multipliers[..., None]).flatten(1)
        scale = refit_scale(w, units, best_scale)
        better = fit_q4(w, scale)[2] < error
        if not bool(better.any()):
            break
        best_scale = torch.where(better, scale, best_scale)
    codes, multipliers, _ = fit_q4(w, best_scale)
    return Q4((codes + 8).flatten(1).to(torch.uint8), multipliers.to(torch.uint8), best_scale)


def quantize_q7(w: Tensor, candidates: int = 16) -> Q7:
    w = w.detach().float()
    amax = w.abs().amax(1).clamp_min(1e-20)
    best, best_scale = torch.full_like(amax, float("inf")), amax / 63
    for i in range(candidates):
        scale = amax / (63 + 12 * i / max(1, candidates - 1))
        units = (w / scale[:, None]).round_().clamp_(-63, 63)
        error = (w - units * scale[:, None]).square_().sum(1)
        best_scale = torch.where(error < best, scale, best_scale)
        best = torch.minimum(error, best)
    units = (w / best_scale[:, None]).round_().clamp_(-63, 63)
    return Q7((units + ZERO).to(torch.uint8), best_scale)


def error_report(name: str, w: Tensor, restored: Tensor) -> dict:
    """Largest and mean absolute error, and the error's size against the tensor's own (both root mean square)."""
    w = w.detach().float()
    difference = (w - restored).abs()
    rms = w.square().mean().sqrt().clamp_min(1e-20)
    return {"tensor": name, "max": difference.max().item(), "mean": difference.mean().item(),
            "relative": (difference.square().mean().sqrt() / rms).item()}
