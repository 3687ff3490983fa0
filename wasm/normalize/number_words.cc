// SPDX-License-Identifier: Apache-2.0
// See number_words.h. A recursive grammar over tokens:
//   number = [minus] ( digits [scale] | group {scale [and] group} ) [point digits] [and a half]
// Values are whole numbers scaled by a power of ten at the end: one division, so 2.5 and "two point five" are the
// same double, and no strtod, which would ask the locale.
#include "normalize/number_words.h"

#include <array>
#include <cstdint>

namespace needle {
namespace {

constexpr std::array<std::string_view, 20> kUnits = {
    "zero", "one",    "two",    "three",    "four",     "five",    "six",     "seven",     "eight",    "nine",
    "ten",  "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr std::array<std::string_view, 20> kUnitOrdinals = {
    "zeroth", "first",      "second",     "third",      "fourth",      "fifth",     "sixth",
    "seventh", "eighth",    "ninth",      "tenth",      "eleventh",    "twelfth",   "thirteenth",
    "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"};
constexpr std::array<std::string_view, 10> kTens = {"",      "",      "twenty",  "thirty", "forty",
                                                    "fifty", "sixty", "seventy", "eighty", "ninety"};
constexpr std::array<std::string_view, 10> kTenOrdinals = {
    "", "", "twentieth", "thirtieth", "fortieth", "fiftieth", "sixtieth", "seventieth", "eightieth", "ninetieth"};

constexpr int64_t kMaxWhole = 999'999'999'999'999;  // 15 digits: exact as a double, and so is every step to it

template <size_t n>
int IndexOf(const std::array<std::string_view, n>& words, std::string_view word, int from) {
  for (size_t i = static_cast<size_t>(from); i < n; ++i) {
    if (words[i] == word) return static_cast<int>(i);
  }
  return -1;
}

/// A whole number while it is being read. `scale` is the last multiplier, so that groups come in falling order.
struct Whole {
  int64_t value = 0;
  size_t next = 0;  // the token after it
  bool ordinal = false;
};

class NumberReader {
 public:
  explicit NumberReader(const PhraseTokens& tokens) : tokens_(tokens) {}

  std::optional<NumberMatch> Read(size_t pos) const {
    const size_t start = pos;
    const bool negative = IsMinus(pos);
    if (negative) ++pos;
    std::optional<NumberMatch> match = IsDigits(pos) || IsLeadingDot(pos) ? ReadDigits(pos) : ReadWords(pos);
    if (!match) return std::nullopt;
    if (!match->ordinal) AddHalf(pos, &*match);
    if (negative) {
      if (match->ordinal) return std::nullopt;
      match->value = -match->value;
      match->num_tokens += pos - start;
    }
    return match;
  }

 private:
  bool Has(size_t pos) const { return pos < tokens_.size(); }
  bool Is(size_t pos, std::string_view word) const { return Has(pos) && tokens_[pos].Is(word); }
  bool IsGlued(size_t pos, std::string_view word) const { return Is(pos, word) && tokens_[pos].glued; }
  bool IsDigits(size_t pos) const { return Has(pos) && tokens_[pos].kind == PhraseToken::kDigits; }
  bool IsGluedDigits(size_t pos) const { return IsDigits(pos) && tokens_[pos].glued; }

  bool IsMinus(size_t pos) const {
    if (Is(pos, "minus") || Is(pos, "negative")) return true;
    // A dash is a sign only in front of digits and after a space: "from -5" but not "3-5".
    return Is(pos, "-") && !tokens_[pos].glued && IsGluedDigits(pos + 1);
  }

  /// ".5": a dot that ends nothing and starts digits.
  bool IsLeadingDot(size_t pos) const { return Is(pos, ".") && !tokens_[pos].glued && IsGluedDigits(pos + 1); }

  /// ",250"
  bool IsGroupOfThree(size_t pos) const {
    return IsGlued(pos, ",") && IsGluedDigits(pos + 1) && tokens_[pos + 1].text.size() == 3;
  }

  /// thousand, million, billion, hundred, dozen; 0 for any other word.
  int64_t ScaleAt(size_t pos) const {
    if (Is(pos, "hundred")) return 100;
    if (Is(pos, "dozen")) return 12;
    return GroupScaleAt(pos);
  }
  int64_t GroupScaleAt(size_t pos) const {
    if (Is(pos, "thousand")) return 1'000;
    if (Is(pos, "million")) return 1'000'000;
    if (Is(pos, "billion")) return 1'000'000'000;
    return 0;
  }

