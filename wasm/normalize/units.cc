// SPDX-License-Identifier: Apache-2.0
// See units.h. Two tables: what a unit is worth, as a whole number of a base so small that every factor is exact,
// and how it is written.
#include "normalize/units.h"

#include <cstdint>
#include <string>

namespace needle {
namespace {

struct UnitRow {
  Unit unit;
  Dimension dimension;
  int64_t factor;  // in the base of its dimension; 0: no conversion to any other unit
};

// Bases: time 1 ms, calendar 1 month, length 0.1 mm, mass 1 ng (so that the pound's 453.59237 g is whole), speed
// 1/112500 m/s (which makes the mile and the knot whole), volume 1 ml.
constexpr UnitRow kUnitRows[] = {
    {Unit::kPercent, Dimension::kRatio, 0},
    {Unit::kMillisecond, Dimension::kTime, 1},
    {Unit::kSecond, Dimension::kTime, 1'000},
    {Unit::kMinute, Dimension::kTime, 60'000},
    {Unit::kHour, Dimension::kTime, 3'600'000},
    {Unit::kDay, Dimension::kTime, 86'400'000},
    {Unit::kWeek, Dimension::kTime, 604'800'000},
    {Unit::kMonth, Dimension::kCalendar, 1},
    {Unit::kYear, Dimension::kCalendar, 12},
    {Unit::kMillimetre, Dimension::kLength, 10},
    {Unit::kCentimetre, Dimension::kLength, 100},
    {Unit::kMetre, Dimension::kLength, 10'000},
    {Unit::kKilometre, Dimension::kLength, 10'000'000},
    {Unit::kInch, Dimension::kLength, 254},
    {Unit::kFoot, Dimension::kLength, 3'048},
    {Unit::kYard, Dimension::kLength, 9'144},
    {Unit::kMile, Dimension::kLength, 16'093'440},
    {Unit::kMilligram, Dimension::kMass, 1'000'000},
    {Unit::kGram, Dimension::kMass, 1'000'000'000},
    {Unit::kKilogram, Dimension::kMass, 1'000'000'000'000},
    {Unit::kOunce, Dimension::kMass, 28'349'523'125},
    {Unit::kPound, Dimension::kMass, 453'592'370'000},
    {Unit::kCelsius, Dimension::kTemperature, 0},
    {Unit::kFahrenheit, Dimension::kTemperature, 0},
    {Unit::kKelvin, Dimension::kTemperature, 0},
    {Unit::kMetrePerSecond, Dimension::kSpeed, 112'500},
    {Unit::kKilometrePerHour, Dimension::kSpeed, 31'250},
    {Unit::kMilePerHour, Dimension::kSpeed, 50'292},
    {Unit::kKnot, Dimension::kSpeed, 57'875},
    {Unit::kMillilitre, Dimension::kVolume, 1},
    {Unit::kLitre, Dimension::kVolume, 1'000},
    {Unit::kByte, Dimension::kData, 0},
    {Unit::kKilobyte, Dimension::kData, 0},
    {Unit::kMegabyte, Dimension::kData, 0},
    {Unit::kGigabyte, Dimension::kData, 0},
    {Unit::kTerabyte, Dimension::kData, 0},
    {Unit::kDegree, Dimension::kAngle, 0},
};

struct Alias {
  std::string_view word;
  Unit unit;
};

constexpr Alias kAliases[] = {
    {"%", Unit::kPercent}, {"percent", Unit::kPercent}, {"percentage", Unit::kPercent}, {"pct", Unit::kPercent},
    {"ms", Unit::kMillisecond}, {"msec", Unit::kMillisecond}, {"msecs", Unit::kMillisecond},
    {"millis", Unit::kMillisecond}, {"millisecond", Unit::kMillisecond}, {"milliseconds", Unit::kMillisecond},
    {"sec", Unit::kSecond}, {"secs", Unit::kSecond}, {"second", Unit::kSecond}, {"seconds", Unit::kSecond},
    {"min", Unit::kMinute}, {"mins", Unit::kMinute}, {"minute", Unit::kMinute}, {"minutes", Unit::kMinute},
    {"hr", Unit::kHour}, {"hrs", Unit::kHour}, {"hour", Unit::kHour}, {"hours", Unit::kHour},
    {"day", Unit::kDay}, {"days", Unit::kDay}, {"week", Unit::kWeek}, {"weeks", Unit::kWeek},
    {"month", Unit::kMonth}, {"months", Unit::kMonth}, {"year", Unit::kYear}, {"years", Unit::kYear},
    {"yr", Unit::kYear}, {"yrs", Unit::kYear},
    {"mm", Unit::kMillimetre}, {"millimeter", Unit::kMillimetre}, {"millimeters", Unit::kMillimetre},
    {"millimetre", Unit::kMillimetre}, {"millimetres", Unit::kMillimetre},
    {"cm", Unit::kCentimetre}, {"centimeter", Unit::kCentimetre}, {"centimeters", Unit::kCentimetre},
    {"centimetre", Unit::kCentimetre}, {"centimetres", Unit::kCentimetre},
    {"meter", Unit::kMetre}, {"meters", Unit::kMetre}, {"metre", Unit::kMetre}, {"metres", Unit::kMetre},
    {"km", Unit::kKilometre}, {"kms", Unit::kKilometre}, {"kilometer", Unit::kKilometre},
    {"kilometers", Unit::kKilometre}, {"kilometre", Unit::kKilometre}, {"kilometres", Unit::kKilometre},
    {"inch", Unit::kInch}, {"inches", Unit::kInch}, {"ft", Unit::kFoot}, {"foot", Unit::kFoot},
    {"feet", Unit::kFoot}, {"yard", Unit::kYard}, {"yards", Unit::kYard}, {"yd", Unit::kYard}, {"yds", Unit::kYard},
    {"mile", Unit::kMile}, {"miles", Unit::kMile},
    {"mg", Unit::kMilligram}, {"milligram", Unit::kMilligram}, {"milligrams", Unit::kMilligram},
    {"gram", Unit::kGram}, {"grams", Unit::kGram}, {"kg", Unit::kKilogram}, {"kgs", Unit::kKilogram},
    {"kilo", Unit::kKilogram}, {"kilos", Unit::kKilogram}, {"kilogram", Unit::kKilogram},
    {"kilograms", Unit::kKilogram}, {"oz", Unit::kOunce}, {"ounce", Unit::kOunce}, {"ounces", Unit::kOunce},
    {"lb", Unit::kPound}, {"lbs", Unit::kPound}, {"pound", Unit::kPound}, {"pounds", Unit::kPound},
    {"celsius", Unit::kCelsius}, {"centigrade", Unit::kCelsius}, {"fahrenheit", Unit::kFahrenheit},
    {"kelvin", Unit::kKelvin},
    {"kph", Unit::kKilometrePerHour}, {"kmh", Unit::kKilometrePerHour}, {"kmph", Unit::kKilometrePerHour},
    {"mph", Unit::kMilePerHour}, {"knot", Unit::kKnot}, {"knots", Unit::kKnot},
    {"ml", Unit::kMillilitre}, {"milliliter", Unit::kMillilitre}, {"milliliters", Unit::kMillilitre},
    {"millilitre", Unit::kMillilitre}, {"millilitres", Unit::kMillilitre},
    {"liter", Unit::kLitre}, {"liters", Unit::kLitre}, {"litre", Unit::kLitre}, {"litres", Unit::kLitre},
    {"byte", Unit::kByte}, {"bytes", Unit::kByte}, {"kb", Unit::kKilobyte}, {"kilobyte", Unit::kKilobyte},
    {"kilobytes", Unit::kKilobyte}, {"mb", Unit::kMegabyte}, {"megabyte", Unit::kMegabyte},
    {"megabytes", Unit::kMegabyte}, {"gb", Unit::kGigabyte}, {"gigabyte", Unit::kGigabyte},
    {"gigabytes", Unit::kGigabyte}, {"tb", Unit::kTerabyte}, {"terabyte", Unit::kTerabyte},
    {"terabytes", Unit::kTerabyte},
    {"degree", Unit::kDegree}, {"degrees", Unit::kDegree}, {"deg", Unit::kDegree}, {"\xC2\xB0", Unit::kDegree},
};

// Units only where their dimension is wanted: elsewhere they are words ("in"), names or other units.
constexpr Alias kShortAliases[] = {
    {"s", Unit::kSecond}, {"m", Unit::kMinute}, {"h", Unit::kHour}, {"d", Unit::kDay}, {"w", Unit::kWeek},
    {"wk", Unit::kWeek}, {"wks", Unit::kWeek}, {"m", Unit::kMetre}, {"in", Unit::kInch}, {"mi", Unit::kMile},
    {"g", Unit::kGram}, {"c", Unit::kCelsius}, {"f", Unit::kFahrenheit}, {"k", Unit::kKelvin}, {"l", Unit::kLitre},
};

const UnitRow& RowOf(Unit unit) {
  for (const UnitRow& row : kUnitRows) {
    if (row.unit == unit) return row;
  }
  return kUnitRows[0];  // not reached: every unit has a row, which a test checks
}

std::optional<Unit> UnitOfWord(const PhraseToken& token, std::optional<Dimension> wanted) {
  if (token.kind == PhraseToken::kDigits) return std::nullopt;
  for (const Alias& alias : kAliases) {
    if (token.text == alias.word) return alias.unit;
  }
  if (!wanted) return std::nullopt;
  for (const Alias& alias : kShortAliases) {
    if (token.text == alias.word && DimensionOf(alias.unit) == *wanted) return alias.unit;
  }
  return std::nullopt;
}

/// "per hour", "/h", "per second", "/s" after a length.
std::optional<UnitMatch> MatchSpeed(const PhraseTokens& tokens, size_t pos, Unit length) {
  if (pos + 1 >= tokens.size() || !IsOneOf(tokens[pos], {"per", "/", "an"})) return std::nullopt;
  const PhraseToken& time = tokens[pos + 1];
  const bool hour = IsOneOf(time, {"h", "hr", "hour"}), second = IsOneOf(time, {"s", "sec", "second"});
  if (length == Unit::kKilometre && hour) return UnitMatch{Unit::kKilometrePerHour, 3};
  if (length == Unit::kMile && hour) return UnitMatch{Unit::kMilePerHour, 3};
  if (length == Unit::kMetre && second) return UnitMatch{Unit::kMetrePerSecond, 3};
  return std::nullopt;
}

double ToCelsius(double value, Unit from) {
  if (from == Unit::kFahrenheit) return (value - 32) * 5 / 9;
  if (from == Unit::kKelvin) return value - 273.15;
  return value;
}

double FromCelsius(double value, Unit to) {
  if (to == Unit::kFahrenheit) return value * 9 / 5 + 32;
  if (to == Unit::kKelvin) return value + 273.15;
  return value;
}

}  // namespace

Dimension DimensionOf(Unit unit) { return RowOf(unit).dimension; }

std::optional<double> ConvertUnit(double value, Unit from, Unit to) {
  if (from == to) return value;
  const UnitRow &source = RowOf(from), &target = RowOf(to);
  if (source.dimension != target.dimension) return std::nullopt;
  if (source.dimension == Dimension::kTemperature) return FromCelsius(ToCelsius(value, from), to);
  if (source.factor == 0 || target.factor == 0) return std::nullopt;
  return value * static_cast<double>(source.factor) / static_cast<double>(target.factor);
}

std::optional<UnitMatch> MatchUnit(const PhraseTokens& tokens, size_t pos, std::optional<Dimension> wanted) {
  if (pos >= tokens.size()) return std::nullopt;
  // "5 in the evening" is no length: inches may be abbreviated only where no word follows.
  const bool word_follows = pos + 1 < tokens.size() && tokens[pos + 1].kind == PhraseToken::kWord;
  if (tokens[pos].Is("in") && word_follows) return std::nullopt;
  std::optional<Unit> unit = UnitOfWord(tokens[pos], wanted);
  // "m/s" and "m per second" name metres even where no length is wanted.
  if (!unit && tokens[pos].Is("m")) unit = Unit::kMetre;
  if (!unit) return std::nullopt;
  const bool bare_m = tokens[pos].Is("m");
  const Unit length = bare_m ? Unit::kMetre : *unit;
  if (const auto speed = MatchSpeed(tokens, pos + 1, length)) return speed;
  if (bare_m && !UnitOfWord(tokens[pos], wanted)) return std::nullopt;
  if (*unit == Unit::kDegree && pos + 1 < tokens.size()) {
    const std::optional<Unit> scale = UnitOfWord(tokens[pos + 1], Dimension::kTemperature);
    if (scale && DimensionOf(*scale) == Dimension::kTemperature) return UnitMatch{*scale, 2};
  }
  return UnitMatch{*unit, 1};
}

std::optional<Unit> ParseUnit(std::string_view text, std::optional<Dimension> wanted) {
  const PhraseTokens tokens = LexPhrase(text);
  const std::optional<UnitMatch> match = MatchUnit(tokens, 0, wanted);
  if (!match || match->num_tokens != tokens.size()) return std::nullopt;
  return match->unit;
}

}  // namespace needle
