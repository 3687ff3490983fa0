// SPDX-License-Identifier: Apache-2.0
// The ids of the tokens that text can never produce. They are SentencePiece *control* symbols, so a request that
// spells "<tool>" gets ordinary pieces and cannot forge structure. Mirrors models/needle_models/call_language.py.
#pragma once

#include <cstdint>

namespace needle {

using TokenId = int32_t;

namespace special {

inline constexpr TokenId kPad = 0;
inline constexpr TokenId kEos = 1;   // </s>
inline constexpr TokenId kBos = 2;   // <s>, what the decoder starts with
inline constexpr TokenId kUnk = 3;   // never produced: unknown characters fall back to bytes
inline constexpr TokenId kTool = 4;
inline constexpr TokenId kQuery = 5;
inline constexpr TokenId kCall = 6;
inline constexpr TokenId kArg = 7;
inline constexpr TokenId kVal = 8;
inline constexpr TokenId kDesc = 9;
inline constexpr TokenId kType = 10;
inline constexpr TokenId kEnum = 11;
inline constexpr TokenId kItem = 12;
inline constexpr TokenId kObj = 13;
inline constexpr TokenId kEnd = 14;
inline constexpr TokenId kNone = 15;
inline constexpr TokenId kReq = 16;
inline constexpr TokenId kFirstReserved = 17;  // <r0>..<r31>
inline constexpr TokenId kFirstByte = 49;      // <0x00>..<0xFF>
inline constexpr TokenId kFirstPiece = 305;    // BPE pieces, in the order in which they merge

}  // namespace special
}  // namespace needle
