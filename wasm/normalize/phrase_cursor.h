// SPDX-License-Identifier: Apache-2.0
// A position in a phrase's tokens, for readers that try one rule after another and step back when one does not fit.
#pragma once

#include <optional>

#include "normalize/number_words.h"
#include "normalize/phrase_lexer.h"

namespace needle {

struct PhraseCursor {
  const PhraseTokens& tokens;
  size_t pos = 0;

  bool AtEnd() const { return pos >= tokens.size(); }
  bool Has(size_t ahead) const { return pos + ahead < tokens.size(); }
  bool Is(std::string_view word, size_t ahead = 0) const { return Has(ahead) && tokens[pos + ahead].Is(word); }
  bool IsAny(std::initializer_list<std::string_view> words, size_t ahead = 0) const {
    return Has(ahead) && IsOneOf(tokens[pos + ahead], words);
  }
  bool IsGlued(std::string_view word, size_t ahead = 0) const { return Is(word, ahead) && tokens[pos + ahead].glued; }
  bool IsDigits(size_t ahead = 0) const {
    return Has(ahead) && tokens[pos + ahead].kind == PhraseToken::kDigits;
  }
  bool IsGluedDigits(size_t ahead = 0) const { return IsDigits(ahead) && tokens[pos + ahead].glued; }
  /// Glued digits, exactly so many.
  bool IsGluedDigits(size_t ahead, size_t count) const {
    return IsGluedDigits(ahead) && tokens[pos + ahead].text.size() == count;
  }

  bool Accept(std::string_view word) {
    if (!Is(word)) return false;
    ++pos;
    return true;
  }
  bool AcceptAny(std::initializer_list<std::string_view> words) {
    if (!IsAny(words)) return false;
    ++pos;
    return true;
  }

  /// The digits `ahead`, which are at most 9; -1 if they are more.
  int DigitsValue(size_t ahead = 0) const {
    const std::string& text = tokens[pos + ahead].text;
    if (text.size() > 9) return -1;
    int value = 0;
    for (char c : text) value = value * 10 + (c - '0');
    return value;
  }

  struct Integer {
    int value;
    size_t num_tokens;
    bool ordinal;
  };
  /// A whole number from `low` to `high` at the position, in digits or words; not consumed.
  std::optional<Integer> PeekInteger(int low, int high) const {
    const std::optional<NumberMatch> match = MatchNumber(tokens, pos);
    if (!match || !(match->value >= low && match->value <= high)) return std::nullopt;
    const int value = static_cast<int>(match->value);
    if (static_cast<double>(value) != match->value) return std::nullopt;
    return Integer{value, match->num_tokens, match->ordinal};
  }
};

}  // namespace needle
