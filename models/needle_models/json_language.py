# SPDX-License-Identifier: Apache-2.0
"""The call language's rival (EXPERIMENTS.md): the network reads tools and writes calls as plain JSON. Only for comparison."""
from __future__ import annotations

import json

from .call_language import EOS, MAX_TOOL_TOKENS, TOOL, W_VALUE


def compact(value) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def tool_tokens(tool: dict, encode) -> list[int]:
    """The tool as it came, cut off after MAX_TOOL_TOKENS."""
    return [TOOL, *encode(compact({k: tool[k] for k in ("name", "description", "parameters") if k in tool}))][:MAX_TOOL_TOKENS]


def answer_tokens(calls: list[dict], missing: list[set[str]] | None, encode) -> tuple[list[int], list[int]]:
    """-> token ids, weight classes. A required value that the request lacks is null; no fitting tool is `[]`."""
    out = []
    for i, call in enumerate(calls):
        absent = {k: None for k in sorted(missing[i])} if missing else {}
        out.append({"name": call["name"], "arguments": {**call["arguments"], **absent}})
    ids = [*encode(compact(out)), EOS]
    return ids, [W_VALUE] * len(ids)
