// SPDX-License-Identifier: Apache-2.0
// Numbers in words and digits, and quantities with units: the documented set, and what is left out of it.
#include "test_main.h"

#include "normalize/number_words.h"
#include "normalize/quantity.h"

using namespace needle;

namespace {

struct Row {
  const char* text;
  double value;
};

std::string Spans(std::string_view text) {
  std::string out;
  for (const NumberSpan& span : FindNumbers(text)) {
    out += "[" + std::string(text.substr(span.begin, span.end - span.begin)) + "]";
  }
  return out;
}

std::optional<Unit> UnitOf(std::string_view key, std::string_view description) {
  return UnitOfProperty(key, description);
}

}  // namespace

TEST(PhrasesThatAreNumbers) {
  constexpr Row kRows[] = {
      {"30", 30}, {"-5", -5}, {"1,250", 1250}, {"1,250,000", 1250000}, {"2.5", 2.5}, {".5", 0.5}, {"0.1", 0.1},
      {"3k", 3000}, {"1.5 million", 1.5e6}, {"3 hundred", 300}, {"5th", 5}, {"21st", 21}, {"zero", 0}, {"seven", 7},
      {"nineteen", 19}, {"twenty", 20}, {"twenty-one", 21}, {"twenty one", 21}, {"ninety-nine", 99}, {"hundred", 100},
      {"a hundred", 100}, {"a hundred and five", 105}, {"one hundred five", 105}, {"twelve hundred", 1200},
      {"two thousand twenty seven", 2027}, {"two thousand and five", 2005}, {"a thousand", 1000},
      {"three hundred and twenty-one thousand four hundred and fifty six", 321456}, {"two million", 2e6},
      {"five hundred million", 5e8}, {"minus five", -5}, {"negative two point five", -2.5}, {"two point five", 2.5},
      {"three point one four", 3.14}, {"point five", 0.5}, {"zero point oh five", 0.05}, {"two and a half", 2.5},
      {"half", 0.5}, {"a dozen", 12}, {"two dozen", 24}, {"half a dozen", 6}, {"third", 3}, {"twenty-first", 21},
      {"thirtieth", 30}, {"hundredth", 100}, {"one hundred and fifth", 105}, {"THIRTY", 30},
      {"999,999,999,999,999", 999999999999999.0},
  };
  for (const Row& row : kRows) {
    const std::optional<double> value = ParseNumberPhrase(row.text);
    if (value == row.value) continue;
    needle_test::Fail(__FILE__, __LINE__, std::string(row.text) + " = " + needle_test::Show(value.value_or(-999)));
  }
}

TEST(PhrasesThatAreNot) {
  for (const char* text : {"", "a", "an", "few", "a couple", "one two", "seven thirty", "xii", "1/2", "1.2.3", "mp3",
                           "30%", "1000000000000000000", "twenty eleven", "minus", "point", "and five", "30 minutes"}) {
    if (ParseNumberPhrase(text)) needle_test::Fail(__FILE__, __LINE__, text);
  }
}

TEST(NumbersInText) {
  CHECK_EQ(Spans("set a timer for twenty-five minutes and 30 seconds"), "[twenty-five][30]");
  CHECK_EQ(Spans("between one hundred and five hundred"), "[one hundred][five hundred]");
  CHECK_EQ(Spans("one two three"), "[one][two][three]");
  CHECK_EQ(Spans("nineteen ninety"), "[nineteen][ninety]");
  CHECK_EQ(Spans("at 7:30pm on 2027-06-05"), "[7][30][2027][06][05]");
  CHECK_EQ(Spans("mp3, h264 and 192.168.1.1"), "");
  CHECK_EQ(Spans("room 3-5 at -4"), "[3][5][-4]");
  CHECK_EQ(Spans("50% off, 1,299.99 dollars."), "[50][1,299.99]");
  CHECK_EQ(Spans("the 2nd and the third"), "[2nd][third]");
  CHECK_EQ(Spans("no number here"), "");
}

