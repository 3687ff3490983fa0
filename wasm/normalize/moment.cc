// SPDX-License-Identifier: Apache-2.0
// See moment.h. One pass from left to right: at each place the first rule that fits takes its words, and a phrase is
// read only if every word was taken.
#include "normalize/moment.h"

#include <cmath>

#include "normalize/date_phrases.h"
#include "normalize/quantity.h"

namespace needle {
namespace {

constexpr size_t kMaxTokens = 40;  // longer than any date; bounds the work on hostile text

Error Invalid(std::string message) { return Error{ErrorCode::kInvalidArgument, std::move(message), {}}; }

/// The distance that a quantity of time is, if it is whole seconds.
std::optional<Shift> ShiftOf(const QuantityMatch& quantity, int sign) {
  Shift shift;
  for (const QuantityPart& part : quantity.parts) {
    if (!(std::fabs(part.value) <= 1e6)) return std::nullopt;
    const bool calendar = DimensionOf(part.unit) == Dimension::kCalendar;
    if (!calendar && DimensionOf(part.unit) != Dimension::kTime) return std::nullopt;
    const bool in_days = part.unit == Unit::kDay || part.unit == Unit::kWeek;
    const bool whole_days = in_days && part.value == std::floor(part.value);
    const Unit base = calendar ? Unit::kMonth : whole_days ? Unit::kDay : Unit::kSecond;
    const double value = *ConvertUnit(part.value, part.unit, base);
    const double rounded = std::floor(value + 0.5);
    if (std::fabs(value - rounded) > 1e-6) return std::nullopt;
    int64_t& field = calendar ? shift.months : whole_days ? shift.days : shift.seconds;
    field += sign * static_cast<int64_t>(rounded);
  }
  return shift;
}

class MomentReader {
 public:
  MomentReader(const PhraseTokens& tokens, const Facts& facts)
      : cursor_{tokens}, dates_(&cursor_, facts.date), today_known_(facts.date.has_value()) {}

  Result<Moment> Read() {
    ReadOpening();
    while (!cursor_.AtEnd() && !error_) {
      if (ReadShift() || ReadToday() || ReadDate() || ReadTime() || ReadPart() || SkipFiller()) continue;
      const PhraseToken& token = cursor_.tokens[cursor_.pos];
      return Invalid("The phrase is not a date or time that is understood: \"" + token.text + "\".");
    }
    if (error_) return *error_;
    return Combine();
  }

 private:
  /// "at", "for", "from" and the like, which name the use of the moment and not the moment. "before" and "after" do
  /// not name a moment at all and stay unread.
  void ReadOpening() {
    range_ = cursor_.Is("from");
    const bool edge = cursor_.Is("of", 1);  // "beginning of june"
    if (!edge) cursor_.AcceptAny({"from", "since", "until", "till", "to", "starting", "beginning", "due"});
  }

  /// "in 20 minutes", "in two weeks' time", "an hour from now", "3 days ago"
  bool ReadShift() {
    const size_t start = cursor_.pos;
    const bool in = cursor_.Accept("in");
    const std::optional<QuantityMatch> quantity = MatchQuantity(cursor_.tokens, cursor_.pos, Dimension::kTime);
    if (quantity) {
      cursor_.pos += quantity->num_tokens;
      const bool ago = !in && cursor_.Accept("ago");
      const bool from_now = !ago && cursor_.Is("from") && cursor_.Is("now", 1);
      if (from_now) cursor_.pos += 2;
      if (in) cursor_.Accept("time");
      // "in 3 days" but not "in 3 days after christmas": that is a date.
      const bool anchored = cursor_.IsAny({"from", "after", "before", "following"});
      if ((in || ago || from_now) && !anchored) return SetShift(ShiftOf(*quantity, ago ? -1 : 1));
    }
    cursor_.pos = start;
    return false;
  }

  /// "now", "tonight", "this morning", "last night"
  bool ReadToday() {
    const size_t start = cursor_.pos;
    if (cursor_.Is("now") || (cursor_.Is("right") && cursor_.Is("now", 1))) {
      cursor_.pos += cursor_.Is("now") ? 1 : 2;
      moment_.now = true;
      return true;
    }
    if (cursor_.IsAny({"later", "earlier"}) && cursor_.IsAny({"tonight", "this"}, 1)) ++cursor_.pos;
    if (cursor_.Accept("tonight")) {
      moment_.tonight = true;
      return SetPart(DayPart::kNight);
    }
    const bool last = cursor_.Is("last");
    if (cursor_.AcceptAny({"this", "last"})) {
      const DayPart part = ReadDayPart(&cursor_);
      if (part != DayPart::kNone && (!last || part == DayPart::kNight)) {
        SetPart(part);
        days_from_today_ = last ? -1 : 0;
        return true;
      }
    }
    cursor_.pos = start;
    return false;
  }

