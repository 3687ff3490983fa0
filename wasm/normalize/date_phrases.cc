// SPDX-License-Identifier: Apache-2.0
// Dates relative to today and dates with a month; see date_phrases.h for what they mean. Weekdays, parts of a month
// and stretches of days are in weekday_phrases.cc.
#include "normalize/date_phrases.h"

#include <array>
#include <cmath>

#include "normalize/quantity.h"

namespace needle {
namespace {

constexpr std::array<std::string_view, 13> kMonths = {
    "",     "january", "february",  "march",   "april",    "may",     "june",
    "july", "august",  "september", "october", "november", "december"};

struct Holiday {
  std::array<std::string_view, 3> words;
  int month;
  int day;
};

// Only days that fall on the same date wherever English is spoken. Longer names first.
constexpr Holiday kHolidays[] = {
    {{"christmas", "eve", ""}, 12, 24},   {{"christmas", "day", ""}, 12, 25},   {{"christmas", "", ""}, 12, 25},
    {{"boxing", "day", ""}, 12, 26},      {{"new", "year", "eve"}, 12, 31},     {{"new", "years", "eve"}, 12, 31},
    {{"new", "year", "day"}, 1, 1},       {{"new", "years", "day"}, 1, 1},      {{"halloween", "", ""}, 10, 31},
    {{"valentine", "day", ""}, 2, 14},    {{"valentines", "day", ""}, 2, 14},
};

}  // namespace

CivilDate DateReader::Today() {
  needs_today_ = true;
  return today();
}

DateReader::Maybe DateReader::At(const std::optional<CivilDate>& date) const {
  if (!date) return DateReading{std::nullopt, "The date lies outside the years 1 to 9999."};
  return DateReading{date, {}};
}

DateReader::Maybe DateReader::Read() {
  using Rule = Maybe (DateReader::*)();
  static constexpr Rule kRules[] = {
      &DateReader::ReadNumericDate, &DateReader::ReadShortNumericDate, &DateReader::ReadRelativeDay,
      &DateReader::ReadDayBeside,   &DateReader::ReadAnchored,         &DateReader::ReadHoliday,
      &DateReader::ReadMonthEdge,   &DateReader::ReadMonthThenDay,     &DateReader::ReadDayThenMonth,
      &DateReader::ReadNthWeekday,  &DateReader::ReadOrdinalDay,       &DateReader::ReadWeekday,
      &DateReader::ReadPeriod,
  };
  for (Rule rule : kRules) {
    const size_t start = cursor_.pos;
    if (depth_ == 0) needs_today_ = false;
    if (Maybe reading = (this->*rule)()) return reading;
    cursor_.pos = start;
  }
  return std::nullopt;
}

/// 2027-06-05, 2027/6/5, 13/05/2027, 5.13.2027
DateReader::Maybe DateReader::ReadNumericDate() {
  if (!cursor_.IsDigits() || !cursor_.IsGluedDigits(2) || !cursor_.IsGluedDigits(4)) return std::nullopt;
  if (!cursor_.IsAny({"-", "/", "."}, 1) || !cursor_.IsGlued(cursor_.tokens[cursor_.pos + 1].text, 3)) {
    return std::nullopt;
  }
  const size_t first_size = cursor_.tokens[cursor_.pos].text.size();
  const size_t last_size = cursor_.tokens[cursor_.pos + 4].text.size();
  const int first = cursor_.DigitsValue(0), second = cursor_.DigitsValue(2), third = cursor_.DigitsValue(4);
  cursor_.pos += 5;
  if (first_size == 4 && last_size <= 2) return MonthDay(second, third, first);
  if (first_size <= 2 && last_size == 4) return DayMonth(first, second, third);
  return DateReading{std::nullopt, "A date in digits needs its year in four digits."};
}

/// 6/15: day and month without a year
DateReader::Maybe DateReader::ReadShortNumericDate() {
  if (!cursor_.IsDigits() || !cursor_.IsGlued("/", 1) || !cursor_.IsGluedDigits(2)) return std::nullopt;
  const int first = cursor_.DigitsValue(0), second = cursor_.DigitsValue(2);
  cursor_.pos += 3;
  return DayMonth(first, second, std::nullopt);
}

DateReader::Maybe DateReader::DayMonth(int first, int second, std::optional<int> year) {
  if (first > 12) return MonthDay(second, first, year);
  if (second > 12 || first == second) return MonthDay(first, second, year);
  return DateReading{std::nullopt, "The date does not say which number is the day and which the month."};
}

/// With a year, that day; without, the next one from today on.
DateReader::Maybe DateReader::MonthDay(int month, int day, std::optional<int> year) {
  // 2000 is a leap year: 29 February passes here and finds the next leap year below.
  if (!IsValid(CivilDate{year.value_or(2000), month, day})) return DateReading{std::nullopt, "There is no such date."};
  if (year) return At(CivilDate{*year, month, day});
  const CivilDate today = Today();
  for (int candidate = today.year; candidate <= today.year + 8; ++candidate) {
    const CivilDate date{candidate, month, day};
    if (IsValid(date) && date >= today) return At(date);
  }
  return At(std::nullopt);
}

DateReader::Maybe DateReader::ReadRelativeDay() {
  if (cursor_.IsAny({"later", "earlier"}) && cursor_.Is("today", 1)) ++cursor_.pos;
  if (cursor_.AcceptAny({"today", "todays"})) return At(Today());
  if (cursor_.AcceptAny({"tomorrow", "tomorrows", "tmrw", "tmr"})) return At(AddDays(Today(), 1));
  if (cursor_.Accept("yesterday")) return At(AddDays(Today(), -1));
  return std::nullopt;
}

/// "the day after tomorrow", "the day before christmas"
DateReader::Maybe DateReader::ReadDayBeside() {
  cursor_.Accept("the");
  if (!cursor_.Accept("day")) return std::nullopt;
  const bool after = cursor_.AcceptAny({"after", "following"});
  if (!after && !cursor_.Accept("before")) return std::nullopt;
  return Beside(0, after ? 1 : -1);
}

/// "a week from tuesday", "3 days after june 5", "two weeks before christmas", "a week on friday"
DateReader::Maybe DateReader::ReadAnchored() {
  const std::optional<QuantityMatch> quantity = MatchQuantity(cursor_.tokens, cursor_.pos);
  if (!quantity) return std::nullopt;
  double months = 0, days = 0;
  for (const QuantityPart& part : quantity->parts) {
    const std::optional<double> in_months = ConvertUnit(part.value, part.unit, Unit::kMonth);
    const std::optional<double> in_days = ConvertUnit(part.value, part.unit, Unit::kDay);
    if (in_months) months += *in_months;
    else if (in_days && (part.unit == Unit::kDay || part.unit == Unit::kWeek)) days += *in_days;
    else return std::nullopt;
  }
  if (months != std::floor(months) || days != std::floor(days) || std::fabs(months) > 1e6 || std::fabs(days) > 1e7) {
    return std::nullopt;
  }
  cursor_.pos += quantity->num_tokens;
  const bool before = cursor_.Accept("before");
  const bool after = !before && cursor_.AcceptAny({"from", "after", "following"});
  if (!before && !after) {
    const bool week = quantity->parts.size() == 1 && quantity->parts[0].unit == Unit::kWeek;
    if (!week || !cursor_.Accept("on")) return std::nullopt;
  }
  const int sign = before ? -1 : 1;
  return Beside(sign * static_cast<int64_t>(months), sign * static_cast<int64_t>(days));
}

/// The date at the cursor, moved.
DateReader::Maybe DateReader::Beside(int64_t months, int64_t days) {
  if (depth_ >= 3) return std::nullopt;
  cursor_.Accept("the");
  ++depth_;
  Maybe base = Read();
  --depth_;
  if (!base || !base->date) return base;
  std::optional<CivilDate> date = AddMonths(*base->date, months);
  if (date) date = AddDays(*date, days);
  return At(date);
}

DateReader::Maybe DateReader::ReadHoliday() {
  for (const Holiday& holiday : kHolidays) {
    size_t length = 0;
    while (length < 3 && !holiday.words[length].empty() && cursor_.Is(holiday.words[length], length)) ++length;
    if (length < 3 && !holiday.words[length].empty()) continue;
    cursor_.pos += length;
    return MonthDay(holiday.month, holiday.day, ReadYear());
  }
  return std::nullopt;
}

std::optional<int> DateReader::ReadMonthName() {
  if (cursor_.AtEnd()) return std::nullopt;
  const std::string_view word = cursor_.tokens[cursor_.pos].text;
  for (int month = 1; month <= 12; ++month) {
    const std::string_view name = kMonths[static_cast<size_t>(month)];
    if (word != name && word != name.substr(0, 3) && !(month == 9 && word == "sept")) continue;
    ++cursor_.pos;
    if (cursor_.IsGlued(".")) ++cursor_.pos;  // "jun."
    return month;
  }
  return std::nullopt;
}

/// ", 2027", "of next year", "twenty twenty seven", "two thousand and twenty seven"; the cursor stays where none is.
std::optional<int> DateReader::ReadYear() {
  const size_t start = cursor_.pos;
  cursor_.Accept(",");
  cursor_.AcceptAny({"of", "in"});
  const int step = cursor_.Is("next") ? 1 : cursor_.Is("last") ? -1 : 0;
  if (cursor_.IsAny({"this", "next", "last"}) && cursor_.Is("year", 1)) {
    cursor_.pos += 2;
    return Today().year + step;
  }
  if (cursor_.IsDigits()) {
    const bool clock = cursor_.IsGlued(":", 1) || cursor_.IsAny({"hours", "hrs", "h", "am", "pm", "a", "p"}, 1);
    if (cursor_.tokens[cursor_.pos].text.size() == 4 && !clock) {
      const int year = cursor_.DigitsValue();
      ++cursor_.pos;
      return year;
    }
  } else if (const auto whole = cursor_.PeekInteger(1900, 2199); whole && !whole->ordinal) {
    cursor_.pos += whole->num_tokens;
    return whole->value;
  } else if (const auto century = cursor_.PeekInteger(19, 20); century && !century->ordinal) {
    cursor_.pos += century->num_tokens;
    const auto rest = cursor_.IsDigits() ? std::nullopt : cursor_.PeekInteger(10, 99);
    if (rest && !rest->ordinal) {
      cursor_.pos += rest->num_tokens;
      return century->value * 100 + rest->value;
    }
  }
  cursor_.pos = start;
  return std::nullopt;
}

/// "june 5", "june the 5th, 2027", "june twenty first"
DateReader::Maybe DateReader::ReadMonthThenDay() {
  const std::optional<int> month = ReadMonthName();
  if (!month) return std::nullopt;
  cursor_.Accept("the");
  const auto day = cursor_.PeekInteger(1, 99);
  if (!day || (cursor_.IsDigits() && cursor_.IsGlued(":", 1))) return std::nullopt;
  cursor_.pos += day->num_tokens;
  return MonthDay(*month, day->value, ReadYear());
}

/// "5 june", "the 5th of june 2027", "fifth of june"
DateReader::Maybe DateReader::ReadDayThenMonth() {
  cursor_.Accept("the");
  const auto day = cursor_.PeekInteger(1, 99);
  if (!day) return std::nullopt;
  cursor_.pos += day->num_tokens;
  cursor_.AcceptAny({"of", "-"});
  const std::optional<int> month = ReadMonthName();
  if (!month) return std::nullopt;
  cursor_.Accept("-");  // 5-Jun-2027
  return MonthDay(*month, day->value, ReadYear());
}

}  // namespace needle