TEST(UnitsConvertExactly) {
  constexpr struct { double value; Unit from, to; double expected; } kRows[] = {
      {20, Unit::kMinute, Unit::kSecond, 1200}, {90, Unit::kSecond, Unit::kMinute, 1.5},
      {2, Unit::kWeek, Unit::kDay, 14},
      {5, Unit::kMile, Unit::kKilometre, 8.04672}, {1, Unit::kInch, Unit::kCentimetre, 2.54},
      {6, Unit::kFoot, Unit::kInch, 72}, {10, Unit::kPound, Unit::kKilogram, 4.5359237},
      {16, Unit::kOunce, Unit::kPound, 1}, {68, Unit::kFahrenheit, Unit::kCelsius, 20},
      {-40, Unit::kCelsius, Unit::kFahrenheit, -40}, {0, Unit::kCelsius, Unit::kKelvin, 273.15},
      {60, Unit::kMilePerHour, Unit::kKilometrePerHour, 96.56064},
      {36, Unit::kKilometrePerHour, Unit::kMetrePerSecond, 10},
      {1, Unit::kKnot, Unit::kKilometrePerHour, 1.852}, {2, Unit::kYear, Unit::kMonth, 24},
      {1.5, Unit::kLitre, Unit::kMillilitre, 1500},
  };
  for (const auto& row : kRows) {
    const std::optional<double> value = ConvertUnit(row.value, row.from, row.to);
    CHECK(value.has_value());
    CHECK_EQ(value.value_or(-999), row.expected);
  }
  CHECK(!ConvertUnit(1, Unit::kMonth, Unit::kDay));
  CHECK(!ConvertUnit(1, Unit::kMegabyte, Unit::kByte));
  CHECK(!ConvertUnit(1, Unit::kDegree, Unit::kCelsius));
  CHECK(!ConvertUnit(1, Unit::kMetre, Unit::kKilogram));
  for (int unit = 0; unit <= static_cast<int>(Unit::kDegree); ++unit) {
    CHECK(ConvertUnit(7, static_cast<Unit>(unit), static_cast<Unit>(unit)) == 7);
    CHECK(unit == 0 || DimensionOf(static_cast<Unit>(unit)) != Dimension::kRatio);  // every unit has its own row
  }
}

TEST(PhrasesConvertToTheUnitOfTheSchema) {
  CHECK(ConvertPhrase("20 minutes", Unit::kSecond) == 1200);
  CHECK(ConvertPhrase("an hour and a half", Unit::kMinute) == 90);
  CHECK(ConvertPhrase("2h30", Unit::kMinute) == 150);
  CHECK(ConvertPhrase("2m", Unit::kSecond) == 120);
  CHECK(ConvertPhrase("2m", Unit::kCentimetre) == 200);
  CHECK(ConvertPhrase("68°F", Unit::kCelsius) == 20);
  CHECK(ConvertPhrase("20 degrees Celsius", Unit::kFahrenheit) == 68);
  CHECK(ConvertPhrase("minus 40 c", Unit::kFahrenheit) == -40);
  CHECK(ConvertPhrase("21 degrees", Unit::kCelsius) == 21);
  CHECK(ConvertPhrase("50%", Unit::kPercent) == 50);
  CHECK(ConvertPhrase("fifty percent", Unit::kPercent) == 50);
  CHECK(ConvertPhrase("thirty", Unit::kPercent) == 30);
  CHECK(ConvertPhrase("6 feet 2 inches", Unit::kInch) == 74);
  CHECK(ConvertPhrase("5 in", Unit::kCentimetre) == 12.7);
  CHECK(ConvertPhrase("36 km/h", Unit::kMetrePerSecond) == 10);
  CHECK(ConvertPhrase("60 miles per hour", Unit::kMilePerHour) == 60);
  CHECK(ConvertPhrase("10 meters per second", Unit::kKilometrePerHour) == 36);
  CHECK(ConvertPhrase("2 years and 3 months", Unit::kMonth) == 27);
  CHECK(ConvertPhrase("half a kilometer", Unit::kMetre) == 500);
  CHECK(ConvertPhrase("10 MB", Unit::kMegabyte) == 10);
  for (const char* text : {"", "minutes", "20 minutes ago", "a few minutes", "5 miles", "third", "1 month",
                           "2 years 3 days"}) {
    if (ConvertPhrase(text, Unit::kSecond)) needle_test::Fail(__FILE__, __LINE__, text);
  }
  CHECK(!ConvertPhrase("10 MB", Unit::kByte));
}

