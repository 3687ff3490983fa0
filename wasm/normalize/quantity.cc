// SPDX-License-Identifier: Apache-2.0
// See quantity.h. The grammar:
//   quantity = term { [and | ,] term }          units falling, the whole in one dimension
//   term     = amount [-] unit [and a half | and a quarter]
//            | half [a | an] unit | [three] quarter[s] [of] [a | an] unit
//   amount   = number | a | an
#include "normalize/quantity.h"

#include "normalize/number_words.h"

namespace needle {
namespace {

class QuantityReader {
 public:
  QuantityReader(const PhraseTokens& tokens, std::optional<Dimension> wanted) : tokens_(tokens), wanted_(wanted) {}

  std::optional<QuantityMatch> Read(size_t start) const {
    QuantityMatch match;
    size_t pos = start;
    while (match.parts.size() < kMaxParts) {
      size_t next = pos;
      if (!match.parts.empty() && (Is(next, "and") || Is(next, ","))) ++next;
      const std::optional<Term> term = ReadTerm(next, match.parts.empty() ? nullptr : &match.parts.back());
      if (!term || (!match.parts.empty() && !Follows(match.parts.back().unit, term->part.unit))) break;
      match.parts.push_back(term->part);
      pos = term->next;
    }
    if (match.parts.empty()) return std::nullopt;
    match.num_tokens = pos - start;
    return match;
  }

 private:
  static constexpr size_t kMaxParts = 6;  // years, months, days, hours, minutes, seconds

  struct Term {
    QuantityPart part;
    size_t next;
  };

  bool Is(size_t pos, std::string_view word) const { return pos < tokens_.size() && tokens_[pos].Is(word); }
  bool IsArticle(size_t pos) const { return Is(pos, "a") || Is(pos, "an"); }

  /// A smaller unit of the same dimension, or a clock unit after a calendar one.
  static bool Follows(Unit before, Unit after) {
    if (DimensionOf(before) == Dimension::kCalendar && DimensionOf(after) == Dimension::kTime) return true;
    const std::optional<double> ratio = ConvertUnit(1, before, after);
    return ratio && *ratio > 1 && DimensionOf(before) != Dimension::kTemperature;
  }

  std::optional<Term> ReadTerm(size_t pos, const QuantityPart* before) const {
    if (const std::optional<Term> term = ReadFractionOfUnit(pos)) return term;
    double value = 1;
    if (IsArticle(pos) && HasUnit(pos + 1)) {
      ++pos;
    } else {
      if (IsArticle(pos) && !MatchNumber(tokens_, pos)) ++pos;  // "a 30-minute timer"
      const std::optional<NumberMatch> number = MatchNumber(tokens_, pos);
      if (!number || number->ordinal) return std::nullopt;
      value = number->value;
      pos += number->num_tokens;
      // "2h30": digits glued to an hour are minutes.
      if (before != nullptr && before->unit == Unit::kHour && IsGluedPair(pos - 1) && !HasUnit(pos)) {
        return Term{{value, Unit::kMinute}, pos};
      }
    }
    if (Is(pos, "-") && tokens_[pos].glued) ++pos;
    const std::optional<UnitMatch> unit = MatchUnit(tokens_, pos, wanted_);
    if (!unit) return std::nullopt;
    pos += unit->num_tokens;
    return AddFraction({{value, unit->unit}, pos});
  }

  /// One or two digits right behind a word: the "30" of "2h30".
  bool IsGluedPair(size_t pos) const {
    return pos > 0 && tokens_[pos].kind == PhraseToken::kDigits && tokens_[pos].glued &&
           tokens_[pos].text.size() == 2 && tokens_[pos].text[0] < '6';
  }
  bool HasUnit(size_t pos) const { return MatchUnit(tokens_, pos, wanted_).has_value(); }

  /// "half an hour", "half hour", "a quarter of an hour", "three quarters of an hour"
  std::optional<Term> ReadFractionOfUnit(size_t pos) const {
    double value = 0;
    const size_t start = pos;
    if (IsArticle(pos)) ++pos;
    if (Is(pos, "half")) {
      value = 0.5;
      ++pos;
    } else if (Is(pos, "quarter")) {
      value = 0.25;
      ++pos;
    } else if (pos == start && Is(pos, "three") && Is(pos + 1, "quarters")) {
      value = 0.75;
      pos += 2;
    } else {
      return std::nullopt;
    }
    if (Is(pos, "of") && value != 0.5) ++pos;
    if (IsArticle(pos)) ++pos;
    if (Is(pos, "-") && tokens_[pos].glued) ++pos;
    const std::optional<UnitMatch> unit = MatchUnit(tokens_, pos, wanted_);
    if (!unit) return std::nullopt;
    return Term{{value, unit->unit}, pos + unit->num_tokens};
  }

  /// "an hour and a half"; but "an hour and a half mile" has no such tail, nor does "and a quarter to".
  Term AddFraction(Term term) const {
    if (!Is(term.next, "and") || !Is(term.next + 1, "a") || HasUnit(term.next + 3)) return term;
    const double fraction = Is(term.next + 2, "half") ? 0.5 : Is(term.next + 2, "quarter") ? 0.25 : 0;
    if (fraction == 0) return term;
    term.part.value += fraction;
    term.next += 3;
    return term;
  }

  const PhraseTokens& tokens_;
  const std::optional<Dimension> wanted_;
};

std::optional<double> Convert(const QuantityMatch& match, Unit to) {
  double total = 0;
  for (const QuantityPart& part : match.parts) {
    const bool scale_not_named = part.unit == Unit::kDegree && DimensionOf(to) == Dimension::kTemperature;
    const std::optional<double> value = ConvertUnit(part.value, scale_not_named ? to : part.unit, to);
    if (!value) return std::nullopt;
    total += *value;
  }
  return total;
}

}  // namespace

std::optional<QuantityMatch> MatchQuantity(const PhraseTokens& tokens, size_t pos, std::optional<Dimension> wanted) {
  return QuantityReader(tokens, wanted).Read(pos);
}

std::optional<double> ConvertPhrase(std::string_view phrase, Unit to) {
  const PhraseTokens tokens = LexPhrase(phrase);
  const std::optional<NumberMatch> number = MatchNumber(tokens, 0);
  if (number && number->num_tokens == tokens.size() && !number->ordinal) return number->value;
  const std::optional<QuantityMatch> match = MatchQuantity(tokens, 0, DimensionOf(to));
  if (!match || match->num_tokens != tokens.size()) return std::nullopt;
  return Convert(*match, to);
}

std::optional<double> ConvertQuantityAt(std::string_view text, size_t ofs, Unit to) {
  const PhraseTokens tokens = LexPhrase(text);
  size_t pos = 0;
  while (pos < tokens.size() && tokens[pos].begin < ofs) ++pos;
  if (pos == tokens.size() || tokens[pos].begin != ofs) return std::nullopt;
  const std::optional<QuantityMatch> match = MatchQuantity(tokens, pos, DimensionOf(to));
  return match ? Convert(*match, to) : std::nullopt;
}

}  // namespace needle
