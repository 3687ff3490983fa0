// SPDX-License-Identifier: Apache-2.0
// Plain strings are pieces of what was said, from the beginning of a word to the end of one.
#include <random>

#include "grammar/copy_source.h"
#include "grammar_fixture.h"

using namespace needle_test;

namespace {

MatcherOptions From(std::vector<std::string> texts) {
  MatcherOptions options;
  options.copy = std::make_shared<CopySource>(TestTokenizer(), texts);
  return options;
}

/// The value of argument `a` under a schema, written as `text`, where `said` was said; or "refused".
std::string Copied(std::vector<std::string> said, const char* text, const char* property = R"({"type":"string"})") {
  const std::string json = Decode(ToolWith(property), {kCall, "tool", kArg, "a", kVal, text, kEos}, From(std::move(said)));
  return json.starts_with("{\"a\":") ? json.substr(5, json.size() - 6) : json.substr(0, json.find(" at"));
}

}  // namespace

TEST(AStringIsAPieceOfWhatWasSaid) {
  const std::vector<std::string> said = {"Dim the café's lights to 300lx, now!"};
  CHECK_EQ(Copied(said, "Dim the café's lights to 300lx, now!"), R"("Dim the café's lights to 300lx, now!")");
  CHECK_EQ(Copied(said, "café"), R"("café")");
  CHECK_EQ(Copied(said, "lights"), R"("lights")");
  CHECK_EQ(Copied(said, "light"), R"("light")");  // the singular of what was said
  CHECK_EQ(Copied(said, "300"), R"("300")");
  CHECK_EQ(Copied(said, "lx, now"), R"("lx, now")");
  for (const char* text : {"caf", "ights", "lig", "30", "00", "dim", "lights now", "café's lights to 300lx, now!!", "kitchen"}) {
    CHECK_EQ(Copied(said, text), "refused");
  }
}

TEST(APieceLiesWithinOneText) {
  CHECK_EQ(Copied({"play it", "some jazz"}, "some jazz"), R"("some jazz")");
  CHECK_EQ(Copied({"play it", "some jazz"}, "it some"), "refused");
  CHECK_EQ(Copied({"", "jazz"}, "jazz"), R"("jazz")");
}

TEST(ScriptsWithoutSpacesMayBeCutAnywhere) {
  CHECK_EQ(Copied({"明日の天気"}, "天気"), R"("天気")");
  CHECK_EQ(Copied({"завтра дождь"}, "дож"), "refused");
}

TEST(LengthsHoldAndWhereNothingSaidIsLongEnoughAnyTextWillDo) {
  const std::vector<std::string> said = {"call my mother tonight"};
  CHECK_EQ(Copied(said, "my", R"({"type":"string","minLength":5})"), "refused");
  CHECK_EQ(Copied(said, "my mother", R"({"type":"string","minLength":5})"), R"("my mother")");
  CHECK_EQ(Copied(said, "my mother", R"({"type":"string","maxLength":6})"), "refused");
  CHECK_EQ(Copied(said, "mother", R"({"type":"string","maxLength":6})"), R"("mother")");
  CHECK_EQ(Copied(said, "x", R"({"type":"string","maxLength":1})"), R"("x")");
  CHECK_EQ(Copied(said, "nobody said these very words", R"({"type":"string","minLength":25})"), R"("nobody said these very words")");
  CHECK_EQ(Copied({" "}, "anything", R"({"type":"string"})"), R"("anything")");
}

TEST(NoTwoStringsOfACallTakeTheSameWords) {
  const ToolPtr tool = Tool(R"({"properties":{"a":{"type":"string"},"b":{"type":"string"}}})");
  const auto both = [&](const char* said, const char* a, const char* b) {
    return Decode(tool, {kCall, "tool", kArg, "a", kVal, a, kArg, "b", kVal, b, kEos}, From({said}));
  };
  const char* said = "tell Ann happy birthday";
  CHECK_EQ(both(said, "Ann", "happy birthday"), R"({"a":"Ann","b":"happy birthday"})");
  CHECK_EQ(both(said, "happy birthday", "Ann"), R"({"a":"happy birthday","b":"Ann"})");
  for (const char* b : {"happy birthday", "birthday", "Ann happy", "tell Ann happy birthday"}) {
    CHECK(both(said, "happy birthday", b).starts_with("refused"));
  }
  CHECK_EQ(both("five to five", "five", "five"), R"({"a":"five","b":"five"})");  // said twice
  CHECK_EQ(both("hello", "hello", "hello"), R"({"a":"hello","b":"hello"})");     // nothing else was said
  const auto calls = {Part(kCall), Part("tool"), Part(kArg), Part("a"), Part(kVal), Part("Ann")};
  std::vector<Part> twice(calls);
  twice.insert(twice.end(), calls);
  GrammarMatcher matcher = Matcher({tool}, From({said}));
  CHECK_EQ(Feed(&matcher, Tokens(twice)), "");  // another call may take them again
}

TEST(PatternsEnumsAndItemsThatMustDifferAreAsBefore) {
  CHECK_EQ(Copied({"to Germany"}, "DE", R"({"type":"string","pattern":"^[A-Z]{2}$"})"), R"("DE")");
  CHECK_EQ(Copied({"make it warm"}, "red", R"({"enum":["red","blue"]})"), R"("red")");
  const auto list = ToolWith(R"({"type":"array","items":{"type":"string"},"uniqueItems":true,"minItems":2})");
  CHECK_EQ(Decode(list, {kCall, "tool", kArg, "a", kVal, kItem, "one", kItem, "two", kEnd, kEos}, From({"one"})), R"({"a":["one","two"]})");
}

TEST(WhateverIsChosenIsAPieceAndComesToAnEnd) {
  const std::string said = "Ré-book table nº 12 at Luigi's — for 4 on the 3rd, 20:15 😀 please";
  std::mt19937 random(7);
  for (const char* property : {R"({"type":"string"})", R"({"type":"string","minLength":6,"maxLength":17})", R"({"type":"string","maxLength":2})"}) {
    const ToolPtr tool = ToolWith(property);
    for (int i = 0; i < 200; ++i) {
      MatcherOptions options = From({said});
      options.allow_missing = false;
      options.max_calls = 1;
      GrammarMatcher matcher = Matcher({tool}, options);
      CHECK_EQ(Feed(&matcher, Tokens({kCall, "tool", kArg, "a", kVal})), "");
      while (!matcher.IsComplete()) {
        TokenMask mask;
        CHECK(matcher.Mask(&mask).ok());
        std::vector<TokenId> allowed;
        mask.AppendTo(&allowed);
        CHECK(!allowed.empty());
        CHECK(matcher.Accept(allowed[random() % allowed.size()]).ok());
      }
      const std::string value = matcher.trace().calls[0].arguments.members[0].value.text;
      CHECK(!value.empty() && said.find(value) != std::string::npos);
    }
  }
}
