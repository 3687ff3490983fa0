// SPDX-License-Identifier: Apache-2.0
// NormalizeDuration (normalize.h): a quantity of time, written as RFC 3339's appendix A wants it.
#include <cmath>
#include <cstdint>

#include "normalize/normalize.h"
#include "normalize/phrase_cursor.h"
#include "normalize/quantity.h"

namespace needle {
namespace {

Error Invalid(std::string message) { return Error{ErrorCode::kInvalidArgument, std::move(message), {}}; }

enum Field { kYears, kMonths, kWeeks, kDays, kHours, kMinutes, kSeconds, kNumFields };
constexpr std::string_view kLetters = "YMWDHMS";
constexpr int64_t kMsOf[kNumFields] = {0, 0, 604'800'000, 86'400'000, 3'600'000, 60'000, 1'000};

struct Fields {
  int64_t value[kNumFields] = {};
  bool said[kNumFields] = {};

  void Add(Field field, int64_t amount) {
    value[field] += amount;
    said[field] = true;
  }
};

Field FieldOf(Unit unit) {
  switch (unit) {
    case Unit::kYear: return kYears;
    case Unit::kMonth: return kMonths;
    case Unit::kWeek: return kWeeks;
    case Unit::kDay: return kDays;
    case Unit::kHour: return kHours;
    case Unit::kMinute: return kMinutes;
    case Unit::kSecond: return kSeconds;
    default: return kNumFields;
  }
}

/// Adds `amount` of a unit; a fraction goes on into smaller units. False where it cannot.
bool AddPart(const QuantityPart& part, Fields* fields) {
  if (!(part.value >= 0 && part.value <= 1e9)) return false;
  const Field field = FieldOf(part.unit);
  const double whole = std::floor(part.value);
  if (field != kNumFields && part.value == whole) return fields->Add(field, static_cast<int64_t>(whole)), true;
  if (field == kMonths) return false;
  if (field == kYears) {
    const double months = (part.value - whole) * 12;
    if (months != std::floor(months)) return false;
    if (whole > 0) fields->Add(kYears, static_cast<int64_t>(whole));
    return fields->Add(kMonths, static_cast<int64_t>(months)), true;
  }
  const double exact_ms = *ConvertUnit(part.value, part.unit, Unit::kMillisecond);
  const double rounded_ms = std::floor(exact_ms + 0.5);
  if (std::fabs(exact_ms - rounded_ms) > 1e-3) return false;
  int64_t ms = static_cast<int64_t>(rounded_ms);
  if (ms % 1000 != 0) return false;
  // From the unit that was said downwards: 1.5 hours are PT1H30M, 1.5 weeks 10 days and 12 hours.
  int next = field == kNumFields ? kSeconds : field == kWeeks ? kDays : field;
  for (; next < kNumFields; ++next) {
    if (ms >= kMsOf[next]) fields->Add(static_cast<Field>(next), ms / kMsOf[next]);
    ms %= kMsOf[next];
  }
  if (rounded_ms == 0) fields->Add(kSeconds, 0);  // "0 ms"
  return true;
}

std::string Format(Fields fields) {
  bool weeks_only = true;
  for (int i = 0; i < kNumFields; ++i) weeks_only = weeks_only && (i == kWeeks || !fields.said[i]);
  if (fields.said[kWeeks] && weeks_only) return "P" + std::to_string(fields.value[kWeeks]) + "W";
  if (fields.said[kWeeks]) fields.Add(kDays, fields.value[kWeeks] * 7);
  fields.said[kWeeks] = false;
  // The grammar of RFC 3339 knows no gaps: seconds after hours need minutes, days after years need months.
  if (fields.said[kYears] && fields.said[kDays]) fields.said[kMonths] = true;
  if (fields.said[kHours] && fields.said[kSeconds]) fields.said[kMinutes] = true;
  std::string text = "P";
  for (int i = 0; i < kNumFields; ++i) {
    if (i >= kHours && fields.said[i] && text.find('T') == std::string::npos) text += 'T';
    if (fields.said[i]) text += std::to_string(fields.value[i]) + kLetters[static_cast<size_t>(i)];
  }
  return text;
}

/// An ISO 8601 duration in any case, rewritten without gaps; fractions are not RFC 3339's and not read.
std::optional<std::string> ParseIsoDuration(std::string_view text) {
  Fields fields;
  size_t pos = 1;
  int field = 0;
  bool in_time = false, any = false;
  if (text.empty() || text.size() > 64 || (text[0] != 'P' && text[0] != 'p')) return std::nullopt;
  while (pos < text.size()) {
    if (text[pos] == 'T' || text[pos] == 't') {
      if (in_time || ++pos == text.size()) return std::nullopt;
      in_time = true;
      field = kHours;
      continue;
    }
    int64_t value = 0;
    const size_t start = pos;
    for (; pos < text.size() && text[pos] >= '0' && text[pos] <= '9'; ++pos) value = value * 10 + (text[pos] - '0');
    if (pos == start || pos - start > 15 || pos == text.size()) return std::nullopt;
    const char letter = text[pos] >= 'a' ? static_cast<char>(text[pos] - ('a' - 'A')) : text[pos];
    const int end = in_time ? kNumFields : kHours;
    while (field < end && kLetters[static_cast<size_t>(field)] != letter) ++field;
    if (field == end) return std::nullopt;
    fields.Add(static_cast<Field>(field++), value);
    any = true;
    ++pos;
  }
  if (!any) return std::nullopt;
  return Format(fields);
}

}  // namespace

Result<std::string> NormalizeDuration(std::string_view phrase, const Facts&) {
  if (phrase.size() > 400) return Invalid("The phrase is too long for a duration.");
  const PhraseTokens tokens = LexPhrase(phrase);
  if (tokens.empty()) return Invalid("The phrase is empty.");
  if (const size_t first = tokens.front().begin; true) {
    if (auto iso = ParseIsoDuration(phrase.substr(first, tokens.back().end - first))) return *std::move(iso);
  }
  PhraseCursor cursor{tokens};
  while (cursor.AcceptAny({"for", "about", "around", "exactly", "the", "next", "last"})) {}
  const std::optional<QuantityMatch> quantity = MatchQuantity(tokens, cursor.pos, Dimension::kTime);
  if (!quantity) return Invalid("The phrase is not a duration that is understood.");
  cursor.pos += quantity->num_tokens;
  cursor.Accept("long");
  cursor.Accept(".");
  if (!cursor.AtEnd()) {
    return Invalid("The phrase is not a duration that is understood: \"" + tokens[cursor.pos].text + "\".");
  }
  Fields fields;
  for (const QuantityPart& part : quantity->parts) {
    const Dimension dimension = DimensionOf(part.unit);
    if (dimension != Dimension::kTime && dimension != Dimension::kCalendar) {
      return Invalid("The phrase names a unit that is not one of time.");
    }
    if (!AddPart(part, &fields)) return Invalid("The duration is not a whole number of seconds or months.");
  }
  return Format(fields);
}

}  // namespace needle
