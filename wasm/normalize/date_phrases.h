// SPDX-License-Identifier: Apache-2.0
// The date half of the phrase grammar: one calendar day, from today and the words. What is decided here, because
// English leaves it open:
//   friday              the next one, never today: on a Friday it is in 7 days ("today" is how today is said)
//   this friday         the next one, today included
//   next friday         the Friday of the next week, weeks starting on Monday; last friday: the latest before today
//   june 5 · the 5th    the next one, today included; months that lack the day are passed over
//   june 5 2027         as said; a weekday beside a date must agree with it
//   06/05/2027          refused: day or month first? 13/05 and 05/13 are read, as are 05/05 and YYYY-MM-DD
//   in a month          the same day of the next month, or its last day
//   end of june         its last day; "the end of the week" is refused (Friday or Sunday?)
//   weekend, next week, june, 2027 and other stretches of days are refused, as are two-digit years.
#pragma once

#include <optional>
#include <string>

#include "normalize/civil.h"
#include "normalize/phrase_cursor.h"

namespace needle {

struct DateReading {
  std::optional<CivilDate> date;
  std::string problem;              // why there is no date, a sentence
  std::optional<int> weekday = {};  // the phrase was a weekday (Monday 0): it may stand beside an explicit date
};

class DateReader {
 public:
  DateReader(PhraseCursor* cursor, const std::optional<CivilDate>& today) : cursor_(*cursor), today_(today) {}

  /// The date at the cursor, consumed; or nothing, and the cursor stays.
  std::optional<DateReading> Read();

  /// Whether the last reading depended on today: without that fact it was computed from an arbitrary day and is void.
  bool needs_today() const { return needs_today_; }
  /// The fact, or that arbitrary day.
  CivilDate today() const { return today_.value_or(CivilDate{2000, 1, 1}); }

 private:
  using Maybe = std::optional<DateReading>;
  enum class WeekdayMode { kBare, kNextOne, kThis, kLast, kThisWeek, kNextWeek, kLastWeek, kWeekLater, kAfterNext };
  /// A month that a phrase refers to. `open`: no year was said, so a day that has passed means the next such month.
  struct MonthRef {
    int year;
    int month;
    bool open;
    int step;  // months to the next one, where open
  };

  Maybe ReadNumericDate();
  Maybe ReadShortNumericDate();
  Maybe ReadRelativeDay();
  Maybe ReadDayBeside();
  Maybe ReadAnchored();
  Maybe ReadHoliday();
  Maybe ReadMonthThenDay();
  Maybe ReadDayThenMonth();
  Maybe ReadMonthEdge();
  Maybe ReadNthWeekday();
  Maybe ReadOrdinalDay();
  Maybe ReadWeekday();
  Maybe ReadPeriod();

  CivilDate Today();
  Maybe At(const std::optional<CivilDate>& date) const;
  Maybe DayMonth(int first, int second, std::optional<int> year);
  Maybe MonthDay(int month, int day, std::optional<int> year);
  Maybe Beside(int64_t months, int64_t days);
  WeekdayMode ReadWeekdayMode();
  std::optional<WeekdayMode> ReadWhichWeek(size_t ahead);
  Maybe WeekdayFrom(int weekday, int64_t days_ahead) const;
  std::optional<int> ReadYear();
  std::optional<int> ReadMonthName();
  std::optional<int> ReadWeekdayName();
  std::optional<MonthRef> ReadMonthRef();
  Maybe InMonth(MonthRef ref, int weekday, int nth);

  PhraseCursor& cursor_;
  const std::optional<CivilDate> today_;
  bool needs_today_ = false;
  int depth_ = 0;  // of "the day after the day after ..."
};

}  // namespace needle
