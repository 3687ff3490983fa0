// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/unicode.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace needle {
namespace {

struct LowerRun {
  uint32_t first, last : 24, stride : 8;
  int32_t delta;
};
struct Single {
  uint32_t code_point, becomes;
};
struct Pair {
  uint16_t composed, first, second;
};
struct WidePair {
  uint32_t composed, first, second;
  bool composes;
};

#include "tokenizer/unicode_tables.inc"

constexpr CharKind kUpperLowerAlternating = static_cast<CharKind>(5);

// Hangul syllables are composed by arithmetic (Unicode, section 3.12): L + V (+ T) <-> LV or LVT.
constexpr uint32_t kSBase = 0xAC00, kLBase = 0x1100, kVBase = 0x1161, kTBase = 0x11A7;
constexpr uint32_t kLCount = 19, kVCount = 21, kTCount = 28, kSCount = kLCount * kVCount * kTCount;

/// The entry of a run table that holds for `c`; the tables start at 0.
template <int kShift, size_t N>
uint32_t RunOf(const uint32_t (&runs)[N], char32_t c) {
  const auto after = std::upper_bound(std::begin(runs), std::end(runs), static_cast<uint32_t>(c),
                                      [](uint32_t value, uint32_t run) { return value < run >> kShift; });
  return *(after - 1);
}

uint32_t CombiningClass(char32_t c) { return c < 0x300 ? 0 : RunOf<8>(kCombiningRuns, c) & 0xFF; }

/// The canonical decomposition of one code point, fully (its first part may decompose again).
void AppendDecomposed(char32_t c, std::vector<char32_t>* out) {
  if (c < 0xC0) return out->push_back(c);
  if (const uint32_t s = c - kSBase; c >= kSBase && s < kSCount) {
    out->push_back(kLBase + s / (kVCount * kTCount));
    out->push_back(kVBase + s % (kVCount * kTCount) / kTCount);
    if (s % kTCount) out->push_back(kTBase + s % kTCount);
    return;
  }
  const uint32_t code = static_cast<uint32_t>(c);
  const auto* single = std::ranges::lower_bound(kSingles, code, {}, &Single::code_point);
  if (single != std::end(kSingles) && single->code_point == code) return AppendDecomposed(single->becomes, out);
  const auto* pair = std::ranges::lower_bound(kPairs, code, {}, &Pair::composed);
  if (pair != std::end(kPairs) && pair->composed == code) {
    AppendDecomposed(pair->first, out);
    return out->push_back(pair->second);
  }
  const auto* wide = std::ranges::lower_bound(kWidePairs, code, {}, &WidePair::composed);
  if (wide != std::end(kWidePairs) && wide->composed == code) {
    AppendDecomposed(wide->first, out);
    return out->push_back(wide->second);
  }
  out->push_back(c);
}

/// The primary composite of a pair, or 0.
char32_t Compose(char32_t a, char32_t b) {
  if (const uint32_t l = a - kLBase, v = b - kVBase; a >= kLBase && l < kLCount && b >= kVBase && v < kVCount) {
    return kSBase + (l * kVCount + v) * kTCount;
  }
  if (const uint32_t s = a - kSBase, t = b - kTBase;
      a >= kSBase && s < kSCount && s % kTCount == 0 && b > kTBase && t < kTCount) {
    return a + t;
  }
  const auto key = std::pair<uint32_t, uint32_t>(a, b);
  const auto parts = [](uint16_t i) { return std::pair<uint32_t, uint32_t>(kPairs[i].first, kPairs[i].second); };
  const auto* found = std::ranges::lower_bound(kComposeOrder, key, {}, parts);
  if (found != std::end(kComposeOrder) && parts(*found) == key) return kPairs[*found].composed;
  for (const WidePair& pair : kWidePairs) {
    if (pair.composes && pair.first == a && pair.second == b) return pair.composed;
  }
  return 0;
}

}  // namespace

