// SPDX-License-Identifier: Apache-2.0
// Replays tests/golden/normalize.json, the table that says what phrases mean, and checks the calendar under it by
// counting days one by one.
#include "test_main.h"

#include <simdjson.h>

#include "normalize/normalize.h"

using namespace needle;

namespace {

std::string Text(simdjson::dom::element object, const char* key) {
  std::string_view text;
  if (object[key].get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

Result<std::string> Normalize(std::string_view format, std::string_view phrase, const Facts& facts) {
  if (format == "date") return NormalizeDate(phrase, facts);
  if (format == "time") return NormalizeTime(phrase, facts);
  if (format == "full-time") return NormalizeFullTime(phrase, facts);
  if (format == "date-time") return NormalizeDateTime(phrase, facts);
  if (format == "duration") return NormalizeDuration(phrase, facts);
  return Error{ErrorCode::kInternal, "unknown format in the table", {}};
}

void CheckRow(const std::string& group, simdjson::dom::array row, const Facts& facts) {
  std::string_view format, phrase, expected, message;
  CHECK(row.at(0).get(format) == simdjson::SUCCESS && row.at(1).get(phrase) == simdjson::SUCCESS);
  const bool has_value = row.at(2).get(expected) == simdjson::SUCCESS;
  if (!has_value) CHECK(row.at(3).get(message) == simdjson::SUCCESS);
  const Result<std::string> result = Normalize(format, phrase, facts);
  const std::string where = group + ": " + std::string(format) + " \"" + std::string(phrase) + "\"";
  if (result.ok()) {
    const std::string wanted = has_value ? std::string(expected) : "an error: " + std::string(message);
    if (has_value && *result == expected) return;
    needle_test::Fail(__FILE__, __LINE__, where + " = " + *result + ", not " + wanted);
    return;
  }
  CHECK(result.error().code == ErrorCode::kInvalidArgument);
  const bool told = result.error().message.find(message) != std::string::npos;
  if (has_value || !told) needle_test::Fail(__FILE__, __LINE__, where + ": " + result.error().message);
}

}  // namespace

TEST(GoldenTable) {
  const std::string json = needle_test::ReadGolden("normalize.json");
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  CHECK(parser.parse(json).get(root) == simdjson::SUCCESS);
  simdjson::dom::array groups;
  CHECK(root["groups"].get(groups) == simdjson::SUCCESS);
  int rows = 0;
  for (simdjson::dom::element group : groups) {
    simdjson::dom::element fact_object;
    CHECK(group["facts"].get(fact_object) == simdjson::SUCCESS);
    const std::string request = Text(fact_object, "request");
    Facts facts;
    facts.date = ParseIsoDate(Text(fact_object, "date"));
    facts.time = ParseIsoTime(Text(fact_object, "time"));
    facts.utc_offset_minutes = ParseUtcOffset(Text(fact_object, "utcOffset"));
    facts.clock = Text(fact_object, "clock") == "24h" ? HourClock::k24Hour : HourClock::kUnspecified;
    facts.request = request;
    simdjson::dom::array cases;
    CHECK(group["cases"].get(cases) == simdjson::SUCCESS);
    for (simdjson::dom::element row : cases) {
      simdjson::dom::array cells;
      CHECK(row.get(cells) == simdjson::SUCCESS);
      CheckRow(Text(group, "name"), cells, facts);
      ++rows;
    }
  }
  CHECK(rows >= 200);
}

TEST(CalendarCountsEveryDay) {
  CivilDate date{1, 1, 1};
  int64_t number = 0;
  for (; date.year < 10000; ++number) {
    if (DayNumber(date) != number || DateFromDayNumber(number) != date || WeekdayOf(date) != number % 7) {
      needle_test::Fail(__FILE__, __LINE__, FormatDate(date));
      break;
    }
    if (++date.day <= DaysInMonth(date.year, date.month)) continue;
    date.day = 1;
    if (++date.month > 12) date.month = 1, ++date.year;
  }
  CHECK_EQ(number, int64_t{3652059});  // days of 9999 years
  CHECK(!DateFromDayNumber(number));
  CHECK(!DateFromDayNumber(-1));
  CHECK_EQ(WeekdayOf({2026, 3, 13}), 4);  // a Friday
}

TEST(MonthsEndWhereTheyEnd) {
  CHECK(AddMonths({2026, 1, 31}, 1) == (CivilDate{2026, 2, 28}));
  CHECK(AddMonths({2024, 1, 31}, 1) == (CivilDate{2024, 2, 29}));
  CHECK(AddMonths({2024, 2, 29}, 12) == (CivilDate{2025, 2, 28}));
  CHECK(AddMonths({2026, 1, 15}, -1) == (CivilDate{2025, 12, 15}));
  CHECK(AddMonths({2026, 12, 31}, 2) == (CivilDate{2027, 2, 28}));
  CHECK(!AddMonths({1, 1, 1}, -1));
  CHECK(!AddMonths({9999, 12, 1}, 1));
}

TEST(IsoTextIsReadExactly) {
  CHECK(ParseIsoDate("2026-02-28").has_value());
  for (const char* bad : {"", "2026-02-29", "2026-2-28", "2026-00-01", "2026-13-01", "0000-01-01", "2026-01-32",
                          " 2026-01-01"}) {
    CHECK(!ParseIsoDate(bad));
  }
  CHECK(ParseIsoTime("23:59:59").has_value());
  for (const char* bad : {"", "24:00", "23:60", "23:59:60", "3:00", "23-59", "23:59:5"}) CHECK(!ParseIsoTime(bad));
  CHECK(ParseUtcOffset("-05:30") == -330);
  CHECK_EQ(FormatUtcOffset(-330), std::string("-05:30"));
  for (const char* bad : {"", "05:30", "+5:30", "+24:00", "+05:60", "UTC"}) CHECK(!ParseUtcOffset(bad));
}

TEST(WrongFactsAreRefused) {
  Facts facts;
  facts.date = CivilDate{2026, 2, 30};
  CHECK(!NormalizeDate("today", facts).ok());
  facts.date = CivilDate{9999, 12, 31};
  CHECK(!NormalizeDate("tomorrow", facts).ok());
  facts.date = CivilDate{1, 1, 1};
  CHECK(!NormalizeDate("last monday", facts).ok());
  facts.utc_offset_minutes = 2000;
  CHECK(!NormalizeTime("7 pm", facts).ok());
}
