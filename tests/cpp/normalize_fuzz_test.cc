// SPDX-License-Identifier: Apache-2.0
// Random text through everything in normalize/: under the sanitizers nothing may crash, results must be valid and
// stay themselves when normalised again, and long hostile text must end soon. The generator is seeded: a failure
// repeats.
#include "test_main.h"

#include <array>
#include <cstdint>

#include "normalize/evidence.h"
#include "normalize/normalize.h"
#include "normalize/number_words.h"
#include "normalize/quantity.h"

using namespace needle;

namespace {

constexpr std::array<std::string_view, 112> kWords = {
    "today", "tomorrow", "yesterday", "tonight", "now", "later", "the", "a", "an", "this", "next", "last", "coming",
    "monday", "friday", "sunday", "sat", "june", "february", "december", "dec.", "day", "week", "month", "year",
    "weekend", "days", "weeks", "months", "years", "hours", "hour", "minutes", "seconds", "ms", "h", "m", "s", "in",
    "on", "at", "from", "after", "before", "of", "to", "past", "until", "ago", "end", "beginning", "first", "second",
    "fifth", "twenty-ninth", "thirty first", "31st", "30th", "29", "31", "1", "5", "7", "12", "13", "24", "60", "99",
    "2024", "2027", "9999", "10000", "0", "00", "07", "half", "quarter", "and", "point", "dozen", "hundred",
    "thousand", "billion", "one", "five", "nineteen", "twenty", "ninety", "minus", "am", "pm", "a.m.", "noon",
    "midnight", "morning", "evening", "night", "o'clock", "utc", "Z", "T", ":", "-", "/", ".", ",", "+02:00",
    "PT20M", "2027-06-05", "13/05/2027", "christmas eve",
};

class Random {
 public:
  uint32_t Below(uint32_t bound) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<uint32_t>(state_ >> 33) % bound;
  }
  std::string Phrase() {
    std::string text;
    for (uint32_t words = Below(9); words > 0; --words) {
      text += kWords[Below(kWords.size())];
      if (Below(4) != 0) text += ' ';
    }
    return text;
  }
  std::string Bytes(uint32_t max_length) {
    std::string text(Below(max_length), ' ');
    for (char& c : text) c = static_cast<char>(Below(256));
    return text;
  }

 private:
  uint64_t state_ = 20260313;
};

void CheckStable(const char* what, const std::string& phrase, const Result<std::string>& first,
                 Result<std::string> (*normalize)(std::string_view, const Facts&), const Facts& facts) {
  if (!first.ok()) {
    if (first.error().code != ErrorCode::kInvalidArgument || first.error().message.empty()) {
      needle_test::Fail(__FILE__, __LINE__, std::string(what) + " error of " + phrase);
    }
    return;
  }
  const Result<std::string> again = normalize(*first, facts);
  if (again.ok() && *again == *first) return;
  needle_test::Fail(__FILE__, __LINE__, std::string(what) + " " + phrase + " = " + *first + ", which is not itself");
}

void TryPhrase(const std::string& phrase, const Facts& facts) {
  CheckStable("date", phrase, NormalizeDate(phrase, facts), &NormalizeDate, facts);
  CheckStable("time", phrase, NormalizeTime(phrase, facts), &NormalizeTime, facts);
  CheckStable("full-time", phrase, NormalizeFullTime(phrase, facts), &NormalizeFullTime, facts);
  CheckStable("date-time", phrase, NormalizeDateTime(phrase, facts), &NormalizeDateTime, facts);
  CheckStable("duration", phrase, NormalizeDuration(phrase, facts), &NormalizeDuration, facts);
}

void TryText(const std::string& text, const std::string& value, size_t ofs) {
  size_t last_end = 0;
  for (const NumberSpan& span : FindNumbers(text)) {
    CHECK(span.begin >= last_end && span.begin < span.end && span.end <= text.size());
    last_end = span.end;
  }
  const auto span = FindEvidence(text, value, ByteSpan{ofs, ofs + 1});
  if (span) CHECK(span->begin < span->end && span->end <= text.size());
  (void)ConvertQuantityAt(text, ofs, Unit::kSecond);
  (void)UnitOfProperty(value, text);
  CHECK(ByteToUtf16(text, ofs) <= ofs);
}

}  // namespace

TEST(RandomPhrases) {
  Random random;
  Facts facts;
  facts.time = TimeOfDay{23, 59, 59};
  facts.utc_offset_minutes = -210;
  for (int i = 0; i < 30000; ++i) {
    facts.date = DateFromDayNumber(random.Below(3652059));
    facts.clock = random.Below(2) ? HourClock::k24Hour : HourClock::kUnspecified;
    TryPhrase(random.Phrase(), facts);
    TryPhrase(random.Phrase(), {});
  }
}

TEST(RandomBytes) {
  Random random;
  for (int i = 0; i < 5000; ++i) {
    const std::string text = random.Bytes(60);
    TryPhrase(text, {});
    TryText(text, random.Bytes(4), random.Below(70));
    TryText(random.Phrase() + text + random.Phrase(), random.Phrase(), random.Below(100));
  }
}

TEST(LongTextEndsSoon) {
  constexpr size_t kLength = 100000;
  for (std::string_view unit : {"a", " ", "1", "1,000", ",000", "1.", "-", "'", "s'", "\xE2", "a hundred and ",
                                "million ", "point ", "and a half ", "one hour and ", "the day after ",
                                "minus ", "a week from "}) {
    std::string text;
    while (text.size() < kLength) text += unit;
    TryPhrase(text, {});
    TryPhrase(text.substr(0, 399), {});
    TryText(text, text.substr(0, 100), kLength / 2);
    TryText(text, std::string(unit) + "x", 0);
  }
}
