// SPDX-License-Identifier: Apache-2.0
// See evidence.h. Plain scans: a request is at most a few kilobytes, so the worst case (every place of the query
// against the whole value) is bounded by kMaxValue.
#include "normalize/evidence.h"

#include <cstdint>

#include "normalize/number_words.h"

namespace needle {
namespace {

constexpr size_t kMaxValue = 4096;  // a longer value is no span of a request that the model can read

struct CodePoint {
  uint32_t value = 0;
  size_t length = 1;
};

/// The code point at `pos`; a byte that is not UTF-8 stands for itself, above all of Unicode.
CodePoint CodePointAt(std::string_view text, size_t pos) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(pos);
  if (lead < 0x80) return {lead, 1};
  const size_t length = lead >= 0xF0 && lead < 0xF5 ? 4 : lead >= 0xE0 ? 3 : 2;
  const CodePoint invalid{0x110000u + lead, 1};
  if (lead < 0xC2 || lead >= 0xF5 || pos + length > text.size()) return invalid;
  uint32_t value = lead & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(pos + i) & 0xC0) != 0x80) return invalid;
    value = value << 6 | (byte(pos + i) & 0x3F);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && (value < 0x10000 || value > 0x10FFFF));
  if (overlong || (value >= 0xD800 && value < 0xE000)) return invalid;
  return {value, length};
}

bool IsAsciiDigit(uint32_t c) { return c >= '0' && c <= '9'; }

/// A character that continues a word: letters and digits of the scripts that write spaces.
bool IsWordCharacter(uint32_t c) {
  if (c < 0x80) return IsAsciiDigit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  if (c == 0xD7 || c == 0xF7) return false;                               // multiplication and division signs
  if (c >= 0x0E00 && c < 0x1000) return false;                            // Thai, Lao, Tibetan
  return (c >= 0xC0 && c < 0x1780) || (c >= 0x1E00 && c < 0x2000) || c == 0xAA || c == 0xB5 || c == 0xBA;
}

/// The lower-case letter, where it is one simple step away; other characters are themselves.
uint32_t FoldCase(uint32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 32;                 // À..Þ
  if (c == 0x130) return 'i';
  if (c == 0x178) return 0xFF;
  const bool even_upper = (c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177) || (c >= 0x460 && c <= 0x481) ||
                          (c >= 0x48A && c <= 0x4BF) || (c >= 0x4D0 && c <= 0x52F) || (c >= 0x1E00 && c <= 0x1E95) ||
                          (c >= 0x1EA0 && c <= 0x1EFF);
  const bool odd_upper = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
  if (even_upper) return c | 1;
  if (odd_upper) return c + (c & 1);
  if (c >= 0x391 && c <= 0x3A9 && c != 0x3A2) return c + 32;              // Α..Ω
  if (c == 0x3C2) return 0x3C3;                                           // final sigma
  if (c >= 0x410 && c <= 0x42F) return c + 32;                            // А..Я
  if (c >= 0x400 && c <= 0x40F) return c + 80;                            // Ѐ..Џ
  if (c == 0x2018 || c == 0x2019) return '\'';
  return c;
}

bool IsGap(uint32_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == '_' || c == '-' || c == 0xA0 || (c >= 0x2010 && c <= 0x2013) ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x3000;
}

/// The code point that ends before `pos`; 0 at the start.
uint32_t CodePointBefore(std::string_view text, size_t pos) {
  size_t start = pos;
  while (start > 0 && pos - start < 4) {
    --start;
    if ((static_cast<unsigned char>(text[start]) & 0xC0) != 0x80) break;
  }
  if (start == pos) return 0;
  const CodePoint c = CodePointAt(text, start);
  return start + c.length == pos ? c.value : 0x110000u;
}

/// No word is cut at `pos`, nor a number at its decimal point or thousands separator.
bool IsBoundary(std::string_view text, size_t pos) {
  if (pos == 0 || pos >= text.size()) return true;
  const uint32_t before = CodePointBefore(text, pos), after = CodePointAt(text, pos).value;
  if (IsWordCharacter(before) && IsWordCharacter(after)) return false;
  const auto is_separator = [](uint32_t c) { return c == '.' || c == ','; };
  if (IsAsciiDigit(before) && is_separator(after)) {
    return pos + 1 >= text.size() || !IsAsciiDigit(static_cast<unsigned char>(text[pos + 1]));
  }
  if (is_separator(before) && IsAsciiDigit(after)) {
    return pos < 2 || !IsAsciiDigit(static_cast<unsigned char>(text[pos - 2]));
  }
  return true;
}

/// The candidate nearest to the hint, the earliest of equals; candidates come from left to right.
class Nearest {
 public:
  explicit Nearest(std::optional<ByteSpan> hint) : hint_(hint) {}

  void Offer(ByteSpan span) {
    const size_t distance = DistanceTo(span);
    if (best_ && distance >= distance_) return;
    best_ = span;
    distance_ = distance;
  }
  const std::optional<ByteSpan>& best() const { return best_; }

