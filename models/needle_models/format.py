# SPDX-License-Identifier: Apache-2.0
"""The model file, Python side: one `.safetensors` file, written and read here, mirrored by wasm/format/.

    u64 little-endian: length of the header · header: JSON, name -> {dtype, shape, data_offsets}, `__metadata__` with
    strings only · the tensors' bytes, one after the other without gaps

A matrix [out, in] is `<name>` F32, or `<name>.q4` U8 [out, in/2] (low nibble first) + `<name>.mul` U8 [out, in/64]
(nibbles m - 1) + `<name>.scale` F32 [out], or `<name>.q7` U8 [out, in] + `<name>.scale`. Vectors are F32.
"""
from __future__ import annotations

import json
import math
import struct
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .architecture import rope_tables
from .config import Config
from .quantize import Q4, Q7, error_report, quantize_q4, quantize_q7
from .tokenizer_bytes import pack_tokenizer

FORMAT = "needle-router/1"
_DTYPES = {"F32": np.dtype("<f4"), "F16": np.dtype("<f2"), "U8": np.dtype("u1")}
_NAMES = {np.dtype("f4"): "F32", np.dtype("f2"): "F16", np.dtype("u1"): "U8"}


def tensor_name(key: str) -> str:
    """A PyTorch parameter's name in the file: `enc.0.q.weight` -> `enc.0.q`, `enc.norm.g` -> `enc.norm`."""
    return key.removesuffix(".weight").removesuffix(".g")


