// SPDX-License-Identifier: Apache-2.0
// See clock_phrases.h.
#include "normalize/clock_phrases.h"

namespace needle {
namespace {

class ClockReader {
 public:
  ClockReader(PhraseCursor* cursor, bool range) : cursor_(*cursor), range_(range) {}

  std::optional<Clock> Read() {
    using Rule = std::optional<Clock> (ClockReader::*)();
    static constexpr Rule kRules[] = {&ClockReader::ReadNamed, &ClockReader::ReadRelative, &ClockReader::ReadColon,
                                      &ClockReader::ReadMilitary, &ClockReader::ReadSpoken};
    for (Rule rule : kRules) {
      const size_t start = cursor_.pos;
      std::optional<Clock> clock = (this->*rule)();
      if (clock && ReadSuffix(&*clock)) return clock;
      cursor_.pos = start;
    }
    return std::nullopt;
  }

 private:
  /// "noon", "12 noon", "midnight"
  std::optional<Clock> ReadNamed() {
    const bool twelve = (cursor_.IsDigits() && cursor_.DigitsValue() == 12) || cursor_.Is("twelve");
    const size_t name = twelve ? 1 : 0;
    const bool noon = cursor_.IsAny({"noon", "midday"}, name);
    if (!noon && !cursor_.Is("midnight", name)) return std::nullopt;
    cursor_.pos += name + 1;
    return Clock{noon ? 12 : 24, 0, 0, Clock::k24Hours};
  }

  /// "half past six", "a quarter to nine", "twenty minutes past 4", "ten to eight"
  std::optional<Clock> ReadRelative() {
    int minutes = 0;
    bool half = false, maybe_hour = false;
    if (cursor_.Accept("half")) {
      minutes = 30;
      half = true;
    } else if (cursor_.Is("quarter") || (cursor_.Is("a") && cursor_.Is("quarter", 1))) {
      cursor_.Accept("a");
      ++cursor_.pos;
      minutes = 15;
    } else if (const auto count = cursor_.PeekInteger(1, 59); count && !count->ordinal) {
      minutes = count->value;
      maybe_hour = minutes <= 12 && cursor_.IsDigits();
      cursor_.pos += count->num_tokens;
      if (cursor_.AcceptAny({"minutes", "minute", "mins", "min"})) maybe_hour = false;
      else maybe_hour = maybe_hour || minutes % 5 != 0 || minutes == 5;
    } else {
      return std::nullopt;
    }
    const bool past = cursor_.AcceptAny({"past", "after"});
    if (!past) {
      // "9 to 5", "five to six", "from ten to six": as likely two times as one. "ten to six" alone is one.
      if (half || maybe_hour || range_ || !cursor_.AcceptAny({"to", "till", "til", "before"})) return std::nullopt;
    }
    std::optional<Clock> target = ReadNamed();
    if (!target) target = ReadHour();
    if (!target) return std::nullopt;
    target->delta_minutes = past ? minutes : -minutes;
    return target;
  }

  /// An hour without minutes, in digits or words.
  std::optional<Clock> ReadHour() {
    const auto hour = cursor_.PeekInteger(1, 23);
    if (!hour || hour->ordinal) return std::nullopt;
    const bool leading_zero = cursor_.IsDigits() && cursor_.tokens[cursor_.pos].text[0] == '0';
    cursor_.pos += hour->num_tokens;
    return Clock{hour->value, 0, 0, leading_zero || hour->value > 12 ? Clock::k24Hours : Clock::kOpen};
  }

  /// 7:30, 19:30:15, 07.30
  std::optional<Clock> ReadColon() {
    if (!cursor_.IsDigits() || cursor_.tokens[cursor_.pos].text.size() > 2) return std::nullopt;
    const bool dot = cursor_.IsGlued(".", 1);
    if ((!dot && !cursor_.IsGlued(":", 1)) || !cursor_.IsGluedDigits(2, 2)) return std::nullopt;
    const bool leading_zero = cursor_.tokens[cursor_.pos].text[0] == '0';
    Clock clock{cursor_.DigitsValue(), cursor_.DigitsValue(2), 0, Clock::kOpen};
    cursor_.pos += 3;
    if (!dot && cursor_.IsGlued(":") && cursor_.IsGluedDigits(1, 2)) {
      clock.second = cursor_.DigitsValue(1);
      cursor_.pos += 2;
      if (cursor_.IsGlued(".") && cursor_.IsGluedDigits(1)) cursor_.pos += 2;  // fractions of a second are dropped
    }
    if (clock.hour > 23 || clock.minute > 59 || clock.second > 59) return std::nullopt;
    const bool hours = cursor_.AcceptAny({"hours", "hrs"});  // "18:30 hrs"
    if (hours || leading_zero || clock.hour > 12 || clock.hour == 0) clock.half = Clock::k24Hours;
    return clock;
  }