 private:
  /// Bytes between the two; 0 where they touch or overlap. Among overlapping ones, the ends decide.
  size_t DistanceTo(ByteSpan span) const {
    if (!hint_) return 0;
    if (span.end <= hint_->begin) return (hint_->begin - span.end) * 2 + 1;
    if (span.begin >= hint_->end) return (span.begin - hint_->end) * 2 + 1;
    return 0;
  }

  std::optional<ByteSpan> hint_;
  std::optional<ByteSpan> best_;
  size_t distance_ = 0;
};

std::optional<ByteSpan> FindExact(std::string_view query, std::string_view value, std::optional<ByteSpan> hint) {
  Nearest nearest(hint);
  for (size_t pos = query.find(value); pos != std::string_view::npos; pos = query.find(value, pos + 1)) {
    const ByteSpan span{pos, pos + value.size()};
    if (IsBoundary(query, span.begin) && IsBoundary(query, span.end)) nearest.Offer(span);
  }
  return nearest.best();
}

/// Where the value, folded, ends if it starts at `pos` of the query.
std::optional<size_t> MatchFolded(std::string_view query, size_t pos, std::string_view value) {
  const auto skip_gap = [](std::string_view text, size_t* at) {
    bool any = false;
    while (*at < text.size() && IsGap(CodePointAt(text, *at).value)) {
      *at += CodePointAt(text, *at).length;
      any = true;
    }
    return any;
  };
  for (size_t i = 0; i < value.size();) {
    const CodePoint wanted = CodePointAt(value, i);
    if (IsGap(wanted.value)) {
      skip_gap(value, &i);
      if (!skip_gap(query, &pos)) return std::nullopt;
      continue;
    }
    if (pos >= query.size()) return std::nullopt;
    const CodePoint found = CodePointAt(query, pos);
    if (FoldCase(found.value) != FoldCase(wanted.value)) return std::nullopt;
    i += wanted.length;
    pos += found.length;
  }
  return pos;
}

std::optional<ByteSpan> FindFolded(std::string_view query, std::string_view value, std::optional<ByteSpan> hint) {
  Nearest nearest(hint);
  for (size_t pos = 0; pos < query.size(); pos += CodePointAt(query, pos).length) {
    if (!IsBoundary(query, pos) || IsGap(CodePointAt(query, pos).value)) continue;
    const std::optional<size_t> end = MatchFolded(query, pos, value);
    if (end && IsBoundary(query, *end)) nearest.Offer({pos, *end});
  }
  return nearest.best();
}

/// The value of a number as JSON writes it without an exponent; nothing for other text.
std::optional<double> JsonNumber(std::string_view text) {
  const size_t start = !text.empty() && text[0] == '-' ? 1 : 0;
  if (start == text.size() || text.back() == '.') return std::nullopt;
  size_t dots = 0;
  for (size_t i = start; i < text.size(); ++i) {
    if (text[i] == '.' && i > start) ++dots;
    else if (!IsAsciiDigit(static_cast<unsigned char>(text[i]))) return std::nullopt;
  }
  const bool leading_zero = text[start] == '0' && start + 1 < text.size() && text[start + 1] != '.';
  if (dots > 1 || leading_zero) return std::nullopt;
  return ParseNumberPhrase(text);
}

std::optional<ByteSpan> FindNumber(std::string_view query, double value, std::optional<ByteSpan> hint) {
  Nearest in_digits(hint), in_words(hint);
  for (const NumberSpan& number : FindNumbers(query)) {
    if (number.value != value) continue;
    const uint32_t first = CodePointAt(query, number.begin).value;
    const bool digits = IsAsciiDigit(first) || first == '.' || first == '-';
    (digits ? in_digits : in_words).Offer({number.begin, number.end});
  }
  return in_digits.best() ? in_digits.best() : in_words.best();
}

}  // namespace

std::optional<ByteSpan> FindEvidence(std::string_view query, std::string_view value, std::optional<ByteSpan> hint) {
  while (!value.empty() && IsGap(static_cast<unsigned char>(value.back()))) value.remove_suffix(1);
  while (!value.empty() && value[0] != '-' && IsGap(static_cast<unsigned char>(value[0]))) value.remove_prefix(1);
  if (value.empty() || value.size() > kMaxValue) return std::nullopt;
  if (const std::optional<double> number = JsonNumber(value)) return FindNumber(query, *number, hint);
  if (const auto span = FindExact(query, value, hint)) return span;
  return FindFolded(query, value, hint);
}

size_t ByteToUtf16(std::string_view text, size_t ofs) {
  size_t units = 0;
  for (size_t pos = 0; pos < text.size();) {
    const CodePoint c = CodePointAt(text, pos);
    pos += c.length;
    if (pos > ofs) break;
    units += c.length == 4 ? 2 : 1;
  }
  return units;
}

}  // namespace needle
