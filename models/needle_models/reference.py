# SPDX-License-Identifier: Apache-2.0
"""The integer engine once more, in numpy: the same integers, the same float operations in the same order.

It exists to say what the C++ engine must compute (wasm/model, wasm/kernels): activations rounded to int8 in front of
every quantised matrix, tool keys and values in int8, sums in one fixed order. Both give the same bits; what is compared
is only held to 1e-3. Files without quantisation run in f32 throughout.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from torch import Tensor

from .format import read_model

F = np.float32
Array = np.ndarray


def ordered_sum(terms: Array) -> Array:
    """Sums over axis 0, first to last. numpy does it in that order where the axis is not the innermost."""
    shape = terms.shape[1:]
    flat = np.ascontiguousarray(terms.reshape(terms.shape[0], -1))
    if flat.shape[1] == 1:      # there numpy would sum pairwise
        return np.add.accumulate(flat, axis=0)[-1].reshape(shape)
    return np.add.reduce(flat, axis=0).reshape(shape)


def lane_sum(terms: Array) -> Array:
    """Sums over the last axis as lanes.h does: element i to lane i % 4, lanes as (0 + 1) + (2 + 3)."""
    n = terms.shape[-1]
    lanes = ordered_sum(np.moveaxis(terms.reshape(*terms.shape[:-1], n // 4, 4), -2, 0))
    return (lanes[..., 0] + lanes[..., 1]) + (lanes[..., 2] + lanes[..., 3])


def exp(x: Array) -> Array:
    """kernels/math.h, Exp4."""
    clamped = np.minimum(np.maximum(x, F(-87)), F(88))
    n = np.rint(clamped * F(1.44269504))
    r = (clamped - n * F(0.693359375)) - n * F(-2.12194440e-4)
    p = np.full_like(r, F(1) / F(5040))
    for c in (F(1) / F(720), F(1) / F(120), F(1) / F(24), F(1) / F(6), F(0.5), F(1), F(1)):
        p = p * r + c
    power = ((n.astype(np.int32) + 127) << 23).view(np.float32)
    return np.where(x < F(-87), F(0), p * power)


def sigmoid(x: Array) -> Array:
    return F(1) / (F(1) + exp(-x))


def rms_norm(x: Array, g: Array) -> Array:
    mean = lane_sum(x * x) / F(x.shape[-1])
    return (x * (F(1) / np.sqrt(mean + F(1e-6)))[..., None]) * (F(1) + g)


def rope(x: Array, cos: Array, sin: Array) -> Array:
    """x [t, heads, hd]; cos, sin [t, hd / 2]."""
    a, b = np.split(x, 2, axis=-1)
    cos, sin = cos[:, None], sin[:, None]
    return np.concatenate((a * cos - b * sin, b * cos + a * sin), axis=-1)


def quantize_rows(x: Array) -> tuple[Array, Array]:
    """-> int8 values (as f64, for exact products) and scales, row by row."""
    amax = np.abs(x).max(-1)
    inverse = np.divide(F(127), amax, out=np.zeros_like(amax), where=amax > 0)
    q = np.clip(np.rint(x * inverse[:, None]), -127, 127)
    return q.astype(np.float64), amax / F(127)


class Linear:
    """y = x W^T; with quantised weights in integers, without in f32."""

    def __init__(self, matrix):
        self.plain = matrix.numpy() if isinstance(matrix, Tensor) else None
        if self.plain is None:
            self.units = matrix.units().numpy().astype(np.float64)
            self.scale = matrix.scale.numpy()

    def __call__(self, x: Array) -> Array:
        if self.plain is not None:
            return np.stack([lane_sum(row * self.plain) for row in x])
        q, scale = quantize_rows(x)
        return (self.scale * scale[:, None]) * (q @ self.units.T).astype(np.float32)

    def rows(self, ids: Array) -> Array:
        if self.plain is not None:
            return self.plain[ids]
        return self.scale[ids][:, None] * self.units[ids].astype(np.float32)


def int8_cache(x: Array) -> tuple[Array, Array]:
    """One scale per token and head -> values [t, kv, hd] (as f64, for exact products) and scales [t, kv]."""
    q, scale = quantize_rows(x.reshape(-1, x.shape[-1]))
    return q.reshape(x.shape), scale.reshape(x.shape[:-1])


def quantize_q16(x: Array) -> tuple[Array, Array]:
    """The last axis as int16 of 15 bits (as f64, for exact products) with one scale each."""
    amax = np.abs(x).max(-1)
    inverse = np.divide(F(16383), amax, out=np.zeros_like(amax), where=amax > 0)
    return np.clip(np.rint(x * inverse[..., None]), -16383, 16383).astype(np.float64), amax / F(16383)


@dataclass
class Cache:
    """Keys and values [t, kv, hd] of one block and layer; scales are None in f32."""
    k: Array
    v: Array
    k_scale: Array | None = None
    v_scale: Array | None = None

    @staticmethod
    def of(k: Array, v: Array, int8: bool) -> "Cache":
        if not int8:
            return Cache(k, v)
        (k, ks), (v, vs) = int8_cache(k), int8_cache(v)
        return Cache(k, v, ks, vs)


@dataclass
class Block:
    """An encoded tool or query."""
    output: Array
    layers: list[Cache] = field(default_factory=list)
    cross: list[Cache] = field(default_factory=list)
    vector: Array | None = None


@dataclass
class State:
    """What the decoder has written."""
    layers: list[Cache | None]
    last_key: list[Array | None]
    position: int = 0


class Attention:
    def __init__(self, engine: "Engine", raw: dict, prefix: str):
        self.e = engine
        self.norm, self.q_norm, self.k_norm = (raw[f"{prefix}.{n}"].numpy() for n in ("norm", "q_norm", "k_norm"))
        self.q, self.k, self.v, self.o = (Linear(raw[f"{prefix}.{n}"]) for n in "qkvo")
        self.smear = raw[f"{prefix}.smear"].numpy() if engine.config["smear"] else None
        self.gate = sigmoid(raw[f"{prefix}.gate"].numpy())[0]

    def queries(self, x: Array, first: int | None) -> Array:
        q = rms_norm(self.q(x).reshape(len(x), self.e.config["heads"], -1), self.q_norm)
        return q if first is None else self.e.rotate(q, first)

    def keys_values(self, x: Array, first: int | None, previous: Array | None = None) -> tuple[Array, Array, Array]:
        """-> k, v [t, kv, hd] and the last unsmeared key. `first` None: no RoPE."""
        raw = self.k(x).reshape(len(x), self.e.config["kv_heads"], -1)
        k = raw.copy()
        if self.smear is not None:
            k[1:] = raw[1:] + self.smear[:, None] * raw[:-1]
            if previous is not None:
                k[0] = raw[0] + self.smear[:, None] * previous
        k = rms_norm(k, self.k_norm)
        v = self.v(x).reshape(raw.shape)
        return (k if first is None else self.e.rotate(k, first)), v, raw[-1]

    def attend(self, q: Array, segments: list[Cache]) -> Array:
        """q [t, heads, hd] over all keys of all segments, in order -> [t, heads * hd]."""
        t, heads, hd = q.shape
        kv_heads = segments[0].k.shape[1]
        q = q.reshape(t, kv_heads, heads // kv_heads, hd).transpose(1, 0, 2, 3).reshape(kv_heads, -1, hd)
        factor = F(1) / np.sqrt(F(hd))
        scores = np.concatenate([self.scores(q, c, factor) for c in segments], axis=-1)
        p = exp(scores - scores.max(-1, keepdims=True))
        inverse = F(1) / lane_sum(p)
        out = np.zeros_like(q)
        parts, at = [], 0
        for c in segments:
            parts.append((c, p[..., at:at + len(c.k)]))
            at += -(-len(c.k) // 4) * 4     # where each segment begins: a multiple of 4
        out = out + self.int8_values([part for part in parts if part[0].v_scale is not None], q.shape)
        for c, weights in (part for part in parts if part[0].v_scale is None):
            terms = np.moveaxis(weights, -1, 0)[..., None] * c.v[:, :, None]     # [t, kv, rows, hd]
            out = ordered_sum(np.concatenate((out[None], terms)))
        out = out * inverse[..., None]
        return out.reshape(kv_heads, t, -1, hd).transpose(1, 0, 2, 3).reshape(t, heads * hd)

    @staticmethod
    def scores(q: Array, c: Cache, factor: np.float32) -> Array:
        """[kv, rows, keys], filled up to a multiple of 4 keys with what the softmax turns into zeros."""
        k = c.k.transpose(1, 2, 0)      # [kv, hd, keys]
        if c.k_scale is not None:
            ints, scale = quantize_q16(q)
            acc = ((ints @ k).astype(np.float32) * (scale * factor)[..., None]) * c.k_scale.T[:, None]
        else:
            acc = np.zeros((*q.shape[:2], k.shape[-1]), np.float32)
            for j in range(q.shape[-1]):
                acc += q[..., j, None] * k[:, None, j]
            acc *= factor
        return np.pad(acc, ((0, 0), (0, 0), (0, -acc.shape[-1] % 4)), constant_values=F(-3e38))

    @staticmethod
    def int8_values(parts: list[tuple[Cache, Array]], shape: tuple[int, ...]) -> Array:
        """The int8 segments' weighted values: weights times scales as int16, all with one scale a row. The engine flushes
        its int32 sums every 1024 keys, which these requests do not reach."""
        if not parts:
            return np.zeros(shape, np.float32)
        weights, scale = quantize_q16(np.concatenate([w * c.v_scale.T[:, None] for c, w in parts], axis=-1))
        values = np.concatenate([c.v for c, _ in parts]).transpose(1, 0, 2)      # [kv, keys, hd]
        return scale[..., None] * (weights @ values).astype(np.float32)

    def residual(self, x: Array, attended: Array) -> Array:
        return x + self.gate * self.o(attended)


class Engine:
    """encode_tool, encode_query, decode and logits of a model file."""

    def __init__(self, path: str | Path):
        _, self.config, _, _, raw = read_model(path)
        self.embed, self.retrieval = Linear(raw["embed"]), Linear(raw["retrieval"])
        self.enc = [Attention(self, raw, f"enc.{i}") for i in range(self.config["enc_layers"])]
        self.dec = [(Attention(self, raw, f"dec.{i}.self"), Attention(self, raw, f"dec.{i}.cross"))
                    for i in range(self.config["dec_layers"])]
        self.enc_norm, self.dec_norm = raw["enc.norm"].numpy(), raw["dec.norm"].numpy()
        self.cos, self.sin = raw["rope.cos"].numpy(), raw["rope.sin"].numpy()
        self.int8 = self.enc[0].k.plain is None

    def rotate(self, x: Array, first: int) -> Array:
        return rope(x, self.cos[first:first + len(x)], self.sin[first:first + len(x)])

    def embedding(self, tokens: list[int]) -> Array:
        return self.embed.rows(np.asarray(tokens)) * np.sqrt(F(self.config["d_model"]))

    def encode(self, tokens: list[int], tools: list[Block], int8: bool) -> Block:
        x = self.embedding(tokens)
        block = Block(x)
        for i, layer in enumerate(self.enc):
            h = rms_norm(x, layer.norm)
            k, v, _ = layer.keys_values(h, 0)
            own = Cache.of(k, v, False)     # a block reads its own keys in f32; only what is kept is int8
            if int8:
                block.layers.append(Cache.of(k, v, self.int8))
            x = layer.residual(x, layer.attend(layer.queries(h, 0), [t.layers[i] for t in tools] + [own]))
        block.output = rms_norm(x, self.enc_norm)
        for _, cross in self.dec:
            k, v, _ = cross.keys_values(block.output, None)
            block.cross.append(Cache.of(k, v, int8 and self.int8))
        vector = self.retrieval((ordered_sum(block.output) / F(len(tokens)))[None])[0]
        block.vector = vector * (F(1) / np.maximum(np.sqrt(lane_sum(vector * vector)), F(1e-12)))
        return block

    def encode_tool(self, tokens: list[int]) -> Block:
        return self.encode(tokens, [], True)

    def encode_query(self, tokens: list[int], tools: list[Block]) -> Block:
        return self.encode(tokens, tools, False)

    def start(self) -> State:
        return State([None] * len(self.dec), [None] * len(self.dec))

    def decode(self, tools: list[Block], query: Block, state: State, tokens: list[int]) -> Array:
        """Appends tokens -> final_norm(x) of each, [t, d]."""
        x = self.embedding(tokens)
        for i, (own, cross) in enumerate(self.dec):
            h = rms_norm(x, own.norm)
            k, v, state.last_key[i] = own.keys_values(h, state.position, state.last_key[i])
            before = state.layers[i]
            if before is not None:
                k, v = np.concatenate((before.k, k)), np.concatenate((before.v, v))
            state.layers[i] = Cache(k, v)
            q = own.queries(h, state.position)
            seen = [state.position + t + 1 for t in range(len(tokens))]
            rows = [own.attend(q[t:t + 1], [Cache(k[:n], v[:n])]) for t, n in enumerate(seen)]
            x = own.residual(x, np.concatenate(rows))
            q = cross.queries(rms_norm(x, cross.norm), None)
            x = cross.residual(x, cross.attend(q, [t.cross[i] for t in tools] + [query.cross[i]]))
        state.position += len(tokens)
        return rms_norm(x, self.dec_norm)

    def logits(self, hidden: Array) -> Array:
        return self.embed(hidden)
