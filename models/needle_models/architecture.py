# SPDX-License-Identifier: Apache-2.0
"""SAN-1 with isolated tools: the network itself, for training and as the reference of the C++ engine.

Tokens of all tool blocks of a batch lie one after the other in one flat row ("packed"), so that linear layers never
compute padding; attention works on padded views made by index. A tool block attends to itself; the query block to
itself and to its example's tools; the decoder to both. Parameter names are the tensor names of the model file.
"""
from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .config import Config

EPS = 1e-6


def bf16_is_fast(device: str) -> bool:
    """On a GPU, and on CPUs with AVX-512 or AMX; elsewhere it is emulated (AVX2: 1.4 against 136 GFLOP/s in f32)."""
    return device != "cpu" or torch.ops.mkldnn._is_mkldnn_bf16_supported()


def autocast(device: str) -> torch.autocast:
    """bf16 where the machine is fast in it, else f32."""
    return torch.autocast(device, torch.bfloat16, enabled=bf16_is_fast(device))


@dataclass
class Batch:
    """Index tensors of one batch. T flat tokens of N blocks (tools, and each query alone, shortest first), B examples."""
    flat: Tensor          # [T] token ids of all blocks
    position: Tensor      # [T] position inside its block, from 0
    groups: list[tuple]   # blocks of like length: (pad [n, L] into flat, mask [n, L], unpad [t] into n * L, begin, end in
                          # flat); pad and unpad are None where flat[begin:end] is that rectangle already
    context: Tensor       # [B, S] index into flat: the tokens of the example's tools
    context_mask: Tensor  # [B, S]
    query: Tensor         # [B, Lq] token ids
    query_mask: Tensor    # [B, Lq]
    target_in: Tensor     # [B, Ld] decoder input, starts with <s>
    target: Tensor        # [B, Ld] what it should say next, 0 where padded
    weight: Tensor        # [B, Ld] loss weight
    block: Tensor         # [T] block of each flat token
    tool_block: Tensor    # [tools] which block holds the tool
    query_block: Tensor   # [B] which block holds the query alone
    positive: Tensor      # [B, tools] 1 where the tool answers the request
    negative: Tensor      # [B, tools] 1 where it certainly does not
    blocks: int           # N; tokens that fill a slot up have block N
    examples: int         # B, or fewer where rows were filled up
    fixed: bool = False   # groups are whole rectangles of flat, and no size depends on the data (fixed_shapes.py)

    def to(self, device) -> "Batch":
        def move(v):
            if isinstance(v, (list, tuple)):
                return type(v)(map(move, v))
            return v.to(device, non_blocking=True) if isinstance(v, Tensor) else v
        return Batch(**{k: move(v) for k, v in vars(self).items()})


class Pad(torch.autograd.Function):
    """Flat [t, ...] -> padded [n, L, ...]. Each token stands in one place, so the backward pass is a plain selection."""

    @staticmethod
    def forward(ctx, x, pad, unpad):
        ctx.save_for_backward(unpad)
        return x.index_select(0, pad.flatten()).view(*pad.shape, *x.shape[1:])

    @staticmethod
    def backward(ctx, grad):
        (unpad,) = ctx.saved_tensors
        return grad.flatten(0, 1).index_select(0, unpad), None, None


class Unpad(torch.autograd.Function):
    """Padded [n * L, ...] -> flat [t, ...], the inverse of Pad."""

    @staticmethod
    def forward(ctx, x, unpad):
        ctx.save_for_backward(unpad)
        ctx.rows = x.shape[0]
        return x.index_select(0, unpad)

    @staticmethod
    def backward(ctx, grad):
        (unpad,) = ctx.saved_tensors
        return grad.new_zeros(ctx.rows, *grad.shape[1:]).index_copy_(0, unpad, grad), None


class Gather(torch.autograd.Function):
    """Flat [T, ...] -> the context rows [B, S, ...]; a tool that several examples see collects their gradients."""

    @staticmethod
    def forward(ctx, x, index, mask):
        ctx.save_for_backward(index, mask)
        ctx.rows = x.shape[0]
        return x.index_select(0, index.flatten()).view(*index.shape, *x.shape[1:])

    @staticmethod
    def backward(ctx, grad):
        index, mask = ctx.saved_tensors
        keep = mask.flatten().nonzero().squeeze(1)
        rows = grad.flatten(0, 1).index_select(0, keep).flatten(1).float()
        total = torch.zeros(ctx.rows, rows.shape[1], device=grad.device).index_add_(0, index.flatten()[keep], rows)
        return total.view(ctx.rows, *grad.shape[2:]).to(grad.dtype), None, None


