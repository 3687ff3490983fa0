# SPDX-License-Identifier: Apache-2.0
"""The SentencePiece tokenizer: BPE, 8192 pieces, byte fallback, identity normalisation (see train_tokenizer).

Its special tokens are *control* symbols: SentencePiece never produces them from text, so no request can forge one.
"""
from __future__ import annotations

import random
from pathlib import Path
from typing import Iterator

import sentencepiece

from .call_language import BOS, EOS, name_as_words
from .data_files import data_files, open_text, read_jsonl, source_of

PAD, UNK = 0, 3
# In the order of call_language.py's numbers, from TOOL on.
CONTROL = ["<tool>", "<query>", "<call>", "<arg>", "<val>", "<desc>", "<type>", "<enum>", "<item>", "<obj>", "<end>",
           "<none>", "<req>"] + [f"<r{i}>" for i in range(32)]
VOCAB = 8192


class Tokenizer:
    """SentencePiece with the calls that the call language needs."""

    def __init__(self, model: str | Path):
        self.path = Path(model)
        self.sp = sentencepiece.SentencePieceProcessor(model_file=str(model))

    def encode(self, text: str) -> list[int]:
        """Tokens of one segment (dummy prefix included)."""
        return self.sp.encode(clean(text))

    def encode_with_offsets(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Tokens and, for each, its [begin, end) in characters of `text`; the dummy prefix has none of its own."""
        text = clean(text)
        ids = self.sp.encode(text)
        char_at, at = {}, 0     # byte offset -> character offset
        for i, c in enumerate(text):
            char_at[at] = i
            at += len(c.encode())
        char_at[at] = len(text)
        spans, at = [], -1      # the dummy prefix stands at byte -1
        for i in ids:
            end = at + len(self.piece_bytes(i))
            # an end inside a character (byte pieces) is at no character: -1 never equals the end of a value
            spans.append((char_at.get(max(at, 0), -1), char_at.get(end, -1)))
            at = end
        return ids, spans

    def piece_bytes(self, i: int) -> bytes:
        """What the piece stands for: U+2581 is a space, a byte piece its byte, a control token nothing."""
        if self.sp.is_control(i):
            return b""
        piece = self.sp.id_to_piece(i)
        return bytes([int(piece[3:5], 16)]) if self.sp.is_byte(i) else piece.replace("\u2581", " ").encode()

    def decode_value(self, ids: list[int]) -> str:
        """The text of a value: pieces joined, one leading space stripped."""
        text = b"".join(map(self.piece_bytes, ids)).decode("utf-8", "replace")
        return text[1:] if text.startswith(" ") else text


def clean(text: str) -> str:
    """A lone surrogate reads as U+FFFD, U+2581 as a space."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\u2581", " ")


def corpus(folder: str | Path, seed: int = 0) -> Iterator[str]:
    """Lines to train the tokenizer on: requests, tool names as words, descriptions, enum values, and prose."""
    rng = random.Random(seed)
    for path in data_files(folder, "train"):
        keep = {"topv2": 0.3, "schema_synthetic": 0.4, "multi_call": 0.2}.get(source_of(path), 0.5)
        for row in read_jsonl(path):
            if rng.random() < keep:
                yield row["query"].replace("\n", " ")
    for path in data_files(folder, "schemas"):
        for row in read_jsonl(path):
            if rng.random() < 0.5:
                yield name_as_words(row["name"])
                yield (row.get("description") or "").replace("\n", " ")[:160]
                for key, schema in (row.get("parameters") or {}).get("properties", {}).items():
                    yield name_as_words(key)
                    if isinstance(schema, dict):
                        yield str(schema.get("description", ""))[:100].replace("\n", " ")
                        yield from (str(v) for v in schema.get("enum", [])[:8])
    for path in data_files(folder, "text", "txt"):
        keep = 0.002 if "novels" in path.name else 0.02
        with open_text(path) as stream:
            for line in stream:
                if rng.random() < keep:
                    yield line.strip()[:400]


def train_tokenizer(folder: str | Path, output: str | Path, vocab: int = VOCAB) -> Path:
    """Trains on the data folder and writes `<output>` (a SentencePiece .model)."""
    output = Path(output)
    output.parent.mkdir(parents=True, exist_ok=True)
    printable = "".join(chr(c) for c in range(0x21, 0x7F))
    with output.open("wb") as stream:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=(line for line in corpus(folder) if line), model_writer=stream, model_type="bpe",
            vocab_size=vocab, byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False,
            add_dummy_prefix=True, split_digits=True, required_chars=printable, control_symbols=CONTROL,
            pad_id=PAD, eos_id=EOS, bos_id=BOS, unk_id=UNK, pad_piece="<pad>", eos_piece="</s>", bos_piece="<s>",
            unk_piece="<unk>", character_coverage=0.9995, num_threads=2, max_sentence_length=4096,
            input_sentence_size=700000, shuffle_input_sentence=True, minloglevel=1)
    return output
