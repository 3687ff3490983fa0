# SPDX-License-Identifier: Apache-2.0
"""The retrieval head's vectors of tools and requests, from a released model's weights in f32."""
from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .architecture import San1
from .call_language import QUERY, name_as_words, tool_tokens
from .config import Config
from .dataset import lay_out, refusal
from .format import read_model, to_state_dict
from .tokenizer import Tokenizer


class Vectors:
    def __init__(self, model: Path, tokenizer: Path = Path("tokenizer.model"), batch: int = 64):
        state, config, *_ = read_model(model)
        self.network = San1(Config.from_dict(config))
        self.network.load_state_dict(to_state_dict(state))
        self.network.eval()
        self.tokenizer, self.batch = Tokenizer(tokenizer), batch

    def tools(self, tools: list[dict]) -> Tensor:
        """[n, retrieval_dim], of length 1"""
        return self.blocks([tool_tokens(t, name_as_words(t["name"]) or t["name"], self.tokenizer.encode) for t in tools])

    def queries(self, texts: list[str]) -> Tensor:
        return self.blocks([[QUERY, *self.tokenizer.encode(text)] for text in texts])

    @torch.no_grad()
    def blocks(self, blocks: list[list[int]]) -> Tensor:
        out = []
        for at in range(0, len(blocks), self.batch):
            part = [np.array(b, np.int64) for b in blocks[at:at + self.batch]]
            none = np.zeros((1, len(part)), bool)
            batch = lay_out(part, [[0]], [np.array([QUERY])], [refusal()], none, none)
            x, _ = self.network.encode(batch)
            out.append(self.network.vectors(batch, x)[batch.tool_block])
        return torch.cat(out)
