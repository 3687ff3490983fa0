// SPDX-License-Identifier: Apache-2.0
#include "grammar/named_values.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "tokenizer/unicode.h"
#include "tokenizer/words.h"

namespace needle {
namespace {

constexpr int kMaxWordsBeforeAs = 6;    // of a value in front of "as the key", without quotes
constexpr int kMaxPartsInQuotes = 14;
constexpr size_t kMaxWork = 1 << 20;    // parts compared with keys; beyond, nothing is looked for
constexpr size_t kMaxNames = 4096;

/// A word, or a character that is no part of one and no space.
struct Part {
  uint32_t begin = 0, end = 0;
  bool is_word = false;
  std::string text;  // folded
};

/// The parts [first, last] are the words of a key.
struct Name {
  size_t key = 0;
  bool is_one_word = false;
  int first = 0, last = 0;
};

std::vector<Part> PartsOf(std::string_view text) {
  std::vector<Part> parts;
  for (size_t pos = 0; pos < text.size();) {
    const size_t begin = pos;
    const char32_t c = DecodeUtf8(text, &pos);
    const bool is_word = IsLetter(c) || IsDigit(c);
    if (!is_word && c <= ' ') continue;
    const bool goes_on = is_word && !parts.empty() && parts.back().is_word && parts.back().end == begin;
    if (!goes_on) parts.push_back({static_cast<uint32_t>(begin), 0, is_word, ""});
    parts.back().end = static_cast<uint32_t>(pos);
    AppendUtf8(ToLower(c), &parts.back().text);
  }
  return parts;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : parts_(PartsOf(text)) {}

  /// Every place where the words of a key stand, written together or apart, unless they are part of a longer key.
  std::vector<Name> Names(std::span<const std::string> keys) const {
    std::vector<Name> names;
    if (keys.size() * parts_.size() > kMaxWork) return names;
    std::map<std::string, std::pair<size_t, bool>> by_words;  // written together -> the key, and whether it is one word
    std::set<std::string> shared;
    for (size_t key = 0; key < keys.size(); ++key) {
      const std::string words = NameAsWords(keys[key]);
      std::string together = words;
      std::erase(together, ' ');
      if (!together.empty() && !by_words.try_emplace(together, key, words == together).second) shared.insert(together);
    }
    size_t work = 0;
    for (const auto& [together, key] : by_words) {
      if (shared.contains(together)) continue;
      for (int i = 0; i < Count(); ++i) {
        const int last = EndOfName(i, together, &work);
        if (last >= i) names.push_back({key.first, key.second, i, last});
        if (work > kMaxWork || names.size() > kMaxNames) return {};
      }
    }
    std::vector<int> longest(parts_.size(), -1);  // [parts] the last part of the longest name that begins there
    for (const Name& name : names) {
      int& last = longest[static_cast<size_t>(name.first)];
      last = std::max(last, name.last);
    }
    std::vector<int> reach(parts_.size(), -1);    // [parts] the last part of any name that begins before
    for (size_t i = 1; i < reach.size(); ++i) reach[i] = std::max(reach[i - 1], longest[i - 1]);
    std::erase_if(names, [&](const Name& name) {
      const auto first = static_cast<size_t>(name.first);
      return longest[first] > name.last || reach[first] >= name.last;
    });
    return names;
  }

  /// Where the value behind a name begins, or in front of it; kNoPlace.
  uint32_t Behind(const Name& name) const {
    int value = Sign(name);
    if (value < 0) value = Verb(name);
    if (value < 0) value = Bare(name);
    if (value < 0) return CopySource::kNoPlace;
    while (IsQuote(value)) ++value;
    return value < Count() ? parts_[static_cast<size_t>(value)].begin : CopySource::kNoPlace;
  }

  uint32_t InFront(const Name& name) const {
    int as = name.first - 1;
    if (IsOneOf(as, kDeterminers)) --as;
    if (Text(as) != "as" || as < 1) return CountOf(name);
    if (IsQuote(as - 1)) {
      for (int i = as - 2; i >= 0 && i > as - kMaxPartsInQuotes; --i)
        if (IsQuote(i)) return parts_[static_cast<size_t>(i) + 1].begin;
      return CopySource::kNoPlace;
    }
    int before = -1;  // the nearest word in front of a value; a verb further off takes what "and" or "with" would cut
    for (int i = as - 1; i >= 0 && i >= as - kMaxWordsBeforeAs; --i) {
      if (before >= 0 && IsOneOf(i, kLinks)) break;
      if (IsOneOf(i, kVerbs)) {
        before = i;
        break;
      }
      if (before < 0 && IsBeforeValue(i)) before = i;
    }
    return before >= 0 && before + 1 < as ? parts_[static_cast<size_t>(before) + 1].begin : CopySource::kNoPlace;
  }

 private:
  using Words = std::span<const std::string_view>;
  static constexpr std::string_view kDeterminers[] = {"the", "a", "an", "my", "our", "your", "this", "that"};
  static constexpr std::string_view kQuotes[] = {"\"", "'", "`", "\u201c", "\u201d", "\u2018", "\u2019"};
  static constexpr std::string_view kSigns[] = {"#", "$", "-", "+", "/", "~", "@"};  // that values begin with
  static constexpr std::string_view kVerbs[] = {"using", "use", "have", "put", "set", "pass", "via", "take", "specify"};
  static constexpr std::string_view kClauses[] = {"with", "and", "where", "that", ",", ";", ":", "("};
  static constexpr std::string_view kLinks[] = {"to", "=", ":", "is", "as", "for", "set"};
  // What stands behind a name that only happens to be one.
  static constexpr std::string_view kNoValues[] = {
      "to",  "as",   "for",    "and",   "or",     "of",   "in",   "on",    "with",  "that",  "from",  "by",   "is",       "are",   "at", "the",
      "so",  "please", "then", "if",    "i",      "set",  "using", "via",  "it",    "a",     "an",    "be",   "was",      "will",  "should",
      "must", "which", "when", "where", "what",   "equal", "equals", "provided", "given", "not", "but", "you", "me",      "my",    "does", "do", "can",
      "am",  "has",  "have",   "had",   "he",     "she",  "we",   "they",  "now",   "today", "again", "too",  "because",  "there", "this"};

  int Count() const { return static_cast<int>(parts_.size()); }
  std::string_view Text(int i) const { return i >= 0 && i < Count() ? std::string_view(parts_[static_cast<size_t>(i)].text) : ""; }
  bool IsOneOf(int i, Words words) const { return std::find(words.begin(), words.end(), Text(i)) != words.end(); }
  bool IsQuote(int i) const {
    const bool is_apostrophe = IsWord(i - 1) && IsWord(i + 1) && Gap(i - 1) == 0 && Gap(i) == 0;
    return IsOneOf(i, kQuotes) && !is_apostrophe;
  }
  /// Punctuation within a number, a time or an address is none.
  bool IsBeforeValue(int i) const {
    return IsOneOf(i, kVerbs) || (IsOneOf(i, kClauses) && (IsWord(i) || Text(i) == "(" || Gap(i) > 0));
  }
  bool IsWord(int i) const { return i >= 0 && i < Count() && parts_[static_cast<size_t>(i)].is_word; }
  uint32_t Gap(int i) const { return parts_[static_cast<size_t>(i) + 1].begin - parts_[static_cast<size_t>(i)].end; }

  /// The last of the parts from `first` on that together read like the key, -1 if they do not.
  int EndOfName(int first, std::string_view together, size_t* work) const {
    for (int i = first; IsWord(i); ++i) {
      ++*work;
      if (!together.starts_with(Text(i))) return -1;
      together.remove_prefix(Text(i).size());
      if (together.empty()) return i;
      if (i + 1 >= Count()) return -1;
      if (Gap(i) > 1) return -1;
      if (Gap(i) == 1) continue;
      if ((Text(i + 1) != "_" && Text(i + 1) != "-") || i + 2 >= Count() || Gap(i + 1) != 0) return -1;
      ++i;
    }
    return -1;
  }

  /// 25 key
  uint32_t CountOf(const Name& name) const {
    const int i = name.first - 1;
    const bool is_number = IsWord(i) && Text(i).find_first_not_of("0123456789") == std::string_view::npos;
    return is_number && IsBeforeValue(i - 1) && !IsOneOf(name.first, kNoValues) ? parts_[static_cast<size_t>(i)].begin : CopySource::kNoPlace;
  }

  /// key = value, key: value. Not "my shopping list: milk", which says what kind of list.
  int Sign(const Name& name) const {
    int i = name.last + 1;
    const int before = name.first - 1;
    const bool is_described = name.is_one_word && IsWord(before) && !IsOneOf(before, kDeterminers) && !IsBeforeValue(before);
    if (is_described && Text(i) == ":") return -1;
    if (IsQuote(i) && IsQuote(name.first - 1)) ++i;
    if (Text(i) == "=" && Text(i + 1) == "=") ++i;
    return Text(i) == "=" || Text(i) == ":" ? i + 1 : -1;
  }

  /// key set to value, the long key is value, set the key to value
  int Verb(const Name& name) const {
    const int i = name.last + 1;
    if ((Text(i) == "set" || Text(i) == "equal") && Text(i + 1) == "to") return i + 2;
    if (Text(i) == "equals") return i + 1;
    if (Text(i) == "is") {
      const int before = IsOneOf(name.first - 1, kDeterminers) ? name.first - 2 : name.first - 1;
      const bool is_clause = before < name.first - 1 ? IsOneOf(before, kClauses) : Text(before) == "where" || Text(before) == "whose";
      if (!name.is_one_word || is_clause) return i + 1;
    }
    const int before = IsOneOf(name.first - 1, kDeterminers) ? name.first - 2 : name.first - 1;
    return Text(i) == "to" && Text(before) == "set" ? i + 1 : -1;
  }

  /// long key value, key "value", key 5
  int Bare(const Name& name) const {
    const int i = name.last + 1;
    if (i >= Count() || Gap(name.last) == 0 || IsOneOf(name.first, kNoValues)) return -1;
    if (IsQuote(i)) return i;
    if (!name.is_one_word) return (IsWord(i) && !IsOneOf(i, kNoValues)) || (IsOneOf(i, kSigns) && i + 1 < Count() && Gap(i) == 0) ? i : -1;
    return name.first > 0 && IsWord(i) && Text(i)[0] >= '0' && Text(i)[0] <= '9' ? i : -1;
  }

  std::vector<Part> parts_;
};

}  // namespace

std::vector<CopySource::Places> NamedValues(const CopySource& source, std::span<const std::string> keys) {
  std::vector<CopySource::Places> places(keys.size());
  const Reader reader(source.bytes().substr(0, source.bytes().find('\0')));  // the request: it comes first
  for (const Name& name : reader.Names(keys)) {
    for (const uint32_t place : {reader.Behind(name), reader.InFront(name)})
      if (place != CopySource::kNoPlace) places[name.key].push_back(place);
  }
  for (auto& of_key : places) {
    std::sort(of_key.begin(), of_key.end());
    of_key.erase(std::unique(of_key.begin(), of_key.end()), of_key.end());
  }
  return places;
}

}  // namespace needle
