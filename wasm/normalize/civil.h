// SPDX-License-Identifier: Apache-2.0
// Calendar arithmetic on the proleptic Gregorian calendar, years 1 to 9999: plain fields, no clock, no time zone
// database, no locale. The bottom of normalize/: phrases are turned into these structs, and these into RFC 3339 text.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace needle {

struct CivilDate {
  int year = 1970;
  int month = 1;  // 1..12
  int day = 1;    // 1..31
  auto operator<=>(const CivilDate&) const = default;
};

struct TimeOfDay {
  int hour = 0;    // 0..23
  int minute = 0;  // 0..59
  int second = 0;  // 0..59; a leap second is not representable
  auto operator<=>(const TimeOfDay&) const = default;
};

constexpr int kSecondsPerDay = 86400;

bool IsLeapYear(int year);
int DaysInMonth(int year, int month);  // month in 1..12
bool IsValid(const CivilDate& date);
bool IsValid(const TimeOfDay& time);

/// Days since 0001-01-01, which is day 0 and a Monday.
int64_t DayNumber(const CivilDate& date);
/// The inverse; nothing outside the years 1 to 9999.
std::optional<CivilDate> DateFromDayNumber(int64_t day_number);

/// Monday 0 .. Sunday 6, as ISO 8601 orders the week.
int WeekdayOf(const CivilDate& date);

std::optional<CivilDate> AddDays(const CivilDate& date, int64_t days);
/// The same day of another month; a day which that month lacks becomes its last one (31 January + 1 month = 28 or
/// 29 February).
std::optional<CivilDate> AddMonths(const CivilDate& date, int64_t months);

int SecondOfDay(const TimeOfDay& time);
TimeOfDay TimeFromSecondOfDay(int second_of_day);  // 0..86399

std::string FormatDate(const CivilDate& date);      // 2027-06-05
std::string FormatTime(const TimeOfDay& time);      // 19:30:00
std::string FormatUtcOffset(int offset_minutes);    // +02:00, -05:30; UTC itself is Z

/// Exactly YYYY-MM-DD and a day that exists.
std::optional<CivilDate> ParseIsoDate(std::string_view text);
/// Exactly HH:MM or HH:MM:SS.
std::optional<TimeOfDay> ParseIsoTime(std::string_view text);
/// Z, z, +HH:MM or -HH:MM, in minutes east of UTC.
std::optional<int> ParseUtcOffset(std::string_view text);

}  // namespace needle