  std::optional<NumberMatch> ReadDigits(size_t pos) const {
    const size_t start = pos;
    std::string digits;
    if (IsDigits(pos)) {
      digits = tokens_[pos++].text;
      const bool grouped = digits.size() <= 3;
      while (grouped && digits.size() < 64 && IsGroupOfThree(pos)) {
        digits += tokens_[pos + 1].text;
        pos += 2;
      }
    }
    size_t decimals = 0;
    if (Is(pos, ".") && (tokens_[pos].glued || pos == start) && IsGluedDigits(pos + 1)) {
      digits += tokens_[pos + 1].text;
      decimals = tokens_[pos + 1].text.size();
      pos += 2;
      if (IsGlued(pos, ".") && IsGluedDigits(pos + 1)) return std::nullopt;  // 192.168.1.1
    }
    if (digits.size() > 15) return std::nullopt;
    NumberMatch match{Scaled(digits, decimals), 0, false};
    if (IsGlued(pos, "k")) {
      match.value *= 1000;
      ++pos;
    } else if (decimals == 0 && Has(pos) && tokens_[pos].glued && IsOneOf(tokens_[pos], {"st", "nd", "rd", "th"})) {
      match.ordinal = true;
      ++pos;
    } else if (const int64_t scale = ScaleAt(pos)) {
      match.value *= static_cast<double>(scale);
      ++pos;
    }
    match.num_tokens = pos - start;
    return match;
  }

  /// The number whose digits these are, the last `decimals` of them after the point. At most 15 digits, so both
  /// operands are exact and the quotient is the double nearest to the decimal.
  static double Scaled(std::string_view digits, size_t decimals) {
    double mantissa = 0, divisor = 1;
    for (char c : digits) mantissa = mantissa * 10 + (c - '0');
    for (size_t i = 0; i < decimals; ++i) divisor *= 10;
    return mantissa / divisor;
  }

  std::optional<NumberMatch> ReadWords(size_t pos) const {
    if (Is(pos, "half")) {
      if (Is(pos + 1, "a") && Is(pos + 2, "dozen")) return NumberMatch{6, 3, false};
      return NumberMatch{0.5, 1, false};
    }
    std::optional<Whole> whole = ReadWhole(pos);
    if (whole && whole->ordinal) return NumberMatch{static_cast<double>(whole->value), whole->next - pos, true};
    if (!whole) whole = Whole{0, pos, false};
    std::string decimals;
    size_t next = whole->next;
    if (Is(next, "point")) next = ReadDecimals(next + 1, &decimals);
    if (decimals.empty()) {
      if (whole->next == pos) return std::nullopt;
      return NumberMatch{static_cast<double>(whole->value), whole->next - pos, false};
    }
    const std::string digits = std::to_string(whole->value) + decimals;
    if (digits.size() > 15) return std::nullopt;
    return NumberMatch{Scaled(digits, decimals.size()), next - pos, false};
  }

  /// The digits after "point": words one by one ("three point one four") or one run of digits.
  size_t ReadDecimals(size_t pos, std::string* decimals) const {
    if (IsDigits(pos)) {
      *decimals = tokens_[pos].text;
      return pos + 1;
    }
    for (; Has(pos) && decimals->size() < 15; ++pos) {
      const int digit = Is(pos, "oh") ? 0 : IndexOf(kUnits, tokens_[pos].text, 0);
      if (digit < 0 || digit > 9) break;
      *decimals += static_cast<char>('0' + digit);
    }
    return pos;
  }

  std::optional<Whole> ReadWhole(size_t pos) const {
    Whole total{0, pos, false};
    int64_t last_scale = INT64_MAX;
    while (true) {
      // "and" joins groups, never starts a number: "two thousand and five".
      const size_t group_pos = total.next != pos && Is(total.next, "and") ? total.next + 1 : total.next;
      std::optional<Whole> group = ReadGroup(group_pos);
      if (!group) break;
      const int64_t scale = group->ordinal ? 0 : GroupScaleAt(group->next);
      const int64_t multiplier = scale == 0 ? 1 : scale;
      if (multiplier >= last_scale || group->value > kMaxWhole / multiplier) break;
      total.value += group->value * multiplier;
      total.next = group->next + (scale != 0 ? 1 : 0);
      total.ordinal = group->ordinal;
      last_scale = multiplier;
      if (scale == 0) break;
    }
    if (total.next == pos || total.value > kMaxWhole) return std::nullopt;
    return total;
  }