def tensor_shapes(config: dict) -> dict[str, tuple[int, ...]]:
    """Every tensor that a file of this geometry holds, in file order (the tokenizer apart)."""
    d, hd = config["d_model"], config["head_dim"]
    h, kv = config["heads"] * hd, config["kv_heads"] * hd
    shapes: dict[str, tuple[int, ...]] = {"embed": (config["vocab"], d)}

    def attention(prefix: str) -> None:
        shapes.update({f"{prefix}.norm": (d,), f"{prefix}.q": (h, d), f"{prefix}.k": (kv, d), f"{prefix}.v": (kv, d),
                       f"{prefix}.o": (d, h), f"{prefix}.q_norm": (hd,), f"{prefix}.k_norm": (hd,)})
        if config["smear"]:
            shapes[f"{prefix}.smear"] = (config["kv_heads"],)
        shapes[f"{prefix}.gate"] = (1,)

    for layer in range(config["enc_layers"]):
        attention(f"enc.{layer}")
    shapes["enc.norm"] = (d,)
    for layer in range(config["dec_layers"]):
        attention(f"dec.{layer}.self")
        attention(f"dec.{layer}.cross")
    shapes["dec.norm"] = (d,)
    shapes["retrieval"] = (config["retrieval_dim"], d)
    shapes["rope.cos"] = shapes["rope.sin"] = (config["max_position"], hd // 2)
    return shapes


def write_tensors(path: str | Path, tensors: dict[str, np.ndarray], metadata: dict[str, str]) -> None:
    """A safetensors file; equal input gives equal bytes."""
    header: dict = {"__metadata__": dict(sorted(metadata.items()))}
    offset = 0
    for name, array in tensors.items():
        header[name] = {"dtype": _NAMES[array.dtype], "shape": list(array.shape),
                        "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as stream:
        stream.write(struct.pack("<Q", len(text)) + text)
        for array in tensors.values():
            stream.write(np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False).tobytes())


def read_tensors(path: str | Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    raw = Path(path).read_bytes()
    size = struct.unpack_from("<Q", raw)[0]
    header = json.loads(raw[8:8 + size])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        dtype = _DTYPES[entry["dtype"]]
        tensors[name] = np.frombuffer(raw[8 + size + begin:8 + size + end], dtype).reshape(entry["shape"])
    return tensors, metadata


def pack_nibbles(codes: Tensor) -> np.ndarray:
    """[..., n] values 0..15 -> [..., n / 2] bytes, low nibble first."""
    c = codes.cpu().numpy().astype(np.uint8)
    return c[..., 0::2] | (c[..., 1::2] << 4)


def unpack_nibbles(packed: np.ndarray) -> np.ndarray:
    out = np.empty((*packed.shape[:-1], packed.shape[-1] * 2), np.uint8)
    out[..., 0::2], out[..., 1::2] = packed & 15, packed >> 4
    return out


def matrix_tensors(name: str, w: Tensor, kind: str) -> tuple[dict[str, np.ndarray], Tensor]:
    """The file's tensors of one matrix, and what they mean when read back."""
    if kind == "f32":
        return {name: w.numpy().astype(np.float32)}, w
    if kind == "q7":
        q7 = quantize_q7(w)
        return {f"{name}.q7": q7.u.numpy(), f"{name}.scale": q7.scale.numpy()}, q7.dequantize()
    q4 = quantize_q4(w)
    return {f"{name}.q4": pack_nibbles(q4.codes), f"{name}.mul": pack_nibbles(q4.multipliers - 1),
            f"{name}.scale": q4.scale.numpy()}, q4.dequantize()


def write_model(path: str | Path, state: dict[str, Tensor], config: dict, tokenizer_model: str | Path | bytes,
                calibration: dict | None = None, meta: dict | None = None, precision: str = "q4",
                embed: str = "q7") -> list[dict]:
    """Writes a model file; returns the largest and mean error of every quantised tensor.

    `state` maps PyTorch's names (or the file's) to tensors; `tokenizer_model` is a SentencePiece .model or the bytes
    of the tokenizer tensor; `meta` gives name, version, licence, provenance.
    """
    state = {tensor_name(k): v.detach().cpu().float() for k, v in state.items()}
    cos, sin = rope_tables(Config.from_dict(config))
    state.setdefault("rope.cos", cos)
    state.setdefault("rope.sin", sin)
    tensors: dict[str, np.ndarray] = {}
    report = []
    for name, shape in tensor_shapes(config).items():
        w = state.pop(name).contiguous()
        if tuple(w.shape) != shape:
            raise ValueError(f"{name} has shape {tuple(w.shape)}, the config asks for {shape}")
        if not bool(torch.isfinite(w).all()):
            raise ValueError(f"{name} is not finite")
        if len(shape) == 1 or name.startswith("rope.") or precision == "f32":
            tensors[name] = w.numpy().astype(np.float32)
            continue
        new, restored = matrix_tensors(name, w, embed if name == "embed" else precision)
        tensors.update(new)
        report.append(error_report(name, w, restored))
    if state:
        raise ValueError(f"tensors that the format does not know: {sorted(state)}")
    raw = tokenizer_model if isinstance(tokenizer_model, bytes) else pack_tokenizer(tokenizer_model)
    tensors["tokenizer"] = np.frombuffer(raw, np.uint8)
    metadata = {"format": FORMAT, "config": json.dumps(config, sort_keys=True),
                "calibration": json.dumps(calibration or {}, sort_keys=True)}
    metadata.update({k: str(v) for k, v in (meta or {}).items()})
    write_tensors(path, tensors, metadata)
    return report


def read_matrix(tensors: dict[str, np.ndarray], name: str) -> Tensor | Q4 | Q7:
    """A matrix as the file has it: f32, or its integers and scales."""
    if name in tensors:
        return torch.from_numpy(tensors[name].astype(np.float32))
    scale = torch.from_numpy(tensors[f"{name}.scale"].copy())
    if f"{name}.q7" in tensors:
        return Q7(torch.from_numpy(tensors[f"{name}.q7"].copy()), scale)
    return Q4(torch.from_numpy(unpack_nibbles(tensors[f"{name}.q4"])),
              torch.from_numpy(unpack_nibbles(tensors[f"{name}.mul"]) + 1), scale)


def read_model(path: str | Path) -> tuple[dict[str, Tensor], dict, dict, dict, dict]:
    """-> (state in f32 under the file's names, config, calibration, metadata, matrices as stored)."""
    tensors, metadata = read_tensors(path)
    if metadata.get("format") != FORMAT:
        raise ValueError(f"{path}: format {metadata.get('format')!r}, expected {FORMAT!r}")
    config = json.loads(metadata["config"])
    raw: dict = {"tokenizer": tensors["tokenizer"].tobytes()}
    state = {}
    for name in tensor_shapes(config):
        raw[name] = read_matrix(tensors, name)
        state[name] = raw[name] if isinstance(raw[name], Tensor) else raw[name].dequantize()
    return state, config, json.loads(metadata.get("calibration", "{}")), metadata, raw


def to_state_dict(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The file's names back to those of architecture.San1 (RoPE tables are buffers there, hence dropped)."""
    out = {}
    for name, tensor in state.items():
        last = name.rsplit(".", 1)[-1]
        if name.startswith("rope."):
            continue
        suffix = ".weight" if last in ("q", "k", "v", "o") else ".g" if last in ("norm", "q_norm", "k_norm") else ""
        out[name + suffix] = tensor
    return out


def parameters(config: dict) -> int:
    return sum(math.prod(s) for n, s in tensor_shapes(config).items() if not n.startswith("rope."))
