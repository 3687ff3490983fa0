// SPDX-License-Identifier: Apache-2.0
// The clock half of the phrase grammar: a time of day. An hour from 1 to 12 without am, pm or a part of the day
// ("7", "7:30", "half past six") is left open here and refused by ResolveHour unless something says which half of
// the day is meant; "07:30", "19:30", "19h30" and "0730 hours" are 24-hour times.
#pragma once

#include <optional>
#include <string_view>

#include "base/status.h"
#include "normalize/facts.h"
#include "normalize/phrase_cursor.h"

namespace needle {

enum class DayPart { kNone, kMorning, kAfternoon, kEvening, kNight };

struct Clock {
  enum Half { kOpen, kAm, kPm, k24Hours };
  int hour = 0;  // 1..12 with am and pm, 0..23 otherwise; 24 for "midnight"
  int minute = 0;
  int second = 0;
  Half half = kOpen;
  int delta_minutes = 0;        // "quarter to nine": hour 9, -15
  std::optional<int> utc_offset_minutes = {};  // "7 pm utc", "19:30+02:00"
};

/// The time at the cursor, consumed; or nothing, and the cursor stays. `range`: the phrase began with "from", so that
/// "ten to six" is two times.
std::optional<Clock> ReadClock(PhraseCursor* cursor, bool range);

/// The part of the day at the cursor, consumed: "morning", "afternoon", "evening", "night".
DayPart ReadDayPart(PhraseCursor* cursor);

/// The hour from 0 to 24, with the part of the day that the phrase names. Afternoon is 12 to 18 h, evening 16 to 23,
/// night 18 to 23 and 0 to 4, morning 0 to 11. An hour outside its part ("3 in the evening") is refused.
Result<int> ResolveHour(const Clock& clock, DayPart part, const Facts& facts);

/// The part of the day that a whole request names, kNone if it names none or several. Read besides the parts
/// themselves: wake and breakfast (morning), dinner and supper (evening), tonight (night); not greetings ("good
/// morning").
DayPart RequestDayPart(std::string_view request);

}  // namespace needle