class Norm(nn.Module):
    """ZCRMSNorm: (1 + g) * x / sqrt(mean(x^2) + 1e-6), statistics in f32."""

    def __init__(self, size: int):
        super().__init__()
        self.g = nn.Parameter(torch.zeros(size))

    def forward(self, x: Tensor) -> Tensor:
        y = F.rms_norm(x.float(), (x.shape[-1],), 1 + self.g, EPS)
        device = x.device.type      # under autocast: once here instead of once in each linear map that reads it
        return y.to(torch.get_autocast_dtype(device)) if torch.is_autocast_enabled(device) else y.to(x.dtype)


def rope_tables(config: Config) -> tuple[Tensor, Tensor]:
    """cos and sin, [max_position, head_dim / 2]; half-split layout."""
    half = config.head_dim // 2
    frequency = config.rope_theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(config.max_position, dtype=torch.float64)[:, None] * frequency
    return angle.cos().float(), angle.sin().float()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """RoPE on x [..., heads, head_dim] with cos, sin [..., 1, head_dim / 2]."""
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)


class Attention(nn.Module):
    """Projections of one attention; what attends to what is the caller's matter."""

    def __init__(self, config: Config):
        super().__init__()
        c = self.config = config
        self.norm = Norm(c.d_model)
        self.q = nn.Linear(c.d_model, c.heads * c.head_dim, bias=False)
        self.k = nn.Linear(c.d_model, c.kv_heads * c.head_dim, bias=False)
        self.v = nn.Linear(c.d_model, c.kv_heads * c.head_dim, bias=False)
        self.o = nn.Linear(c.heads * c.head_dim, c.d_model, bias=False)
        self.q_norm, self.k_norm = Norm(c.head_dim), Norm(c.head_dim)
        self.smear = nn.Parameter(torch.ones(c.kv_heads))
        self.gate = nn.Parameter(torch.zeros(1))

    def queries(self, x: Tensor) -> Tensor:
        """[..., d] -> [..., heads, head_dim], normed, not yet rotated."""
        c = self.config
        return self.q_norm(self.q(x).unflatten(-1, (c.heads, c.head_dim)))

    def keys_values(self, x: Tensor, first: Tensor) -> tuple[Tensor, Tensor]:
        """[..., t, d] -> k, v [..., t, kv_heads, head_dim]; `first` [..., t] is true at the first token of a block."""
        c = self.config
        k = self.k(x).unflatten(-1, (c.kv_heads, c.head_dim))
        v = self.v(x).unflatten(-1, (c.kv_heads, c.head_dim))
        if c.smear:
            previous = F.pad(k[..., :-1, :, :], (0, 0, 0, 0, 1, 0))
            previous = previous.masked_fill(first[..., None, None], 0)
            k = k + self.smear.to(k.dtype)[:, None] * previous
        return self.k_norm(k), v

    def attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
        """q [B, t, heads, hd], k and v [B, s, kv_heads, hd], mask [B or 1, 1, t or 1, s], true where seen
        -> [B, t, heads * hd]. Query head h reads kv head h / (heads / kv_heads): the heads of a group are stacked along
        t, so that k and v are never repeated. Plain matmul and softmax: on a CPU several times faster than the fused
        kernel, whose backward pass dominates at these sizes."""
        c = self.config
        b, t, group = q.shape[0], q.shape[1], c.heads // c.kv_heads
        if q.is_cuda:
            return self.attend_fused(q, k, v, mask)
        q = q.unflatten(2, (c.kv_heads, group)).permute(0, 2, 3, 1, 4).reshape(b, c.kv_heads, group * t, q.shape[-1])
        bias = torch.zeros(mask.shape, dtype=v.dtype, device=q.device).masked_fill(~mask, -1e9)
        if mask.shape[2] > 1:
            bias = bias.repeat(1, 1, group, 1)
        with torch.autocast(q.device.type, enabled=False):      # it would widen the scores to f32 in memory
            scores = torch.matmul((q * (c.head_dim ** -0.5)).to(v.dtype), k.permute(0, 2, 3, 1).to(v.dtype))
            y = torch.matmul(torch.softmax(scores.add_(bias), dim=-1), v.transpose(1, 2))
        return y.view(b, c.kv_heads, group, t, c.head_dim).permute(0, 3, 1, 2, 4).reshape(b, t, c.heads * c.head_dim)

    def attend_fused(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
        """The same by the GPU's fused kernel, which takes a mask only where every query head has its own k and v."""
        c = self.config
        k, v = (z.repeat_interleave(c.heads // c.kv_heads, 2).transpose(1, 2) for z in (k, v))
        y = F.scaled_dot_product_attention(q.transpose(1, 2).to(v.dtype), k.to(v.dtype), v, mask, scale=c.head_dim ** -0.5)
        return y.transpose(1, 2).flatten(-2)

    def residual(self, x: Tensor, y: Tensor) -> Tensor:
        return x + torch.sigmoid(self.gate).to(x.dtype) * self.o(y)


class DecoderLayer(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        self.self = Attention(config)
        self.cross = Attention(config)


class Stack(nn.Module):
    """Layers under their numbers, and the final norm: `enc.3.q`, `enc.norm`."""

    def __init__(self, layers: list[nn.Module], size: int):
        super().__init__()
        for i, layer in enumerate(layers):
            self.add_module(str(i), layer)
        self.count = len(layers)
        self.norm = Norm(size)

    def __iter__(self):
        return (getattr(self, str(i)) for i in range(self.count))


class San1(nn.Module):
    """Encoder, decoder, shared embedding, retrieval head."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.embed = nn.Parameter(torch.randn(config.vocab, config.d_model) / math.sqrt(config.d_model))
        self.enc = Stack([Attention(config) for _ in range(config.enc_layers)], config.d_model)
        self.dec = Stack([DecoderLayer(config) for _ in range(config.dec_layers)], config.d_model)
        self.retrieval = nn.Parameter(torch.randn(config.retrieval_dim, config.d_model) / math.sqrt(config.d_model))
        cos, sin = rope_tables(config)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        for name, p in self.named_parameters():
            if p.dim() == 2 and name not in ("embed", "retrieval"):
                nn.init.normal_(p, std=1 / math.sqrt(p.shape[1]))

    def embedding(self, ids: Tensor) -> Tensor:
        return F.embedding(ids, self.embed) * math.sqrt(self.config.d_model)

    def rope(self, position: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        return self.cos[position][..., None, :].to(dtype), self.sin[position][..., None, :].to(dtype)

    @staticmethod
    def context(b: Batch, tools: Tensor, query: Tensor) -> Tensor:
        """Keys or values of the example's tools [T, ...], then of its query [B, Lq, ...] -> [B, S + Lq, ...]."""
        if b.fixed:      # masked places get no gradient from attention; nothing to count out
            return torch.cat((tools[b.context], query), 1)
        return torch.cat((Gather.apply(tools, b.context, b.context_mask), query), 1)

    def look(self, query: Tensor, tools: Tensor, rotated: Tensor, own: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, ...]:
        """What the query block attends with and to: its queries, the tools' keys (`rotated` by their positions), its own."""
        return rotate(query, cos, sin), rotated, rotate(own, cos, sin)

    def encode(self, b: Batch) -> tuple[Tensor, Tensor]:
        """-> outputs of all blocks [T, d] and of the query blocks [B, Lq, d]."""
        x, xq = self.embedding(b.flat), self.embedding(b.query)
        cos, sin = self.rope(b.position, x.dtype)
        qpos = torch.arange(b.query.shape[1], device=x.device)
        qcos, qsin = self.rope(qpos, x.dtype)
        first, qfirst = b.position == 0, (qpos == 0).expand(b.query.shape)
        query_mask = torch.cat((b.context_mask, b.query_mask), 1)[:, None, None, :]
        for layer in self.enc:
            x, xq = self.encoder_layer(layer, b, x, xq, (cos, sin), (qcos, qsin), first, qfirst, query_mask)
        return self.enc.norm(x), self.enc.norm(xq)

    def encoder_layer(self, layer: Attention, b: Batch, x, xq, rope, query_rope, first, query_first, query_mask):
        h, hq = layer.norm(x), layer.norm(xq)
        k, v = layer.keys_values(h, first)
        kq, vq = layer.keys_values(hq, query_first)
        q, rotated = rotate(layer.queries(h), *rope), rotate(k, *rope)
        y = torch.cat([self.attend_group(layer, group, q, rotated, v) for group in b.groups])
        qq, kt, kq = self.look(layer.queries(hq), k, rotated, kq, *query_rope)
        yq = layer.attend(qq, self.context(b, kt, kq), self.context(b, v, vq), query_mask)
        return layer.residual(x, y), layer.residual(xq, yq)

    @staticmethod
    def attend_group(layer: Attention, group: tuple, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Blocks of like length, each to itself; -> [t, heads * head_dim]"""
        pad, mask, unpad, begin, end = group
        if pad is None:
            q, k, v = (z[begin:end].unflatten(0, mask.shape) for z in (q, k, v))
            return layer.attend(q, k, v, mask[:, None, None, :]).flatten(0, 1)
        q, k, v = (Pad.apply(z[begin:end], pad, unpad) for z in (q, k, v))
        return Unpad.apply(layer.attend(q, k, v, mask[:, None, None, :]).flatten(0, 1), unpad)

    def decode(self, b: Batch, x: Tensor, xq: Tensor) -> Tensor:
        """Teacher-forced decoder -> final_norm(x) [B, Ld, d]."""
        y = self.embedding(b.target_in)
        pos = torch.arange(b.target_in.shape[1], device=y.device)
        rope = self.rope(pos, y.dtype)
        first = (pos == 0).expand(b.target_in.shape)
        mask = torch.cat((b.context_mask, b.query_mask), 1)[:, None, None, :]
        causal = (pos[:, None] >= pos)[None, None]
        for layer in self.dec:
            y = self.decoder_layer(layer, b, y, x, xq, rope, first, causal, mask)
        return self.dec.norm(y)

    def decoder_layer(self, layer: DecoderLayer, b: Batch, y, x, xq, rope, first, causal, mask):
        a = layer.self
        h = a.norm(y)
        k, v = a.keys_values(h, first)
        y = a.residual(y, a.attend(rotate(a.queries(h), *rope), rotate(k, *rope), v, causal))
        a = layer.cross
        return a.residual(y, a.attend(a.queries(a.norm(y)), *self.cross_keys_values(a, b, x, xq), mask))

    def cross_keys_values(self, a: Attention, b: Batch, x: Tensor, xq: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of the encoder's output, [B, S + Lq, kv_heads, head_dim]."""
        k, v = a.keys_values(x, b.position == 0)
        kq, vq = a.keys_values(xq, (torch.arange(b.query.shape[1], device=xq.device) == 0).expand(b.query.shape))
        return self.context(b, k, kq), self.context(b, v, vq)

    def vectors(self, b: Batch, x: Tensor) -> Tensor:
        """Retrieval vectors of all blocks, [N, retrieval_dim], L2-normalised: R . mean of the block's outputs."""
        total = torch.zeros(b.blocks + 1, x.shape[-1], dtype=torch.float32, device=x.device).index_add(0, b.block, x.float())
        count = torch.zeros(b.blocks + 1, device=x.device).index_add(0, b.block, torch.ones_like(b.block, dtype=torch.float32))
        mean = (total / count.clamp_min(1)[:, None])[:b.blocks]
        return F.normalize(mean @ self.retrieval.t(), dim=-1)

    def forward(self, b: Batch) -> tuple[Tensor, Tensor]:
        """-> (weighted cross entropy of the answers, contrastive loss of the retrieval head)."""
        x, xq = self.encode(b)
        h = self.decode(b, x, xq)
        keep = slice(None) if b.fixed else b.target != 0      # padding has weight 0; leaving it out is worth a wait only on a CPU
        logits = (h[keep] @ self.embed.to(h.dtype).t()).float()
        weight = b.weight[keep]
        loss = F.cross_entropy(logits.flatten(0, -2), b.target[keep].flatten(), reduction="none") * weight.flatten()
        return loss.sum() / weight.sum(), self.contrast(b, self.vectors(b, x))

    @staticmethod
    def contrast(b: Batch, vectors: Tensor) -> Tensor:
        """How badly each request's vector tells its tools from those that certainly do not fit; mean over requests."""
        scores = vectors[b.query_block] @ vectors[b.tool_block].t() * 20     # 1 / temperature
        has = b.positive.any(1)
        scores = scores.masked_fill(~(b.positive | b.negative), -1e4)
        gold = torch.logsumexp(scores.masked_fill(~b.positive, -1e4), 1)
        return ((torch.logsumexp(scores, 1) - gold) * has).sum() / has.sum().clamp_min(1)
