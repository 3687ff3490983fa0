# SPDX-License-Identifier: Apache-2.0
"""A SentencePiece model as the bytes of the model file's "tokenizer" tensor, which wasm/tokenizer/vocab.cc reads.

Layout: u32 LE version = 1, u32 LE count, then per piece in id order: u8 type (SentencePiece's numbers: 1 normal,
2 unknown, 3 control, 6 byte), u8 length, the piece in UTF-8. Scores are not stored: the id is the rank of the merge.
"""
from __future__ import annotations

import struct
from pathlib import Path

import sentencepiece

VERSION = 1
NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6
UNK, FIRST_BYTE, FIRST_PIECE = 3, 49, 305


def pack_tokenizer(model_path: str | Path) -> bytes:
    """Refuses a model whose tokens the engine would not reproduce."""
    sp = sentencepiece.SentencePieceProcessor(model_file=str(model_path))
    out = [struct.pack("<II", VERSION, sp.vocab_size())]
    for i in range(sp.vocab_size()):
        piece, kind = sp.id_to_piece(i), _kind(sp, i)
        expected = UNKNOWN if i == UNK else CONTROL if i < FIRST_BYTE else BYTE if i < FIRST_PIECE else NORMAL
        if kind != expected:
            raise ValueError(f"piece {i} {piece!r}: type {kind}, expected {expected}")
        if kind == BYTE and piece != f"<0x{i - FIRST_BYTE:02X}>":
            raise ValueError(f"piece {i}: {piece!r} is not the byte {i - FIRST_BYTE}")
        if i > FIRST_PIECE and sp.get_score(i) >= sp.get_score(i - 1):
            raise ValueError(f"piece {i} {piece!r}: does not score below the one before it, so the id is not its rank")
        data = piece.encode("utf-8")
        if not 0 < len(data) < 256:
            raise ValueError(f"piece {i}: {len(data)} bytes")
        out.append(bytes([kind, len(data)]) + data)
    if sp.piece_to_id("\u2581") < FIRST_PIECE:
        raise ValueError("no piece for the space")
    return b"".join(out)


def _kind(sp: sentencepiece.SentencePieceProcessor, i: int) -> int:
    if sp.is_unused(i):
        return 5
    return UNKNOWN if sp.is_unknown(i) else CONTROL if sp.is_control(i) else BYTE if sp.is_byte(i) else NORMAL