char32_t DecodeUtf8(std::string_view text, size_t* pos) {
  const auto byte = [&](size_t i) -> uint32_t { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0; };
  const size_t at = *pos;
  const uint32_t lead = byte(at);
  *pos = at + 1;
  if (lead < 0x80) return lead;
  const size_t length = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1;
  uint32_t value = length == 2 ? lead & 0x1F : length == 3 ? lead & 0x0F : lead & 0x07;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return kReplacementCharacter;
    value = value << 6 | (byte(at + i) & 0x3F);
  }
  const bool overlong = length == 1 || (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (overlong || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return kReplacementCharacter;
  *pos = at + length;
  return value;
}

void AppendUtf8(char32_t c, std::string* out) {
  if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = kReplacementCharacter;
  const auto put = [out](uint32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0 | c >> 6);
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
  }
  put(0x80 | (c & 0x3F));
}

std::vector<char32_t> ToCodePoints(std::string_view text) {
  std::vector<char32_t> out;
  out.reserve(text.size());
  for (size_t pos = 0; pos < text.size();) out.push_back(DecodeUtf8(text, &pos));
  return out;
}

std::string FromCodePoints(const std::vector<char32_t>& code_points) {
  std::string out;
  out.reserve(code_points.size());
  for (const char32_t c : code_points) AppendUtf8(c, &out);
  return out;
}

size_t CodePointCount(std::string_view text) {
  size_t count = 0;
  for (size_t pos = 0; pos < text.size(); ++count) DecodeUtf8(text, &pos);
  return count;
}

size_t Utf16Length(std::string_view text) { return Utf16Offset(text, text.size()); }

size_t Utf16Offset(std::string_view text, size_t byte_ofs) {
  size_t units = 0;
  for (size_t pos = 0; pos < text.size();) {
    const char32_t c = DecodeUtf8(text, &pos);
    if (pos > byte_ofs) break;  // byte_ofs lies at the start of this character or inside it
    units += c > 0xFFFF ? 2 : 1;
  }
  return units;
}

CharKind KindOf(char32_t c) {
  const uint32_t run = RunOf<3>(kKindRuns, c);
  const CharKind kind = static_cast<CharKind>(run & 7);
  if (kind != kUpperLowerAlternating) return kind;
  return (c - (run >> 3)) % 2 == 0 ? CharKind::kUpper : CharKind::kLower;
}

char32_t ToLower(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
  const auto* run = std::ranges::lower_bound(kLowerRuns, static_cast<uint32_t>(c), {},
                                             [](const LowerRun& r) -> uint32_t { return r.last; });
  if (run == std::end(kLowerRuns) || c < run->first || (c - run->first) % run->stride != 0) return c;
  return static_cast<char32_t>(static_cast<int32_t>(c) + run->delta);
}

std::string FoldCase(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t pos = 0; pos < text.size();) AppendUtf8(ToLower(DecodeUtf8(text, &pos)), &out);
  return out;
}

std::vector<char32_t> NormalizeNfc(std::vector<char32_t> text) {
  // Below U+0300 nothing combines and every character is its own NFC form; names seldom leave that range.
  if (std::ranges::all_of(text, [](char32_t c) { return c < 0x300; })) return text;
  std::vector<char32_t> chars;
  for (const char32_t c : text) AppendDecomposed(c, &chars);
  // Canonical order: runs of combining marks sorted by class, stably.
  for (size_t i = 0; i < chars.size();) {
    size_t end = i;
    while (end < chars.size() && CombiningClass(chars[end]) != 0) ++end;
    std::stable_sort(chars.begin() + static_cast<ptrdiff_t>(i), chars.begin() + static_cast<ptrdiff_t>(end),
                     [](char32_t a, char32_t b) { return CombiningClass(a) < CombiningClass(b); });
    i = end + 1;
  }
  // Composition: a mark joins the last starter unless something of its class or a higher one stands between them.
  std::vector<char32_t> out;
  size_t starter = SIZE_MAX;
  uint32_t last_class = 0;
  for (const char32_t c : chars) {
    const uint32_t combining = CombiningClass(c);
    const bool blocked = starter == SIZE_MAX || (out.size() - 1 > starter && last_class >= combining);
    if (const char32_t composite = blocked ? 0 : Compose(out[starter], c)) {
      out[starter] = composite;
      continue;
    }
    if (combining == 0) starter = out.size();
    last_class = combining;
    out.push_back(c);
  }
  return out;
}

}  // namespace needle
