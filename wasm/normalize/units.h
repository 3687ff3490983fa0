// SPDX-License-Identifier: Apache-2.0
// Units of measure: which one a schema property is in, which one a request says, and the value converted from the
// one to the other. Only what is exact and unambiguous is here; everything else yields nothing, and the caller
// leaves the value alone or reports it. Left out on purpose: gallons, cups and fluid ounces (US or imperial), tons,
// kilo- or kibibytes (no conversion between sizes of data), months and years into days, currencies.
#pragma once

#include <optional>
#include <string_view>

#include "normalize/phrase_lexer.h"

namespace needle {

enum class Unit {
  kPercent,
  kMillisecond, kSecond, kMinute, kHour, kDay, kWeek,  // a day is 24 hours
  kMonth, kYear,                                       // 12 months; never converted into days
  kMillimetre, kCentimetre, kMetre, kKilometre, kInch, kFoot, kYard, kMile,
  kMilligram, kGram, kKilogram, kOunce, kPound,        // avoirdupois
  kCelsius, kFahrenheit, kKelvin,
  kMetrePerSecond, kKilometrePerHour, kMilePerHour, kKnot,
  kMillilitre, kLitre,
  kByte, kKilobyte, kMegabyte, kGigabyte, kTerabyte,   // recognised, so that no other unit is assumed
  kDegree,                                             // of an angle, or of a temperature scale not named
};

enum class Dimension { kRatio, kTime, kCalendar, kLength, kMass, kTemperature, kSpeed, kVolume, kData, kAngle };

Dimension DimensionOf(Unit unit);

/// The value in another unit of the same dimension; nothing where no exact conversion exists. Temperatures and
/// rounding: the result is the double nearest to (value * numerator) / denominator.
std::optional<double> ConvertUnit(double value, Unit from, Unit to);

/// The unit that a text names and nothing else: "minutes", "degrees Celsius", "km/h", "%". A letter that stands for
/// two units ("m") is read in the wanted dimension, and not at all without one.
std::optional<Unit> ParseUnit(std::string_view text, std::optional<Dimension> wanted = std::nullopt);

/// The unit that a numeric schema property is in, from (in this order) an explicit unit annotation, the last word of
/// its key ("timeoutSeconds", "delay_ms", "brightness_pct") or its description ("in minutes", "(kg)", "number of
/// days", "percentage"). Nothing if none is named, or if the description names two.
std::optional<Unit> UnitOfProperty(std::string_view key, std::string_view description,
                                   std::string_view annotation = {});

/// A unit at tokens[pos] and how many tokens it takes; the rules of ParseUnit.
struct UnitMatch {
  Unit unit = Unit::kSecond;
  size_t num_tokens = 0;
};
std::optional<UnitMatch> MatchUnit(const PhraseTokens& tokens, size_t pos, std::optional<Dimension> wanted);

}  // namespace needle
