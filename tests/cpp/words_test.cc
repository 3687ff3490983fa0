// SPDX-License-Identifier: Apache-2.0
// Names as words against models/needle_models/call_language.py (tests/golden/words.txt), and the collision rule.
#include "tokenizer/words.h"

#include "golden_text.h"
#include "test_main.h"

namespace needle {
namespace {

TEST(WordsEqualPython) {
  const auto rows = needle_test::Fields(needle_test::ReadGolden("words.txt"));
  CHECK(rows.size() > 500);
  for (const auto& row : rows) {
    CHECK_EQ(NameAsWords(needle_test::Unescaped(row[0])), needle_test::Unescaped(row[1]));
  }
}

TEST(StylesOfOneNameReadAlike) {
  for (const char* name :
       {"getWeather", "get_weather", "get.weather", "GetWeather", "get-weather", "__get  weather--"}) {
    CHECK_EQ(NameAsWords(name), "get weather");
  }
  CHECK_EQ(NameAsWords("getHTTPStatus_v2"), "get http status v2");
  CHECK_EQ(NameAsWords("Cafe\u0301"), NameAsWords("CAF\u00c9"));
  CHECK_EQ(NameAsWords("\u0130x"), "i\u0307x");
  CHECK_EQ(NameAsWords("\u03a3\u03a3"), "\u03c3\u03c3");  // no final sigma
  CHECK_EQ(NameAsWords("a\xFF" "b"), "a b");
}

TEST(NamesThatShareTheirWordsAreAllShownExactly) {
  const std::vector<std::string> names = {"get_weather", "getWeather", "ping", "--", "Get", "get"};
  const std::vector<std::string> shown = {"get_weather", "getWeather", "ping", "--", "Get", "get"};
  CHECK(DisplayNames(names) == shown);
  CHECK(DisplayNames(std::vector<std::string>{"getTime", "time_zone"}) ==
        (std::vector<std::string>{"get time", "time zone"}));
  CHECK(DisplayNames({}).empty());
}

}  // namespace
}  // namespace needle