TEST(QuantitiesInsideARequest) {
  const std::string_view query = "dim for 2 hours, then 20 minutes";
  CHECK(ConvertQuantityAt(query, 8, Unit::kMinute) == 120);
  CHECK(ConvertQuantityAt(query, 22, Unit::kSecond) == 1200);
  CHECK(!ConvertQuantityAt(query, 8, Unit::kKilogram));
  CHECK(!ConvertQuantityAt(query, 0, Unit::kMinute));
  CHECK(!ConvertQuantityAt(query, 9, Unit::kMinute));
  CHECK(!ConvertQuantityAt(query, 1000, Unit::kMinute));
  CHECK(!ConvertQuantityAt("meet at 5 in the park", 8, Unit::kCentimetre));
  CHECK(ConvertQuantityAt("cut it to 5 in, please", 10, Unit::kCentimetre) == 12.7);
  CHECK(ConvertQuantityAt("dim for an hour and a half", 8, Unit::kMinute) == 90);
  CHECK(!ConvertQuantityAt("dim to 30 please", 7, Unit::kPercent));
  CHECK(ConvertQuantityAt("dim to 30 percent please", 7, Unit::kPercent) == 30);
}

TEST(UnitsOfProperties) {
  CHECK(UnitOf("timeoutSeconds", "") == Unit::kSecond);
  CHECK(UnitOf("delay_ms", "") == Unit::kMillisecond);
  CHECK(UnitOf("brightness_pct", "") == Unit::kPercent);
  CHECK(UnitOf("duration-in-minutes", "") == Unit::kMinute);
  CHECK(UnitOf("minutes", "") == Unit::kMinute);
  CHECK(UnitOf("weightKg", "") == Unit::kKilogram);
  CHECK(UnitOf("temperatureCelsius", "") == Unit::kCelsius);
  CHECK(UnitOf("duration", "How long, in minutes.") == Unit::kMinute);
  CHECK(UnitOf("distance", "Distance (km)") == Unit::kKilometre);
  CHECK(UnitOf("retention", "Number of days to keep") == Unit::kDay);
  CHECK(UnitOf("brightness", "Brightness as a percentage") == Unit::kPercent);
  CHECK(UnitOf("level", "0 to 100%") == Unit::kPercent);
  CHECK(UnitOf("temperature", "Target temperature in degrees Celsius") == Unit::kCelsius);
  CHECK(UnitOf("temperature", "Target in °F") == Unit::kFahrenheit);
  CHECK(UnitOf("speed", "Speed in km/h") == Unit::kKilometrePerHour);
  CHECK(UnitOf("ttl", "Units: seconds") == Unit::kSecond);
  CHECK(UnitOfProperty("x", "in minutes", "seconds") == Unit::kSecond);
  CHECK(!UnitOf("hour", ""));
  CHECK(!UnitOf("price_min", ""));
  CHECK(!UnitOf("admin", ""));
  CHECK(!UnitOf("second", "The second operand"));
  CHECK(!UnitOf("timeout", "In seconds or minutes"));
  CHECK(!UnitOf("wait", "in seconds, later in minutes"));
  CHECK(!UnitOf("day", "Day of the week"));
  CHECK(!UnitOf("name", "The name shown in the list"));
  CHECK(!UnitOfProperty("x", "in minutes", "furlongs"));
}
