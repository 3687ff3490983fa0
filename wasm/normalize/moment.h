// SPDX-License-Identifier: Apache-2.0
// A phrase about a point in time, taken apart: a day, a time of day, a part of the day, a distance from now, in any
// order ("7 tomorrow evening", "on friday at noon", "in 20 minutes"). normalize.cc makes dates, times and date-times
// of it; a fact that is missing matters only there, since "7 pm tomorrow" is a time without one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "normalize/clock_phrases.h"
#include "normalize/facts.h"

namespace needle {

/// A distance from now; seconds run on the clock, days and months on the calendar.
struct Shift {
  int64_t months = 0;
  int64_t days = 0;
  int64_t seconds = 0;
};

struct Moment {
  std::optional<CivilDate> date;
  std::string date_problem;  // why the phrase's date is none; a sentence
  bool needs_today = false;  // the date is void unless Facts::date is given
  std::optional<Clock> clock;
  DayPart part = DayPart::kNone;
  bool tonight = false;      // the night that follows today: one o'clock of it is tomorrow
  bool now = false;
  std::optional<Shift> shift;
};

/// Fails on a word that no rule reads, on two days or two times, and on phrases over 40 words.
Result<Moment> ReadMoment(std::string_view phrase, const Facts& facts);

}  // namespace needle
