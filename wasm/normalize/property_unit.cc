// SPDX-License-Identifier: Apache-2.0
// UnitOfProperty (units.h): which unit a numeric schema property is in. Keys and descriptions are prose, so the rules
// are narrow: a unit counts only where it can be nothing else ("min" in a key is a minimum, "hour" an hour of day).
#include <string>

#include "normalize/units.h"

namespace needle {
namespace {

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

/// The last word of a key in any case style: "timeoutSeconds", "delay_ms", "delay-in-minutes", "TTLSeconds".
std::string_view LastWord(std::string_view key) {
  size_t begin = key.size();
  while (begin > 0) {
    const char c = key[begin - 1];
    if (!IsLower(c) && !IsUpper(c)) break;
    if (begin < key.size() && IsLower(c) && IsUpper(key[begin])) break;
    --begin;
  }
  return key.substr(begin);
}

/// Words that can end a key without being a unit.
bool IsUnitInKey(const PhraseToken& token) {
  return !IsOneOf(token, {"min", "second", "minute", "hour", "day", "week", "month", "year", "foot", "degree",
                          "degrees", "deg", "pound", "pounds", "mile", "inch", "yard", "kilo", "kilos", "byte"});
}

std::optional<Unit> UnitOfKey(std::string_view key) {
  const PhraseTokens tokens = LexPhrase(LastWord(key));
  if (tokens.size() != 1 || !IsUnitInKey(tokens[0])) return std::nullopt;
  const std::optional<UnitMatch> match = MatchUnit(tokens, 0, std::nullopt);
  return match ? std::optional<Unit>(match->unit) : std::nullopt;
}

/// Where a unit that follows tokens[0..pos) is one that the property is measured in.
bool IsUnitContext(const PhraseTokens& tokens, size_t pos) {
  if (pos == 0) return false;
  const PhraseToken& before = tokens[pos - 1];
  if (IsOneOf(before, {"in", "("})) return true;
  if (before.Is("whole") && pos >= 2 && tokens[pos - 2].Is("in")) return true;
  if (before.Is("of") && pos >= 2 && tokens[pos - 2].Is("number")) return true;
  const size_t name = IsOneOf(before, {":", "is", "="}) ? 2 : 1;  // "unit: s", "units is seconds", "unit seconds"
  return pos >= name && IsOneOf(tokens[pos - name], {"unit", "units"});
}

std::optional<Unit> UnitOfDescription(std::string_view description) {
  const PhraseTokens tokens = LexPhrase(description);
  std::optional<Unit> found;
  for (size_t pos = 0; pos < tokens.size(); ++pos) {
    const std::optional<UnitMatch> match = MatchUnit(tokens, pos, std::nullopt);
    if (!match) continue;
    const bool share = match->unit == Unit::kPercent;  // "brightness as a percentage", "0 to 100%": nothing else
    if (!share && !IsUnitContext(tokens, pos)) continue;
    if (!share && IsOneOf(tokens[pos], {"day", "week", "month", "year", "hour", "minute", "second"}) &&
        !tokens[pos - 1].Is("(")) {
      continue;  // "in day 3"
    }
    if (found && *found != match->unit) return std::nullopt;
    found = match->unit;
    const size_t next = pos + match->num_tokens;
    if (next < tokens.size() && IsOneOf(tokens[next], {"or", "/"})) return std::nullopt;  // "in seconds or minutes"
  }
  return found;
}

}  // namespace

std::optional<Unit> UnitOfProperty(std::string_view key, std::string_view description, std::string_view annotation) {
  if (!annotation.empty()) return ParseUnit(annotation);
  if (const std::optional<Unit> unit = UnitOfKey(key)) return unit;
  return UnitOfDescription(description);
}

}  // namespace needle
