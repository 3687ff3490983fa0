// SPDX-License-Identifier: Apache-2.0
// Which tools fit a request: shared words (against models/needle_models/bm25.py) and what that adds to a name's tokens.
#include "grammar_fixture.h"

#include "router/prompt.h"
#include "router/tool_fit.h"

namespace {

using namespace needle_test;

WordIndex ThreeTools() {
  WordIndex index;
  const auto add = [&](const char* name, const char* description, const char* parameters) {
    const auto schema = Schema(parameters);
    CHECK(schema.ok());
    const auto block = ToolBlock(TestTokenizer(), name, description, **schema);
    CHECK(block.ok());
    index.Add(TestTokenizer(), *block);
  };
  add("set light", "Dim or brighten a lamp",
      R"({"properties":{"room":{"type":"string","description":"stop song"},"level":{"type":"string","enum":["warm","cold"]}}})");
  add("play song", "Put on music", R"({"properties":{"title":{"type":"string"}}})");
  add("stop song", "", "{}");
  return index;
}

TEST(WordsOfNameDescriptionKeysAndEnumValuesCountOthersDoNot) {
  const WordIndex index = ThreeTools();
  const auto near = [&](const char* request, std::vector<double> expected) {
    const std::vector<float> scores = index.Scores(request);
    CHECK_EQ(scores.size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) CHECK_NEAR(scores[i], expected[i], 1e-4);
  };
  near("Dim the LAMP, a lot", {2.26096, 0, 0});
  near("stop this song", {0, 0.48035, 2.01478});  // the description of an argument of the first tool says both
  near("nothing here", {0, 0, 0});
  near("", {0, 0, 0});
  CHECK(index.Scores("cold")[0] > 0);
}

TEST(AnEmptyIndexScoresNothing) { CHECK(WordIndex().Scores("a request").empty()); }

TEST(TheBiasOfANamesTokenIsTheShareOfTheToolsUnderIt) {
  GrammarMatcher matcher = Matcher({Tool("{}", "play song"), Tool("{}", "play film"), Tool("{}", "stop"), Tool("{}", "stop now")});
  CHECK(matcher.ToolsUnder(kCall).empty());  // not yet a name
  CHECK_EQ(Feed(&matcher, {kCall}), "");
  const TokenId play = TestTokenizer().Encode("play")[0], stop = TestTokenizer().Encode("stop")[0];
  CHECK(matcher.ToolsUnder(play) == (std::vector<int>{0, 1}) || matcher.ToolsUnder(play) == (std::vector<int>{1, 0}));
  CHECK_EQ(matcher.ToolsUnder(stop).size(), 2u);

  const std::vector<float> fit = {2.0f, 1.0f, 3.0f, 0.0f};
  const auto under = [&](TokenId token) { return matcher.ToolsUnder(token); };
  const std::vector<TokenId> tokens = {play, stop};
  const std::vector<float> bias = NameBias(tokens, fit, under);
  CHECK_NEAR(std::exp(bias[0] - bias[1]), (std::exp(2.0) + std::exp(1.0)) / (std::exp(3.0) + std::exp(0.0)), 1e-4);

  CHECK_EQ(Feed(&matcher, Tokens({"stop"})), "");
  CHECK(matcher.ToolsUnder(kEos) == std::vector<int>{2});  // the name is complete, or goes on
  CHECK(matcher.ToolsUnder(TestTokenizer().Encode("now")[0]) == std::vector<int>{3});
}

TEST(WeightsOfTheFitAreOptionalAndBounded) {
  const std::string fits = R"({"call":{"w":[0,0,0,0,0,0],"b":0},"none":{"w":[0,0,0,0,0,0],"b":0})";
  const auto without = ParseCalibration(fits + "}");
  CHECK(without.ok());
  CHECK_EQ(without->fit.vector, 0.0);
  const auto with = ParseCalibration(fits + R"(,"fit":{"vector":14,"words":2.5,"later":0.4}})");
  CHECK(with.ok());
  CHECK_EQ(with->fit.vector, 14.0);
  CHECK_EQ(with->fit.words, 2.5);
  CHECK_EQ(with->fit.later, 0.4);
  CHECK(!ParseCalibration(fits + R"(,"fit":{"vector":14,"words":2.5}})").ok());
  CHECK(!ParseCalibration(fits + R"(,"fit":{"vector":-1,"words":2.5,"later":0}})").ok());
}

}  // namespace
