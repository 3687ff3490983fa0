# SPDX-License-Identifier: Apache-2.0
"""Writes the golden vectors of the network: a tiny random model and what PyTorch and reference.py make of it.

    python -m needle_models.vectors tests/golden

model_tiny.safetensors: a model file (q4 matrices, q7 embedding), the input of both. model_tiny_vectors.safetensors:
tokens, and under `f32.` the results of architecture.San1 on the dequantised weights (which the C++ test runs as an f32
file), under `int.` those of the integer reference. `npm test` reads these files and needs no PyTorch.
"""
from __future__ import annotations

import math
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from .architecture import Batch, San1
from .config import Config
from .format import FORMAT, read_model, to_state_dict, write_model, write_tensors
from .reference import Engine

TINY = Config(d_model=64, heads=4, kv_heads=2, head_dim=32, enc_layers=2, dec_layers=2, vocab=320, max_position=256,
              max_query=128, max_tool=256, retrieval_dim=16)


def random_state(config: Config, seed: int) -> dict[str, torch.Tensor]:
    """Random weights that use everything: norms off zero, gates and smears of several sizes."""
    torch.manual_seed(seed)
    network = San1(config)
    state = network.state_dict()
    for name, p in state.items():
        if name.endswith(".g"):
            p.normal_(0, 0.2)
        elif name.endswith("gate"):
            p.normal_(0.5, 1)
        elif name.endswith("smear"):
            p.normal_(1, 0.5)
    return state


def single_batch(config: Config, tools: list[list[int]], query: list[int], target: list[int]) -> Batch:
    """One example as the network's Batch: the tool blocks, then the query alone."""
    blocks = tools + [query]
    flat = [t for b in blocks for t in b]
    begins = np.cumsum([0] + [len(b) for b in blocks])
    longest = max(map(len, blocks))
    pad = torch.zeros(len(blocks), longest, dtype=torch.long)
    mask = torch.zeros(len(blocks), longest, dtype=torch.bool)
    for i, b in enumerate(blocks):
        pad[i, :len(b)] = torch.arange(len(b)) + begins[i]
        mask[i, :len(b)] = True
    context = sum(map(len, tools))
    count = torch.arange(len(blocks))
    return Batch(
        flat=torch.tensor(flat), position=torch.cat([torch.arange(len(b)) for b in blocks]),
        groups=[(pad, mask, mask.flatten().nonzero()[:, 0], 0, len(flat))], context=torch.arange(context)[None],
        context_mask=torch.ones(1, context, dtype=torch.bool), query=torch.tensor([query]),
        query_mask=torch.ones(1, len(query), dtype=torch.bool), target_in=torch.tensor([target]),
        target=torch.tensor([target]), weight=torch.ones(1, len(target)),
        block=torch.repeat_interleave(count, torch.tensor([len(b) for b in blocks])),
        tool_block=count[:-1], query_block=count[-1:], positive=torch.ones(1, len(tools), dtype=torch.bool),
        negative=torch.zeros(1, len(tools), dtype=torch.bool), blocks=len(blocks), examples=1)


def pytorch_results(config: Config, state: dict, tools, query, target) -> dict[str, np.ndarray]:
    network = San1(config)
    network.load_state_dict(to_state_dict(state))
    network.eval()
    batch = single_batch(config, tools, query, target)
    with torch.no_grad():
        x, xq = network.encode(batch)
        hidden = network.decode(batch, x, xq)[0]
        vectors = network.vectors(batch, x)
        logits = hidden @ network.embed.t()
    return {"query": xq[0].numpy(), "hidden": hidden.numpy(), "logits": logits.numpy(),
            "tool_vectors": vectors[:len(tools)].numpy(), "query_vector": vectors[-1].numpy()}


def reference_results(path: Path, tools, query, target) -> dict[str, np.ndarray]:
    engine = Engine(path)
    blocks = [engine.encode_tool(t) for t in tools]
    encoded = engine.encode_query(query, blocks)
    hidden = engine.decode(blocks, encoded, engine.start(), target)
    return {"query": encoded.output, "hidden": hidden, "logits": engine.logits(hidden),
            "tool_vectors": np.stack([b.vector for b in blocks]), "query_vector": engine.encode_query(query, []).vector}


def first_pieces(packed: Path, count: int) -> bytes:
    """A packed tokenizer of the first pieces (specials, bytes, earliest merges) and, as the last, the one of the space,
    which no tokenizer can do without."""
    data = packed.read_bytes()
    end = 8
    for _ in range(count - 1):
        end += 2 + data[end + 1]
    return data[:4] + count.to_bytes(4, "little") + data[8:end] + b"\x01\x03" + "\u2581".encode()


def write_vectors(folder: str | Path, seed: int = 1) -> None:
    folder = Path(folder)
    path = folder / "model_tiny.safetensors"
    config = asdict(TINY)
    calibration = {"call": {"w": [1, 2, 3, 4, 5, 6], "b": 0.5}, "none": {"w": [0, 0, 0, 0, 0, 0.25], "b": -1},
                   "table": []}
    write_model(path, random_state(TINY, seed), config, first_pieces(folder / "tokenizer.bin", config["vocab"]), calibration,
                {"name": "tiny", "version": "1.0.0", "licence": "Apache-2.0", "provenance": "random, for tests"})
    rng = np.random.default_rng(seed)
    tools = [rng.integers(4, TINY.vocab, n).tolist() for n in (5, 11, 32)]
    query = rng.integers(4, TINY.vocab, 13).tolist()
    target = [2] + rng.integers(4, TINY.vocab, 11).tolist()
    state = read_model(path)[0]
    out = {f"tool.{i}": np.array(t, np.float32) for i, t in enumerate(tools)}
    out |= {"query": np.array(query, np.float32), "target": np.array(target, np.float32)}
    torch_results = pytorch_results(TINY, state, tools, query, target)
    integer_results = reference_results(path, tools, query, target)
    out |= {f"f32.{k}": np.ascontiguousarray(v) for k, v in torch_results.items()}
    out |= {f"int.{k}": np.ascontiguousarray(v) for k, v in integer_results.items()}
    assert all(v.dtype == np.float32 and math.isfinite(v.sum()) for v in out.values())
    write_tensors(folder / "model_tiny_vectors.safetensors", out, {"format": FORMAT})
    worst = np.abs(torch_results["logits"] - integer_results["logits"]).max()
    largest = np.abs(torch_results["logits"]).max()
    print(f"int8 against f32: largest difference of a logit {worst:.3f}, of {largest:.1f}")


if __name__ == "__main__":
    write_vectors(*sys.argv[1:2])
