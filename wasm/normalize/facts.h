// SPDX-License-Identifier: Apache-2.0
// What the application knows and a phrase may need. Nothing here is ever looked up: the engine has no clock.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "normalize/civil.h"

namespace needle {

enum class HourClock { kUnspecified, k24Hour };

struct Facts {
  std::optional<CivilDate> date;          // today, where the user is
  std::optional<TimeOfDay> time;          // the time there
  std::optional<int> utc_offset_minutes;  // minutes east of UTC there
  /// k24Hour: a bare "7" is 07:00. Otherwise an hour from 1 to 12 needs am, pm or a part of the day.
  HourClock clock = HourClock::kUnspecified;
  /// The whole request, if the phrase was cut out of one: where the phrase leaves the half of the day open, one part
  /// of the day named elsewhere decides ("wake me tomorrow *morning*" + "7"). See RequestDayPart in clock_phrases.h.
  std::string_view request = {};
};

}  // namespace needle
