// SPDX-License-Identifier: Apache-2.0
// Splits English text into lower-cased words, runs of digits and single symbols, with byte offsets. Everything in
// normalize/ reads phrases through these tokens; nothing here knows what the words mean.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace needle {

struct PhraseToken {
  enum Kind { kWord, kDigits, kSymbol };
  Kind kind = kSymbol;
  std::string text;   // words: ASCII lower case, possessive 's and apostrophes dropped; symbols: dashes all read "-"
  size_t begin = 0;   // byte span in the text; a dropped 's lies outside it
  size_t end = 0;
  bool glued = false;  // nothing between this token and the one before: "7am", "2h30", "5th"

  bool Is(std::string_view word) const { return kind != kDigits && text == word; }
};

using PhraseTokens = std::vector<PhraseToken>;

/// Never fails: bytes that are not UTF-8 become part of a word that no rule matches.
PhraseTokens LexPhrase(std::string_view text);

/// The token is one of the words, e.g. IsOneOf(token, {"at", "on"}).
inline bool IsOneOf(const PhraseToken& token, std::initializer_list<std::string_view> words) {
  for (std::string_view word : words) {
    if (token.Is(word)) return true;
  }
  return false;
}

}  // namespace needle
