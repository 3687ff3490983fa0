// SPDX-License-Identifier: Apache-2.0
// See civil.h. Day numbers count whole years by the leap rule (one in 4, not in 100, again in 400), then months by
// table: slow enough to be obvious, fast enough for a dozen dates a request.
#include "normalize/civil.h"

#include <algorithm>

namespace needle {
namespace {

constexpr int kDaysBeforeMonth[13] = {0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};

int64_t DaysBeforeYear(int64_t year) {
  const int64_t past = year - 1;
  return past * 365 + past / 4 - past / 100 + past / 400;
}

/// Two digits at text[ofs], or -1.
int TwoDigits(std::string_view text, size_t ofs) {
  if (ofs + 2 > text.size()) return -1;
  const int high = text[ofs] - '0', low = text[ofs + 1] - '0';
  if (high < 0 || high > 9 || low < 0 || low > 9) return -1;
  return high * 10 + low;
}

void AppendPadded(std::string* out, int value, int width) {
  const std::string digits = std::to_string(value);
  out->append(static_cast<size_t>(std::max(0, width - static_cast<int>(digits.size()))), '0');
  *out += digits;
}

}  // namespace

bool IsLeapYear(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int DaysInMonth(int year, int month) {
  if (month == 2) return IsLeapYear(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

bool IsValid(const CivilDate& date) {
  return date.year >= 1 && date.year <= 9999 && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
         date.day <= DaysInMonth(date.year, date.month);
}

bool IsValid(const TimeOfDay& time) {
  return time.hour >= 0 && time.hour < 24 && time.minute >= 0 && time.minute < 60 && time.second >= 0 &&
         time.second < 60;
}

int64_t DayNumber(const CivilDate& date) {
  const int leap_day = date.month > 2 && IsLeapYear(date.year) ? 1 : 0;
  return DaysBeforeYear(date.year) + kDaysBeforeMonth[date.month] + leap_day + date.day - 1;
}

std::optional<CivilDate> DateFromDayNumber(int64_t day_number) {
  if (day_number < 0 || day_number >= DaysBeforeYear(10000)) return std::nullopt;
  // 146097 days are 400 years: the estimate is off by one year at most, either way.
  int year = static_cast<int>(day_number * 400 / 146097) + 1;
  while (DaysBeforeYear(year) > day_number) --year;
  while (DaysBeforeYear(year + 1) <= day_number) ++year;
  CivilDate date{year, 1, static_cast<int>(day_number - DaysBeforeYear(year)) + 1};
  while (date.day > DaysInMonth(year, date.month)) date.day -= DaysInMonth(year, date.month++);
  return date;
}

int WeekdayOf(const CivilDate& date) { return static_cast<int>(DayNumber(date) % 7); }

std::optional<CivilDate> AddDays(const CivilDate& date, int64_t days) {
  return DateFromDayNumber(DayNumber(date) + days);
}

std::optional<CivilDate> AddMonths(const CivilDate& date, int64_t months) {
  const int64_t index = static_cast<int64_t>(date.year) * 12 + (date.month - 1) + months;
  if (index < 12 || index >= 120000) return std::nullopt;
  const int year = static_cast<int>(index / 12), month = static_cast<int>(index % 12) + 1;
  return CivilDate{year, month, std::min(date.day, DaysInMonth(year, month))};
}

int SecondOfDay(const TimeOfDay& time) { return time.hour * 3600 + time.minute * 60 + time.second; }

TimeOfDay TimeFromSecondOfDay(int second_of_day) {
  return {second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60};
}

std::string FormatDate(const CivilDate& date) {
  std::string out;
  AppendPadded(&out, date.year, 4);
  out += '-';
  AppendPadded(&out, date.month, 2);
  out += '-';
  AppendPadded(&out, date.day, 2);
  return out;
}

std::string FormatTime(const TimeOfDay& time) {
  std::string out;
  AppendPadded(&out, time.hour, 2);
  out += ':';
  AppendPadded(&out, time.minute, 2);
  out += ':';
  AppendPadded(&out, time.second, 2);
  return out;
}

std::string FormatUtcOffset(int offset_minutes) {
  if (offset_minutes == 0) return "Z";
  const int magnitude = offset_minutes < 0 ? -offset_minutes : offset_minutes;
  std::string out(1, offset_minutes < 0 ? '-' : '+');
  AppendPadded(&out, magnitude / 60, 2);
  out += ':';
  AppendPadded(&out, magnitude % 60, 2);
  return out;
}

std::optional<CivilDate> ParseIsoDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int century = TwoDigits(text, 0), year = TwoDigits(text, 2);
  if (century < 0 || year < 0) return std::nullopt;
  const CivilDate date{century * 100 + year, TwoDigits(text, 5), TwoDigits(text, 8)};
  if (!IsValid(date)) return std::nullopt;
  return date;
}

std::optional<TimeOfDay> ParseIsoTime(std::string_view text) {
  if ((text.size() != 5 && text.size() != 8) || text[2] != ':') return std::nullopt;
  TimeOfDay time{TwoDigits(text, 0), TwoDigits(text, 3), 0};
  if (text.size() == 8) {
    if (text[5] != ':') return std::nullopt;
    time.second = TwoDigits(text, 6);
  }
  if (!IsValid(time)) return std::nullopt;
  return time;
}

std::optional<int> ParseUtcOffset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const int hours = TwoDigits(text, 1), minutes = TwoDigits(text, 4);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
}

}  // namespace needle
