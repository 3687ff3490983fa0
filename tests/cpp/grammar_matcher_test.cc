// SPDX-License-Identifier: Apache-2.0
// The call level of the grammar: names, keys, their order, tool choice, <none>, several calls, forced tokens.
#include "grammar_fixture.h"

using namespace needle_test;

namespace {

ToolPtr Light() {
  return Tool(R"({"type":"object","properties":{
      "room":{"type":"string"},
      "brightness":{"type":"integer","minimum":0,"maximum":100},
      "color":{"type":"string","enum":["red","warm white","warm"]},
      "on":{"type":"boolean"}}, "required":["room"]})", "set light");
}

bool Allows(GrammarMatcher& matcher, TokenId token) {
  TokenMask mask;
  return matcher.Mask(&mask).ok() && mask.Allows(token);
}

}  // namespace

TEST(ArgumentsComeInCanonicalOrderAndPrintInTheSchemas) {
  const auto tool = Light();
  CHECK_EQ(Decode(tool, {kCall, "set light", kArg, "room", kVal, "kitchen", kEos}), R"({"room":"kitchen"})");
  CHECK_EQ(Decode(tool, {kCall, "set light", kArg, "room", kVal, "kitchen", kArg, "brightness", kVal, "30", kArg, "color", kVal,
                         "warm", kArg, "on", kVal, "true", kEos}),
           R"({"room":"kitchen","brightness":30,"color":"warm","on":true})");
  CHECK_EQ(Decode(tool, {kCall, "set light", kArg, "brightness", kVal, "30", kEos}), "refused at 4 ' brightness'");
  CHECK_EQ(Decode(tool, {kCall, "set light", kEos}).substr(0, 7), "refused");
  CHECK(Decode(tool, {kCall, "set light", kArg, "room", kVal, "den", kArg, "on", kVal, "true", kArg, "color"}).starts_with("refused"));
}

TEST(OneNameMayBeginAnother) {
  const auto play = Tool("{}", "play"), play_music = Tool("{}", "play music");
  for (const char* name : {"play", "play music"}) {
    auto matcher = Matcher({play, play_music});
    CHECK_EQ(Feed(&matcher, Tokens({kCall, name, kEos})), "");
    CHECK_EQ(matcher.trace().calls[0].tool_idx, name == std::string("play") ? 0 : 1);
    CHECK_EQ(ToJson(matcher.trace().calls[0].arguments), "{}");
  }
}

TEST(ForcedTokensAreSingle) {
  auto matcher = Matcher({Light()});
  CHECK_EQ(Feed(&matcher, Tokens({kCall})), "");
  std::vector<TokenId> forced;
  TokenMask mask;
  while (matcher.Mask(&mask).ok() && mask.Single()) {
    forced.push_back(*mask.Single());
    CHECK(matcher.Accept(*mask.Single()).ok());
  }
  CHECK(forced == Tokens({"set light", kArg, "room", kVal}));
}

TEST(SeveralCallsUpToMaxCalls) {
  const auto tool = Tool("{}", "stop");
  auto matcher = Matcher({tool}, {.max_calls = 2});
  CHECK_EQ(Feed(&matcher, Tokens({kCall, "stop"})), "");
  CHECK(Allows(matcher, kCall));
  CHECK_EQ(Feed(&matcher, Tokens({kCall, "stop"})), "");
  CHECK(!Allows(matcher, kCall));
  CHECK_EQ(Feed(&matcher, Tokens({kEos})), "");
  CHECK_EQ(matcher.trace().calls.size(), size_t{2});
  CHECK(matcher.IsComplete());
}

TEST(ToolChoice) {
  const auto a = Tool("{}", "open door"), b = Tool("{}", "open");
  auto automatic = Matcher({a, b});
  CHECK(Allows(automatic, kNone) && Allows(automatic, kCall));
  CHECK_EQ(Feed(&automatic, Tokens({kNone, kEos})), "");
  CHECK(automatic.trace().is_none && automatic.IsComplete());

  auto required = Matcher({a, b}, {.tool_choice = MatcherOptions::kRequired});
  CHECK(!Allows(required, kNone) && Allows(required, kCall));
  auto none = Matcher({a, b}, {.tool_choice = MatcherOptions::kNoTool});
  CHECK(Allows(none, kNone) && !Allows(none, kCall));
  auto empty = Matcher({});
  CHECK(Allows(empty, kNone) && !Allows(empty, kCall));

  auto named = Matcher({a, b}, {.tool_choice = MatcherOptions::kNamed, .named_tool_idx = 0});
  CHECK_EQ(Feed(&named, Tokens({kCall, "open"})), "");
  CHECK(!Allows(named, kEos));
  CHECK(!GrammarMatcher::Make({a}, {.tool_choice = MatcherOptions::kNamed, .named_tool_idx = 1}).ok());
}

TEST(MissingIsForRequiredKeysOnly) {
  const auto tool = Light();
  auto matcher = Matcher({tool});
  CHECK_EQ(Feed(&matcher, Tokens({kCall, "set light", kArg, "room", kVal, kNone, kArg, "on", kVal})), "");
  CHECK(!Allows(matcher, kNone));
  CHECK_EQ(Feed(&matcher, Tokens({"false", kEos})), "");
  const auto& arguments = matcher.trace().calls[0].arguments;
  CHECK_EQ(ToJson(arguments), R"({"on":false})");
  CHECK(arguments.members[0].value.kind == Value::kMissing && arguments.members[0].key == "room");
  CHECK(Decode(tool, {kCall, "set light", kArg, "room", kVal, kNone, kEos}, {.allow_missing = false}).starts_with("refused"));
}

TEST(TraceKnowsTokensAndGrowsWhileDecoding) {
  auto matcher = Matcher({Light()});
  CHECK_EQ(Feed(&matcher, Tokens({kCall, "set light", kArg, "room", kVal, "living room", kArg})), "");
  const auto& call = matcher.trace().calls[0];
  CHECK(!call.finished);
  CHECK_EQ(ToJson(call.arguments), R"({"room":"living room"})");
  const auto& value = call.arguments.members[0].value;
  const auto emitted = std::span(matcher.tokens()).subspan(value.begin, value.end - value.begin);
  CHECK_EQ(TestTokenizer().Decode(emitted), "living room");
  const auto name = std::span(matcher.tokens()).subspan(call.name_begin, call.name_end - call.name_begin);
  CHECK_EQ(TestTokenizer().Decode(name), "set light");
}

TEST(NothingFollowsTheEnd) {
  auto matcher = Matcher({Tool("{}", "stop")});
  CHECK_EQ(Feed(&matcher, Tokens({kCall, "stop", kEos})), "");
  TokenMask mask;
  const auto status = matcher.Mask(&mask);
  CHECK(!status.ok() && status.error().code == ErrorCode::kGrammarDeadEnd);
  CHECK(!matcher.Accept(kEos).ok());
}

TEST(NamesThatReadAlikeAreAnError) {
  const auto a = Tool("{}", "stop"), b = Tool("{}", "stop");
  const auto matcher = GrammarMatcher::Make({a, b}, {});
  CHECK(!matcher.ok() && matcher.error().code == ErrorCode::kDuplicateName);
}

TEST(KeysWhoseWordsCollideAreShownExactly) {
  const auto tool = Tool(R"({"properties":{"user_id":{"type":"integer"},"userId":{"type":"integer"}}})");
  CHECK_EQ(Decode(tool, {kCall, "tool", kArg, "userId", kVal, "1", kArg, "user_id", kVal, "2", kEos}), R"({"user_id":2,"userId":1})");
}
