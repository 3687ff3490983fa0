// SPDX-License-Identifier: Apache-2.0
// English numbers, in digits and in words. The set that is read, and nothing else:
//   digits      30 · 1,250 (groups of three) · 2.5 · .5 · -5 · 3k (thousand) · 5th, 21st (ordinals)
//   words       zero .. nineteen, twenty .. ninety, hundred, thousand, million, billion: "twenty-one",
//               "a hundred and five", "twelve hundred", "two thousand twenty seven"; "minus five"
//   mixed       "1.5 million", "3 hundred"
//   fractions   "two point five", "point five", "two and a half", "half" (0.5)
//   dozens      "a dozen", "two dozen", "half a dozen"
//   ordinals    "third", "twenty-first", "hundredth"
// Not read: "a couple", "a few", "a" alone, roman numerals, fractions with a slash, digit strings ("one two three" is
// three numbers), years in pairs ("nineteen ninety" is two). More than 15 digits is no number: a double would round.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "normalize/phrase_lexer.h"

namespace needle {

struct NumberMatch {
  double value = 0;
  size_t num_tokens = 0;
  bool ordinal = false;
};

/// The longest number that starts at tokens[pos].
std::optional<NumberMatch> MatchNumber(const PhraseTokens& tokens, size_t pos);

/// The value of a phrase that is a number and nothing else.
std::optional<double> ParseNumberPhrase(std::string_view phrase);

struct NumberSpan {
  size_t begin = 0;  // bytes
  size_t end = 0;
  double value = 0;
  bool ordinal = false;
};

/// All numbers of a text from left to right, not overlapping. Digits inside a word or a dotted run ("mp3",
/// "192.168.1.1") are none; each part of "7:30" and "2027-06-05" is one.
std::vector<NumberSpan> FindNumbers(std::string_view text);

}  // namespace needle
