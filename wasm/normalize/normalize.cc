// SPDX-License-Identifier: Apache-2.0
// See normalize.h. ReadMoment takes the phrase apart; here its parts and the facts become one value.
#include "normalize/normalize.h"

#include "normalize/moment.h"

namespace needle {
namespace {

Error Invalid(std::string message) { return Error{ErrorCode::kInvalidArgument, std::move(message), {}}; }

Error MissingFact(const char* fact) {
  return Invalid(std::string("The phrase is relative and the fact ") + fact + " is not given.");
}

std::string_view Trim(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

Status CheckFacts(const Facts& facts) {
  if (facts.date && !IsValid(*facts.date)) return Invalid("The fact date is not a date.");
  if (facts.time && !IsValid(*facts.time)) return Invalid("The fact time is not a time of day.");
  if (facts.utc_offset_minutes && (*facts.utc_offset_minutes <= -1440 || *facts.utc_offset_minutes >= 1440)) {
    return Invalid("The fact UTC offset is not within a day.");
  }
  return Ok{};
}

/// The second of the day, from 0 to 86400 (the midnight that ends it) or below 0 ("ten to 12 am").
Result<int> SecondOf(const Moment& moment, const Facts& facts) {
  const Clock& clock = *moment.clock;
  Result<int> hour = ResolveHour(clock, moment.part, facts);
  if (!hour.ok()) return std::move(hour.error());
  return *hour * 3600 + (clock.minute + clock.delta_minutes) * 60 + clock.second;
}

/// The day that the phrase names, if it names one, without regard to its time of day.
Result<std::optional<CivilDate>> DayOf(const Moment& moment, const Facts& facts) {
  if (moment.needs_today && !facts.date) return MissingFact("date");
  if (!moment.date_problem.empty()) return Invalid(moment.date_problem);
  return moment.date;
}

/// A day and the second of it. Moves "1 am tonight" and "midnight tonight" to tomorrow, where they are.
struct DayTime {
  CivilDate date;
  int second_of_day = 0;
};

Result<DayTime> Settle(CivilDate date, int second_of_day, const Moment& moment) {
  const bool small_hours = moment.part == DayPart::kNight && second_of_day < 6 * 3600;
  const bool at_edge = second_of_day >= kSecondsPerDay || second_of_day < 0;
  if (!small_hours && !at_edge) return DayTime{date, second_of_day};
  if (!moment.tonight || second_of_day < 0) {
    return Invalid("Midnight and the hours around it do not say which day's night is meant.");
  }
  const std::optional<CivilDate> next = AddDays(date, 1);
  if (!next) return Invalid("The date lies outside the years 1 to 9999.");
  return DayTime{*next, second_of_day % kSecondsPerDay};
}

/// Now, moved by the phrase's distance.
Result<DayTime> ShiftFromNow(const Shift& shift, CivilDate today, int second_of_day) {
  std::optional<CivilDate> date = AddMonths(today, shift.months);
  if (date) date = AddDays(*date, shift.days);
  if (date) {
    int64_t total = second_of_day + shift.seconds;
    int64_t days = total / kSecondsPerDay, rest = total % kSecondsPerDay;
    if (rest < 0) rest += kSecondsPerDay, --days;
    date = AddDays(*date, days);
    if (date) return DayTime{*date, static_cast<int>(rest)};
  }
  return Invalid("The date lies outside the years 1 to 9999.");
}

/// The offset of the result: the phrase's own, else the fact's.
std::optional<int> OffsetOf(const Moment& moment, const Facts& facts) {
  if (moment.clock && moment.clock->utc_offset_minutes) return moment.clock->utc_offset_minutes;
  return facts.utc_offset_minutes;
}

Result<CivilDate> ResolveDate(const Moment& moment, const Facts& facts) {
  if (moment.now || moment.shift) {
    if (!facts.date) return MissingFact("date");
    if (moment.now) return *facts.date;
    if (moment.shift->seconds != 0 && !facts.time) return MissingFact("time");
    Result<DayTime> moved = ShiftFromNow(*moment.shift, *facts.date, facts.time ? SecondOfDay(*facts.time) : 0);
    if (!moved.ok()) return std::move(moved.error());
    return moved->date;
  }
  Result<std::optional<CivilDate>> day = DayOf(moment, facts);
  if (!day.ok()) return std::move(day.error());
  if (!*day) return Invalid("The phrase names no day.");
  if (!moment.clock) return **day;
  // An hour that is open ("friday at 7") does not matter to the day; one past midnight does.
  Result<int> second = SecondOf(moment, facts);
  if (!second.ok()) return **day;
  Result<DayTime> settled = Settle(**day, *second, moment);
  if (!settled.ok()) return std::move(settled.error());
  return settled->date;
}

Result<int> ResolveSecond(const Moment& moment, const Facts& facts) {
  if (moment.clock) {
    Result<int> second = SecondOf(moment, facts);
    if (!second.ok()) return second;
    return (*second + kSecondsPerDay) % kSecondsPerDay;
  }
  const bool on_clock = moment.shift && moment.shift->seconds != 0;
  if (!moment.now && !on_clock) return Invalid("The phrase names no time of day.");
  if (!facts.time) return MissingFact("time");
  const int64_t shift = on_clock ? moment.shift->seconds % kSecondsPerDay : 0;
  return static_cast<int>((SecondOfDay(*facts.time) + shift + kSecondsPerDay) % kSecondsPerDay);
}

/// A time of day without a day: the next one.
Result<DayTime> NextTime(const Moment& moment, const Facts& facts) {
  if (!facts.date) return MissingFact("date");
  if (!facts.time) return MissingFact("time");
  const std::optional<int>& zone = moment.clock->utc_offset_minutes;
  if (zone && zone != facts.utc_offset_minutes) {
    return Invalid("The time is in another zone than now and names no day.");
  }
  Result<int> second = ResolveSecond(moment, facts);
  if (!second.ok()) return std::move(second.error());
  const std::optional<CivilDate> date = AddDays(*facts.date, *second > SecondOfDay(*facts.time) ? 0 : 1);
  if (!date) return Invalid("The date lies outside the years 1 to 9999.");
  return DayTime{*date, *second};
}

Result<DayTime> ResolveDateTime(const Moment& moment, const Facts& facts) {
  if (moment.now || (moment.shift && !moment.clock)) {
    if (!facts.date) return MissingFact("date");
    if (!facts.time) return MissingFact("time");
    return ShiftFromNow(moment.shift.value_or(Shift{}), *facts.date, SecondOfDay(*facts.time));
  }
  if (!moment.clock) return Invalid("The phrase names no time of day.");
  if (moment.shift) {
    Result<CivilDate> date = ResolveDate(moment, facts);
    if (!date.ok()) return std::move(date.error());
    Result<int> second = SecondOf(moment, facts);
    if (!second.ok()) return std::move(second.error());
    return Settle(*date, *second, moment);
  }
  Result<std::optional<CivilDate>> day = DayOf(moment, facts);
  if (!day.ok()) return std::move(day.error());
  if (!*day) return NextTime(moment, facts);
  Result<int> second = SecondOf(moment, facts);
  if (!second.ok()) return std::move(second.error());
  return Settle(**day, *second, moment);
}

/// "2027-06-05T19:30:00.5+02:00" in its four pieces. Only RFC 3339's own form; the grammar reads the rest.
struct Iso {
  std::string date, time, fraction;
  std::optional<int> offset;
};

std::optional<Iso> SplitIsoTime(std::string_view text) {
  if (text.size() < 8 || !ParseIsoTime(text.substr(0, 8))) return std::nullopt;
  Iso iso;
  iso.time = std::string(text.substr(0, 8));
  size_t pos = 8;
  if (pos < text.size() && text[pos] == '.') {
    while (++pos < text.size() && text[pos] >= '0' && text[pos] <= '9') {}
    if (pos == 9) return std::nullopt;
    iso.fraction = std::string(text.substr(8, pos - 8));
  }
  if (pos == text.size()) return iso;
  iso.offset = ParseUtcOffset(text.substr(pos));
  if (!iso.offset) return std::nullopt;
  return iso;
}

std::optional<Iso> SplitIsoDateTime(std::string_view text) {
  if (text.size() < 19 || !ParseIsoDate(text.substr(0, 10))) return std::nullopt;
  if (text[10] != 'T' && text[10] != 't') return std::nullopt;
  std::optional<Iso> iso = SplitIsoTime(text.substr(11));
  if (iso) iso->date = std::string(text.substr(0, 10));
  return iso;
}

Result<std::string> TimeText(std::string_view phrase, const Facts& facts, bool full) {
  NEEDLE_RETURN_IF_ERROR(CheckFacts(facts));
  std::string text;
  std::optional<int> offset;
  if (const std::optional<Iso> iso = SplitIsoTime(Trim(phrase))) {
    text = iso->time + iso->fraction;
    offset = iso->offset;
  } else {
    Result<Moment> moment = ReadMoment(phrase, facts);
    if (!moment.ok()) return std::move(moment.error());
    Result<int> second = ResolveSecond(*moment, facts);
    if (!second.ok()) return std::move(second.error());
    text = FormatTime(TimeFromSecondOfDay(*second));
    if (moment->clock) offset = moment->clock->utc_offset_minutes;
  }
  if (full && !offset) offset = facts.utc_offset_minutes;
  if (full && !offset) return Invalid("A full time needs the fact UTC offset, which is not given.");
  return offset ? text + FormatUtcOffset(*offset) : text;
}

}  // namespace

Result<std::string> NormalizeDate(std::string_view phrase, const Facts& facts) {
  NEEDLE_RETURN_IF_ERROR(CheckFacts(facts));
  if (ParseIsoDate(Trim(phrase))) return std::string(Trim(phrase));
  Result<Moment> moment = ReadMoment(phrase, facts);
  if (!moment.ok()) return std::move(moment.error());
  Result<CivilDate> date = ResolveDate(*moment, facts);
  if (!date.ok()) return std::move(date.error());
  return FormatDate(*date);
}

Result<std::string> NormalizeTime(std::string_view phrase, const Facts& facts) {
  return TimeText(phrase, facts, false);
}

Result<std::string> NormalizeFullTime(std::string_view phrase, const Facts& facts) {
  return TimeText(phrase, facts, true);
}

Result<std::string> NormalizeDateTime(std::string_view phrase, const Facts& facts) {
  NEEDLE_RETURN_IF_ERROR(CheckFacts(facts));
  std::string text;
  std::optional<int> offset;
  if (const std::optional<Iso> iso = SplitIsoDateTime(Trim(phrase))) {
    text = iso->date + "T" + iso->time + iso->fraction;
    offset = iso->offset ? iso->offset : facts.utc_offset_minutes;
  } else {
    Result<Moment> moment = ReadMoment(phrase, facts);
    if (!moment.ok()) return std::move(moment.error());
    Result<DayTime> at = ResolveDateTime(*moment, facts);
    if (!at.ok()) return std::move(at.error());
    text = FormatDate(at->date) + "T" + FormatTime(TimeFromSecondOfDay(at->second_of_day));
    offset = OffsetOf(*moment, facts);
  }
  if (!offset) return Invalid("A date-time needs the fact UTC offset, which is not given.");
  return text + FormatUtcOffset(*offset);
}

}  // namespace needle