  /// Below a thousand (or "twelve hundred"), a dozen, or the "a" and the nothing before a scale word.
  std::optional<Whole> ReadGroup(size_t pos) const {
    std::optional<Whole> group = ReadBelow100(pos);
    if (!group) {
      if (Is(pos, "a") && ScaleAt(pos + 1) != 0) group = Whole{1, pos + 1, false};
      else if (ScaleAt(pos) != 0) group = Whole{1, pos, false};
      else if (Is(pos, "hundredth")) return Whole{100, pos + 1, true};
      else return std::nullopt;
    }
    if (group->ordinal) return group;
    if (Is(group->next, "dozen")) return Whole{group->value * 12, group->next + 1, false};
    if (Is(group->next, "hundredth")) return Whole{group->value * 100, group->next + 1, true};
    if (!Is(group->next, "hundred")) return group;
    group->value *= 100;
    ++group->next;
    const size_t rest_pos = Is(group->next, "and") ? group->next + 1 : group->next;
    const std::optional<Whole> rest = ReadBelow100(rest_pos);
    // "one hundred and five hundred" is a list of two, not 105 hundred.
    if (!rest || Is(rest->next, "hundred")) return group;
    return Whole{group->value + rest->value, rest->next, rest->ordinal};
  }

  std::optional<Whole> ReadBelow100(size_t pos) const {
    if (!Has(pos) || tokens_[pos].kind != PhraseToken::kWord) return std::nullopt;
    const std::string_view word = tokens_[pos].text;
    if (const int unit = IndexOf(kUnits, word, 0); unit >= 0) return Whole{unit, pos + 1, false};
    if (const int unit = IndexOf(kUnitOrdinals, word, 0); unit >= 0) return Whole{unit, pos + 1, true};
    if (const int ten = IndexOf(kTenOrdinals, word, 2); ten >= 0) return Whole{ten * 10, pos + 1, true};
    const int ten = IndexOf(kTens, word, 2);
    if (ten < 0) return std::nullopt;
    const size_t unit_pos = IsGlued(pos + 1, "-") && Has(pos + 2) && tokens_[pos + 2].glued ? pos + 2 : pos + 1;
    if (!Has(unit_pos)) return Whole{ten * 10, pos + 1, false};
    int unit = IndexOf(kUnits, tokens_[unit_pos].text, 1);
    if (unit >= 1 && unit <= 9) return Whole{ten * 10 + unit, unit_pos + 1, false};
    unit = IndexOf(kUnitOrdinals, tokens_[unit_pos].text, 1);
    if (unit >= 1 && unit <= 9) return Whole{ten * 10 + unit, unit_pos + 1, true};
    return Whole{ten * 10, pos + 1, false};
  }

  /// "two and a half"
  void AddHalf(size_t pos, NumberMatch* match) const {
    const size_t next = pos + match->num_tokens;
    if (!Is(next, "and") || !Is(next + 1, "a") || !Is(next + 2, "half")) return;
    match->value += 0.5;
    match->num_tokens += 3;
  }

  const PhraseTokens& tokens_;
};

}  // namespace

std::optional<NumberMatch> MatchNumber(const PhraseTokens& tokens, size_t pos) {
  return NumberReader(tokens).Read(pos);
}

std::optional<double> ParseNumberPhrase(std::string_view phrase) {
  const PhraseTokens tokens = LexPhrase(phrase);
  const std::optional<NumberMatch> match = MatchNumber(tokens, 0);
  if (!match || match->num_tokens != tokens.size()) return std::nullopt;
  return match->value;
}

std::vector<NumberSpan> FindNumbers(std::string_view text) {
  const PhraseTokens tokens = LexPhrase(text);
  std::vector<NumberSpan> spans;
  for (size_t pos = 0; pos < tokens.size();) {
    // Digits glued to a word are part of a name: mp3, h264.
    const bool inside_word = pos > 0 && tokens[pos].glued && tokens[pos].kind == PhraseToken::kDigits &&
                             tokens[pos - 1].kind == PhraseToken::kWord;
    const std::optional<NumberMatch> match = inside_word ? std::nullopt : MatchNumber(tokens, pos);
    if (match) {
      spans.push_back({tokens[pos].begin, tokens[pos + match->num_tokens - 1].end, match->value, match->ordinal});
      pos += match->num_tokens;
      continue;
    }
    // A dotted run that was no number must not be read again from its second part.
    const bool dotted = tokens[pos].kind == PhraseToken::kDigits;
    ++pos;
    while (dotted && pos + 1 < tokens.size() && tokens[pos].glued && tokens[pos].Is(".") && tokens[pos + 1].glued &&
           tokens[pos + 1].kind == PhraseToken::kDigits) {
      pos += 2;
    }
  }
  return spans;
}

}  // namespace needle