  bool ReadDate() {
    const std::optional<DateReading> reading = dates_.Read();
    if (!reading) return false;
    if (reading->weekday) {
      weekday_needs_today_ = dates_.needs_today();
      if (weekday_ && weekday_->date != reading->date) error_ = Invalid("The phrase names two different days.");
      weekday_ = reading;
      return true;
    }
    if (moment_.date && reading->date != moment_.date) error_ = Invalid("The phrase names two different days.");
    moment_.date = reading->date;
    moment_.needs_today = moment_.needs_today || dates_.needs_today();
    if (moment_.date_problem.empty()) moment_.date_problem = reading->problem;
    return true;
  }

  bool ReadTime() {
    const std::optional<Clock> clock = ReadClock(&cursor_, range_);
    if (!clock) return false;
    if (moment_.clock) error_ = Invalid("The phrase names two times of day.");
    moment_.clock = clock;
    return true;
  }

  /// "morning", "in the evening", "at night"
  bool ReadPart() {
    const size_t start = cursor_.pos;
    if (cursor_.Accept("in")) cursor_.Accept("the");
    const DayPart part = ReadDayPart(&cursor_);
    if (part != DayPart::kNone) return SetPart(part);
    cursor_.pos = start;
    return false;
  }

  bool SkipFiller() {
    if (cursor_.IsGlued("t") && cursor_.IsGluedDigits(1)) return ++cursor_.pos, true;  // 2027-06-05T19:30
    if (cursor_.pos > 0 && cursor_.Accept("of")) return true;                          // "the evening of june 5"
    if (cursor_.Is("from")) range_ = true;  // "friday from 2 pm": what follows may be a range
    if (cursor_.pos + 1 == cursor_.tokens.size() && cursor_.AcceptAny({".", "!", "?"})) return true;
    return cursor_.AcceptAny({"at", "on", "by", "for", "from", "the", ",", "@", "around", "about", "exactly", "sharp"});
  }

  bool SetPart(DayPart part) {
    // "tonight ... in the evening": the part that is said of the hour is the narrower one.
    const bool narrows = moment_.tonight && part == DayPart::kEvening;
    if (moment_.part != DayPart::kNone && moment_.part != part && !narrows) {
      error_ = Invalid("The phrase names two parts of the day.");
    }
    moment_.part = part;
    return true;
  }

  bool SetShift(std::optional<Shift> shift) {
    if (!shift) error_ = Invalid("The distance from now is not a whole number of seconds, days or months.");
    else if (moment_.shift) error_ = Invalid("The phrase names two distances from now.");
    moment_.shift = shift;
    return true;
  }

  /// Merges what was read into one date; refuses what contradicts itself.
  Result<Moment> Combine() {
    const bool dated = moment_.date || !moment_.date_problem.empty() || weekday_ || days_from_today_ || moment_.tonight;
    if (moment_.now && (dated || moment_.shift || moment_.clock || moment_.part != DayPart::kNone)) {
      return Invalid("The phrase says now and another time.");
    }
    if (moment_.shift) {
      if (dated) return Invalid("The phrase names a day and a distance from now.");
      if (moment_.shift->seconds != 0 && moment_.clock) {
        return Invalid("The phrase names a time of day and a distance from now.");
      }
    }
    if (moment_.tonight || days_from_today_) {
      const std::optional<CivilDate> date = AddDays(dates_.today(), days_from_today_.value_or(0));
      if (moment_.date && moment_.date != date) return Invalid("The phrase names two different days.");
      moment_.date = date;
      moment_.needs_today = true;
    }
    if (weekday_) return CombineWeekday();
    return std::move(moment_);
  }

  Result<Moment> CombineWeekday() {
    if (!moment_.date) {
      if (moment_.date_problem.empty()) moment_.date_problem = weekday_->problem;
      moment_.date = weekday_->date;
      moment_.needs_today = moment_.needs_today || weekday_needs_today_;
      return std::move(moment_);
    }
    // Where today is unknown, a year-less date has no weekday yet: the missing fact is reported first.
    const bool known = today_known_ || !moment_.needs_today;
    if (known && WeekdayOf(*moment_.date) != *weekday_->weekday) {
      return Invalid("The date does not fall on the weekday that the phrase names.");
    }
    return std::move(moment_);
  }

  PhraseCursor cursor_;
  DateReader dates_;
  Moment moment_;
  const bool today_known_;
  bool range_ = false;
  bool weekday_needs_today_ = false;
  std::optional<int> days_from_today_;
  std::optional<DateReading> weekday_;
  std::optional<Error> error_;
};

}  // namespace

Result<Moment> ReadMoment(std::string_view phrase, const Facts& facts) {
  if (phrase.size() > 400) return Invalid("The phrase is too long for a date or time.");
  const PhraseTokens tokens = LexPhrase(phrase);
  if (tokens.empty()) return Invalid("The phrase is empty.");
  if (tokens.size() > kMaxTokens) return Invalid("The phrase is too long for a date or time.");
  return MomentReader(tokens, facts).Read();
}

}  // namespace needle
