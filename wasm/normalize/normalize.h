// SPDX-License-Identifier: Apache-2.0
// From the words of a request to the values that a schema wants: dates, times, date-times and durations as RFC 3339
// has them. The network copies a phrase; this turns it into a value by a fixed English grammar and the facts that
// the application gives. No clock, no locale, no network. A phrase that is not understood, that leaves something
// open, or that needs a fact not given is an Error of kInvalidArgument whose message is one sentence: never a guess.
// What phrases mean is written in date_phrases.h (days), clock_phrases.h (times of day) and here:
//   - Values that are RFC 3339 already pass through (in capitals); a date-time without an offset gets the fact's.
//   - A date may come with a time ("friday at 7" is a date) and a time with a date; what is not asked for is dropped.
//   - A date-time needs an offset (JSON Schema's date-time does): the phrase's ("7 pm utc"), else the fact; refused
//     without either.
//   - A date-time without a day is the next such time of day, which needs both the date and the time fact.
//   - "in 20 minutes" and "in 3 days" run from now; "in 3 days at noon" takes the time of day that it names. Clock
//     changes are not known here: the offset is the one given.
//   - Midnight beside a day is refused (which end of the day?), but "tonight at midnight" ends today.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "normalize/facts.h"

namespace needle {

/// YYYY-MM-DD
Result<std::string> NormalizeDate(std::string_view phrase, const Facts& facts);

/// HH:MM:SS, local; with an offset only if the phrase names one.
Result<std::string> NormalizeTime(std::string_view phrase, const Facts& facts);

/// HH:MM:SS and an offset, which RFC 3339's full-time (and a strict validator of JSON Schema's "time") requires: the
/// phrase's, else the fact's; refused without either.
Result<std::string> NormalizeFullTime(std::string_view phrase, const Facts& facts);

/// YYYY-MM-DDTHH:MM:SS and an offset
Result<std::string> NormalizeDateTime(std::string_view phrase, const Facts& facts);

/// RFC 3339, appendix A: PT20M, PT1H30M, P2W, P1DT12H. Units stay as said (PT90M); fractions become smaller units;
/// gaps are filled, as that grammar wants (PT1H0M30S); weeks beside other units become days; fractions of a second
/// and of a month are refused. "between one and two hours", "overnight" and "all day" are no durations. No facts are
/// needed; they are a parameter so that the four can be called alike.
Result<std::string> NormalizeDuration(std::string_view phrase, const Facts& facts);

}  // namespace needle
