// SPDX-License-Identifier: Apache-2.0
// DateReader's rules for weekdays, days named by their place in a month, and stretches of days; see date_phrases.h.
#include <algorithm>
#include <array>

#include "normalize/date_phrases.h"

namespace needle {
namespace {

struct WeekdayName {
  std::string_view word;
  int weekday;
};

constexpr WeekdayName kWeekdays[] = {
    {"monday", 0},   {"tuesday", 1}, {"wednesday", 2}, {"thursday", 3}, {"friday", 4}, {"saturday", 5}, {"sunday", 6},
    {"mon", 0},      {"tue", 1},     {"tues", 1},      {"wed", 2},      {"weds", 2},   {"thu", 3},      {"thur", 3},
    {"thurs", 3},    {"fri", 4},     {"sat", 5},       {"sun", 6},
};

constexpr int kLastOfMonth = 6;  // stands for "last" where an ordinal counts weekdays

int DaysUntil(int from_weekday, int to_weekday) { return (to_weekday - from_weekday + 7) % 7; }

}  // namespace

std::optional<int> DateReader::ReadWeekdayName() {
  if (cursor_.AtEnd()) return std::nullopt;
  for (const WeekdayName& name : kWeekdays) {
    if (!cursor_.Accept(name.word)) continue;
    if (cursor_.IsGlued(".")) ++cursor_.pos;  // "fri."
    return name.weekday;
  }
  return std::nullopt;
}

DateReader::Maybe DateReader::WeekdayFrom(int weekday, int64_t days_ahead) const {
  Maybe reading = At(AddDays(today(), days_ahead));
  reading->weekday = weekday;
  return reading;
}

/// What stands before a weekday: "next", "this coming", "next week on".
DateReader::WeekdayMode DateReader::ReadWeekdayMode() {
  cursor_.Accept("the");
  if (const std::optional<WeekdayMode> mode = ReadWhichWeek(0)) {
    cursor_.Accept("on");
    return *mode;
  }
  if (cursor_.Accept("this")) {
    return cursor_.AcceptAny({"coming", "upcoming"}) ? WeekdayMode::kNextOne : WeekdayMode::kThis;
  }
  if (cursor_.AcceptAny({"coming", "upcoming"})) return WeekdayMode::kNextOne;
  if (cursor_.Accept("next")) return WeekdayMode::kNextWeek;
  if (cursor_.AcceptAny({"last", "past"})) return WeekdayMode::kLast;
  return WeekdayMode::kBare;
}

/// "this week", "next week", "last week", some words ahead; consumed with those words.
std::optional<DateReader::WeekdayMode> DateReader::ReadWhichWeek(size_t ahead) {
  if (!cursor_.IsAny({"this", "next", "last"}, ahead) || !cursor_.Is("week", ahead + 1)) return std::nullopt;
  const WeekdayMode mode = cursor_.Is("this", ahead)   ? WeekdayMode::kThisWeek
                           : cursor_.Is("next", ahead) ? WeekdayMode::kNextWeek
                                                       : WeekdayMode::kLastWeek;
  cursor_.pos += ahead + 2;
  return mode;
}

/// "friday", "this friday", "next friday", "friday next week", "next week on friday", "friday after next", "friday
/// week" (British: a week later)
DateReader::Maybe DateReader::ReadWeekday() {
  WeekdayMode mode = ReadWeekdayMode();
  const std::optional<int> weekday = ReadWeekdayName();
  if (!weekday) return std::nullopt;
  if (mode == WeekdayMode::kBare) {
    if (const std::optional<WeekdayMode> week = ReadWhichWeek(cursor_.Is("of") ? 1 : 0)) {
      mode = *week;
    } else if (cursor_.Is("after") && cursor_.Is("next", 1)) {
      mode = WeekdayMode::kAfterNext;
      cursor_.pos += 2;
    } else if (cursor_.Accept("week")) {
      mode = WeekdayMode::kWeekLater;
    }
  }
  const int now = WeekdayOf(Today());
  const int until = DaysUntil(now, *weekday);   // 0..6
  const int next_one = until == 0 ? 7 : until;  // 1..7
  const int this_week = *weekday - now;         // -6..6, in the week from Monday
  switch (mode) {
    case WeekdayMode::kThis: return WeekdayFrom(*weekday, until);
    case WeekdayMode::kBare:
    case WeekdayMode::kNextOne: return WeekdayFrom(*weekday, next_one);
    case WeekdayMode::kThisWeek: return WeekdayFrom(*weekday, this_week);
    case WeekdayMode::kNextWeek: return WeekdayFrom(*weekday, this_week + 7);
    case WeekdayMode::kAfterNext: return WeekdayFrom(*weekday, this_week + 14);
    case WeekdayMode::kWeekLater: return WeekdayFrom(*weekday, next_one + 7);
    case WeekdayMode::kLastWeek: return WeekdayFrom(*weekday, this_week - 7);
    case WeekdayMode::kLast: return WeekdayFrom(*weekday, next_one == 7 ? -7 : until - 7);
  }
  return std::nullopt;
}

/// "june", "june 2027", "this month", "the month", "month" (after "end of"), "next month"
std::optional<DateReader::MonthRef> DateReader::ReadMonthRef() {
  const size_t start = cursor_.pos;
  cursor_.Accept("the");
  if (const std::optional<int> month = ReadMonthName()) {
    const std::optional<int> year = ReadYear();
    if (year) return MonthRef{*year, *month, false, 12};
    const CivilDate today = Today();
    return MonthRef{today.year, *month, true, 12};
  }
  const int step = cursor_.Is("next") ? 1 : cursor_.Is("last") ? -1 : 0;
  const bool said = cursor_.AcceptAny({"this", "next", "last", "current"});
  if (cursor_.Accept("month")) {
    const std::optional<CivilDate> inside = AddMonths(Today(), step);
    if (inside) return MonthRef{inside->year, inside->month, !said, 1};
  }
  cursor_.pos = start;
  return std::nullopt;
}

/// The nth such weekday of the month (kLastOfMonth: the last), or with `weekday` -1 its nth day (0: the last).
DateReader::Maybe DateReader::InMonth(MonthRef ref, int weekday, int nth) {
  // An open month whose day has passed means the next one; a day that only some months have, the next that has it.
  for (int attempt = 0; attempt < 120; ++attempt) {
    if (ref.year < 1 || ref.year > 9999) break;
    const int last = DaysInMonth(ref.year, ref.month);
    int day = nth == 0 ? last : nth;
    if (weekday >= 0) {
      const int first = 1 + DaysUntil(WeekdayOf({ref.year, ref.month, 1}), weekday);
      day = nth == kLastOfMonth ? first + (last - first) / 7 * 7 : first + (nth - 1) * 7;
    }
    const CivilDate date{ref.year, ref.month, day};
    if (IsValid(date) && (!ref.open || date >= Today())) return At(date);
    if (!ref.open) return DateReading{std::nullopt, "That month has no such day."};
    ref.month += ref.step;
    if (ref.month > 12) ref.month -= 12, ++ref.year;
  }
  return At(std::nullopt);
}

/// "the end of june", "end of the month", "the first day of next month", "the end of 2027", "end of the year"
DateReader::Maybe DateReader::ReadMonthEdge() {
  cursor_.Accept("the");
  bool end = false;
  if (cursor_.IsAny({"last", "first"}) && cursor_.Is("day", 1)) {
    end = cursor_.Is("last");
    cursor_.pos += 2;
  } else if (cursor_.IsAny({"end", "beginning", "start"})) {
    end = cursor_.Is("end");
    ++cursor_.pos;
  } else {
    return std::nullopt;
  }
  if (!cursor_.AcceptAny({"of", "in"})) return std::nullopt;
  if (const std::optional<MonthRef> month = ReadMonthRef()) return InMonth(*month, -1, end ? 0 : 1);
  if (cursor_.IsAny({"the", "this"}) && cursor_.Is("week", 1)) {
    cursor_.pos += 2;
    return DateReading{std::nullopt, "The end of a week is not one day that everybody agrees on."};
  }
  const bool article = cursor_.Accept("the") || cursor_.Is("year");
  if (article && cursor_.Accept("year")) return MonthDay(end ? 12 : 1, end ? 31 : 1, std::nullopt);
  if (const std::optional<int> year = ReadYear()) return MonthDay(end ? 12 : 1, end ? 31 : 1, year);
  return std::nullopt;
}

/// "the first monday of june", "last friday of the month"
DateReader::Maybe DateReader::ReadNthWeekday() {
  cursor_.Accept("the");
  int nth = kLastOfMonth;
  if (!cursor_.Accept("last")) {
    const auto ordinal = cursor_.PeekInteger(1, 5);
    if (!ordinal || !ordinal->ordinal) return std::nullopt;
    nth = ordinal->value;
    cursor_.pos += ordinal->num_tokens;
  }
  const std::optional<int> weekday = ReadWeekdayName();
  if (!weekday || !cursor_.AcceptAny({"of", "in"})) return std::nullopt;
  const std::optional<MonthRef> month = ReadMonthRef();
  if (!month) return std::nullopt;
  return InMonth(*month, *weekday, nth);
}

/// "the 5th", "5th of next month", "the first of the month"
DateReader::Maybe DateReader::ReadOrdinalDay() {
  const bool article = cursor_.Accept("the") || (cursor_.pos > 0 && cursor_.tokens[cursor_.pos - 1].Is("the"));
  const auto day = cursor_.PeekInteger(1, 31);
  if (!day || !day->ordinal) return std::nullopt;
  if (!article && cursor_.Is("second") && !cursor_.Is("of", 1)) return std::nullopt;  // "15 second"
  cursor_.pos += day->num_tokens;
  const size_t after_day = cursor_.pos;
  if (cursor_.Accept("of")) {
    if (const std::optional<MonthRef> month = ReadMonthRef()) return InMonth(*month, -1, day->value);
    cursor_.pos = after_day;
  }
  const CivilDate today = Today();
  return InMonth({today.year, today.month, true, 1}, -1, day->value);
}

/// Words that name many days: an explanation instead of "not understood".
DateReader::Maybe DateReader::ReadPeriod() {
  const DateReading several{std::nullopt, "The phrase names more than one day."};
  // "15 day" and "19 15 june" are no time with a stretch of days beside it.
  if (cursor_.pos > 0) {
    const PhraseCursor before{cursor_.tokens, cursor_.pos - 1};
    if (before.PeekInteger(0, 1000000)) return std::nullopt;
  }
  if (cursor_.IsAny({"in", "during"}) && cursor_.Has(1)) ++cursor_.pos;
  cursor_.AcceptAny({"the", "this", "next", "last", "coming", "every", "each", "all"});
  if (cursor_.AcceptAny({"weekend", "weekends", "week", "weekday", "weekdays", "month", "year", "spring",
                         "summer", "autumn", "fall", "winter", "day", "days"})) {
    return several;
  }
  if (ReadWeekdayName()) return several;  // "every friday": the weekday rule has taken the others
  if (ReadMonthName()) {
    ReadYear();
    return several;
  }
  return std::nullopt;
}

}  // namespace needle
