// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/words.h"

#include <map>

#include "tokenizer/unicode.h"

namespace needle {
namespace {

/// Lower-cases one code point. U+0130 is the only one whose full mapping (Python's str.lower) is longer than one.
void AppendLower(char32_t c, std::string* out) {
  if (c == 0x130) {
    out->append("i\xCC\x87");
  } else {
    AppendUtf8(ToLower(c), out);
  }
}

}  // namespace

std::string NameAsWords(std::string_view utf8) {
  const std::vector<char32_t> text = NormalizeNfc(ToCodePoints(utf8));
  std::string words;
  bool at_word_start = true;
  CharKind previous = CharKind::kOther;
  for (size_t i = 0; i < text.size(); ++i) {
    const CharKind kind = KindOf(text[i]);
    const CharKind next = i + 1 < text.size() ? KindOf(text[i + 1]) : CharKind::kOther;
    if (kind == CharKind::kUpper &&
        (previous == CharKind::kLower || (previous == CharKind::kUpper && next == CharKind::kLower))) {
      at_word_start = true;  // get|Weather, HTTP|Server
    }
    previous = kind;
    if (kind == CharKind::kOther) {
      at_word_start = true;
      continue;
    }
    if (at_word_start && !words.empty()) words.push_back(' ');
    at_word_start = false;
    AppendLower(text[i], &words);
  }
  return words;
}

std::vector<std::string> DisplayNames(std::span<const std::string> names) {
  std::vector<std::string> shown;
  std::map<std::string, int> uses;
  for (const std::string& name : names) ++uses[shown.emplace_back(NameAsWords(name))];
  for (size_t i = 0; i < names.size(); ++i) {
    // Counted before any replacement, so that every name of a shared word list falls back, not all but one.
    if (shown[i].empty() || uses[shown[i]] > 1) shown[i] = names[i];
  }
  return shown;
}

}  // namespace needle
