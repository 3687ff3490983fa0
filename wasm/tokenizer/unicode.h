// SPDX-License-Identifier: Apache-2.0
// UTF-8, UTF-16 offsets and the few character properties that the router needs. One rule for malformed UTF-8
// everywhere: each byte that cannot start or continue a valid sequence reads as one U+FFFD, as SentencePiece has it
// (overlong forms, surrogates and values beyond U+10FFFF are malformed). Properties come from generated tables
// (unicode_tables.inc), never from the C library, whose answers depend on a locale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace needle {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;

/// The code point at text[*pos]; moves *pos behind it. Needs *pos < text.size().
char32_t DecodeUtf8(std::string_view text, size_t* pos);

/// Appends a code point; surrogates and values beyond U+10FFFF become U+FFFD.
void AppendUtf8(char32_t code_point, std::string* out);

std::vector<char32_t> ToCodePoints(std::string_view text);
std::string FromCodePoints(const std::vector<char32_t>& code_points);

/// Code points in `text`, malformed bytes counting one each.
size_t CodePointCount(std::string_view text);

/// UTF-16 code units that JavaScript would hold for `text`.
size_t Utf16Length(std::string_view text);

/// Byte offset -> UTF-16 offset. `byte_ofs` beyond the end means the end; one inside a character means its start.
size_t Utf16Offset(std::string_view text, size_t byte_ofs);

enum class CharKind : uint8_t { kOther = 0, kUpper = 1, kLower = 2, kLetter = 3, kDigit = 4 };

/// Unicode general category, coarsely: Lu, Ll, the other L*, N*, all else.
CharKind KindOf(char32_t code_point);

inline bool IsLetter(char32_t c) { return KindOf(c) != CharKind::kOther && KindOf(c) != CharKind::kDigit; }
inline bool IsDigit(char32_t c) { return KindOf(c) == CharKind::kDigit; }  // any category N*, not only 0-9
inline bool IsUpper(char32_t c) { return KindOf(c) == CharKind::kUpper; }

/// The simple lower-case mapping: one code point to one code point, without context (no final sigma).
char32_t ToLower(char32_t code_point);

/// ToLower of every code point, for comparing. The number of code points stays, so spans can be mapped back by count.
std::string FoldCase(std::string_view text);

/// Canonical composition (NFC).
std::vector<char32_t> NormalizeNfc(std::vector<char32_t> text);

}  // namespace needle