  /// 0730 hours, 19h30, 7h, "nineteen hundred hours"; 730 pm
  std::optional<Clock> ReadMilitary() {
    if (!cursor_.IsDigits()) {
      const auto hundreds = cursor_.PeekInteger(100, 2300);
      if (!hundreds || hundreds->ordinal || hundreds->value % 100 != 0) return std::nullopt;
      cursor_.pos += hundreds->num_tokens;
      if (!cursor_.AcceptAny({"hours", "hrs"})) return std::nullopt;
      return Clock{hundreds->value / 100, 0, 0, Clock::k24Hours};
    }
    const size_t size = cursor_.tokens[cursor_.pos].text.size();
    const int value = cursor_.DigitsValue();
    Clock clock{value, 0, 0, Clock::k24Hours};
    ++cursor_.pos;
    if (size <= 2 && cursor_.IsGlued("h")) {
      ++cursor_.pos;
      if (cursor_.IsGluedDigits(0, 2)) clock.minute = cursor_.DigitsValue(), ++cursor_.pos;
    } else if (size == 3 || size == 4) {
      clock.hour = value / 100;
      clock.minute = value % 100;
      if (size == 4 && cursor_.AcceptAny({"hours", "hrs", "h"})) clock.half = Clock::k24Hours;
      else if (AtMeridiem()) clock.half = Clock::kOpen;
      else return std::nullopt;
    } else {
      return std::nullopt;
    }
    if (clock.hour > 23 || clock.minute > 59) return std::nullopt;
    return clock;
  }

  /// "7", "seven thirty", "six oh five", "7 30", "7 o'clock"
  std::optional<Clock> ReadSpoken() {
    if (cursor_.IsDigits() && cursor_.tokens[cursor_.pos].text.size() > 2) return std::nullopt;
    std::optional<Clock> clock = ReadHour();
    if (!clock || cursor_.IsGlued(":") || cursor_.IsGlued("/")) return std::nullopt;
    if (cursor_.Accept("oclock")) return clock;
    const size_t quote = cursor_.Is("\"", 1) ? 1 : 0;  // o"clock, as some transcripts have it
    if (cursor_.Is("o") && cursor_.Is("clock", 1 + quote)) {
      cursor_.pos += 2 + quote;
      return clock;
    }
    const size_t bare = cursor_.pos;
    if (cursor_.IsGlued("-") && !cursor_.IsGluedDigits(1)) ++cursor_.pos;  // "six-thirty"
    if (cursor_.IsAny({"oh", "o"})) {
      ++cursor_.pos;
      const auto unit = cursor_.PeekInteger(1, 9);
      if (!unit || unit->ordinal) return std::nullopt;
      clock->minute = unit->value;
      cursor_.pos += unit->num_tokens;
      return clock;
    }
    if (cursor_.IsDigits() && cursor_.tokens[cursor_.pos].text.size() != 2) return clock;
    const auto minute = cursor_.PeekInteger(cursor_.IsDigits() ? 0 : 10, 59);
    if (minute && !minute->ordinal) {
      clock->minute = minute->value;
      cursor_.pos += minute->num_tokens;
    } else {
      cursor_.pos = bare;
    }
    return clock;
  }

  bool AtMeridiem() const {
    PhraseCursor ahead{cursor_.tokens, cursor_.pos};
    return ReadMeridiem(&ahead) != Clock::kOpen;
  }

  /// am, pm, a.m., p. m., "a m", and 7a or 7p glued
  static Clock::Half ReadMeridiem(PhraseCursor* cursor) {
    if (cursor->Accept("am")) return Clock::kAm;
    if (cursor->Accept("pm")) return Clock::kPm;
    if (!cursor->IsAny({"a", "p"})) return Clock::kOpen;
    const Clock::Half half = cursor->Is("a") ? Clock::kAm : Clock::kPm;
    const size_t dot = cursor->Is(".", 1) ? 1 : 0;
    if (cursor->Is("m", 1 + dot)) {
      cursor->pos += 2 + dot;
      if (cursor->IsGlued(".")) ++cursor->pos;
      return half;
    }
    const bool glued_to_digits = cursor->pos > 0 && cursor->tokens[cursor->pos].glued &&
                                 cursor->tokens[cursor->pos - 1].kind == PhraseToken::kDigits;
    if (!glued_to_digits) return Clock::kOpen;
    ++cursor->pos;
    return half;
  }

