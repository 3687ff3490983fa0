# SPDX-License-Identifier: Apache-2.0
"""How much arithmetic a batch is, and how much the machine could do: tokens a second and the share of its peak."""
from __future__ import annotations

import time

import torch

from .architecture import Batch, bf16_is_fast
from .config import Config

FORWARD_AND_BACKWARD = 6      # FLOPs for each weight and token: 2 forward, 4 backward


def tokens_of(batch: Batch) -> int:
    """Tokens that mean something: blocks, requests, answers."""
    return int((batch.block < batch.blocks).sum() + batch.query_mask.sum() + (batch.target != 0).sum())


def macs_of(config: Config, batch: Batch) -> float:
    """Multiply-accumulates of a forward pass over what is real in the batch, attention included."""
    c = config
    width, kv = c.heads * c.head_dim, c.kv_heads * c.head_dim
    attention = c.d_model * 2 * (width + kv)                   # q, k, v, o of one token
    blocks = torch.bincount(batch.block, minlength=batch.blocks)[:batch.blocks].double()
    queries, answers = batch.query_mask.sum(1).double(), (batch.target != 0).sum(1).double()
    seen = queries + batch.context_mask.sum(1)
    encoded = float(blocks.sum() + queries.sum())
    encoder = encoded * attention + 2 * width * float((blocks ** 2).sum() + (queries * seen).sum())
    decoder = float(answers.sum()) * (attention + 2 * c.d_model * width) + encoded * c.d_model * 2 * kv \
        + 2 * width * float((answers ** 2 / 2 + answers * seen).sum())
    return c.enc_layers * encoder + c.dec_layers * decoder + float(answers.sum()) * c.d_model * c.vocab


def flops_of(config: Config, batch: Batch) -> float:
    """Of a training step, without the optimizer's."""
    return FORWARD_AND_BACKWARD * macs_of(config, batch)


def peak_flops(device: str, seconds: float = 0.3) -> float:
    """What a large matrix product reaches here in the type that training uses, FLOP/s: measured, not looked up."""
    size = 8192 if device != "cpu" else 1024
    dtype = torch.bfloat16 if bf16_is_fast(device) else torch.float32
    a, b = (torch.randn(size, size, device=device, dtype=dtype) for _ in range(2))
    wait = torch.cuda.synchronize if device != "cpu" else lambda: None
    a @ b
    wait()
    start, count = time.perf_counter(), 0
    while count < 2 or time.perf_counter() - start < seconds:
        a @ b
        count += 1
        wait()
    return 2 * size ** 3 * count / (time.perf_counter() - start)