  /// am or pm, then a zone. False where they contradict the hour.
  bool ReadSuffix(Clock* clock) {
    const Clock::Half half = ReadMeridiem(&cursor_);
    if (half != Clock::kOpen) {
      if (clock->hour < 1 || clock->hour > 12) return false;  // "19:30 pm"
      clock->half = half;
    }
    if (cursor_.AcceptAny({"utc", "gmt"}) || cursor_.IsGlued("z")) {
      if (cursor_.IsGlued("z")) ++cursor_.pos;
      clock->utc_offset_minutes = 0;
      return true;
    }
    const bool sign = cursor_.IsGlued("+") || cursor_.IsGlued("-");
    if (sign && cursor_.IsGluedDigits(1, 2) && cursor_.IsGlued(":", 2) && cursor_.IsGluedDigits(3, 2)) {
      const int minutes = cursor_.DigitsValue(1) * 60 + cursor_.DigitsValue(3);
      if (cursor_.DigitsValue(1) > 23 || cursor_.DigitsValue(3) > 59) return false;
      clock->utc_offset_minutes = cursor_.Is("-") ? -minutes : minutes;
      cursor_.pos += 4;
    }
    return true;
  }

  PhraseCursor& cursor_;
  const bool range_;
};

bool PartHasHour(DayPart part, int hour) {
  switch (part) {
    case DayPart::kNone: return true;
    case DayPart::kMorning: return hour < 12;
    case DayPart::kAfternoon: return hour >= 12 && hour <= 18;
    case DayPart::kEvening: return hour >= 16 && hour <= 23;
    case DayPart::kNight: return hour >= 18 || hour <= 4;
  }
  return false;
}

}  // namespace

std::optional<Clock> ReadClock(PhraseCursor* cursor, bool range) { return ClockReader(cursor, range).Read(); }

DayPart ReadDayPart(PhraseCursor* cursor) {
  if (cursor->Accept("morning")) return DayPart::kMorning;
  if (cursor->Accept("afternoon")) return DayPart::kAfternoon;
  if (cursor->Accept("evening")) return DayPart::kEvening;
  if (cursor->Accept("night")) return DayPart::kNight;
  return DayPart::kNone;
}

Result<int> ResolveHour(const Clock& clock, DayPart part, const Facts& facts) {
  const Error contradiction{ErrorCode::kInvalidArgument, "The hour does not lie in the part of the day.", {}};
  if (clock.half != Clock::kOpen) {
    int hour = clock.hour;
    if (clock.half == Clock::kAm) hour %= 12;
    if (clock.half == Clock::kPm) hour = hour % 12 + 12;
    if (!PartHasHour(part, hour == 24 ? 0 : hour)) return contradiction;
    return hour;
  }
  bool inferred = false;
  if (part == DayPart::kNone) {
    if (facts.clock == HourClock::k24Hour) return clock.hour;
    part = RequestDayPart(facts.request);
    inferred = true;
  }
  const int am = clock.hour % 12, pm = am + 12;
  const bool fits_am = PartHasHour(part, am), fits_pm = PartHasHour(part, pm);
  // "12 in the morning" is midnight to some and noon to others; and a part that was said of something else in the
  // request does not carry this time past midnight.
  const bool unclear = (clock.hour == 12 && part == DayPart::kMorning && clock.minute == 0) ||
                       (inferred && part == DayPart::kNight && fits_am);
  if (part == DayPart::kNone || unclear || (inferred && fits_am == fits_pm)) {
    return Error{ErrorCode::kInvalidArgument, "The time does not say whether it is am or pm.", {}};
  }
  if (fits_am == fits_pm) return contradiction;
  return fits_am ? am : pm;
}

DayPart RequestDayPart(std::string_view request) {
  DayPart found = DayPart::kNone;
  if (request.empty()) return found;
  const PhraseTokens tokens = LexPhrase(request);
  PhraseCursor cursor{tokens, 0};
  while (!cursor.AtEnd()) {
    const bool greeting = cursor.pos > 0 && tokens[cursor.pos - 1].Is("good");
    DayPart part = ReadDayPart(&cursor);
    if (part == DayPart::kNone) {
      if (cursor.IsAny({"wake", "wakes", "waking", "breakfast"})) part = DayPart::kMorning;
      else if (cursor.IsAny({"dinner", "supper"})) part = DayPart::kEvening;
      else if (cursor.Is("tonight")) part = DayPart::kNight;
      ++cursor.pos;
    }
    if (part == DayPart::kNone || greeting) continue;
    if (found != DayPart::kNone && found != part) return DayPart::kNone;
    found = part;
  }
  return found;
}

}  // namespace needle
