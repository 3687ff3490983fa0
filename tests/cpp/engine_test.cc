// SPDX-License-Identifier: Apache-2.0
// The whole engine over the small golden model, whose weights are random: whatever it answers must be well-formed,
// repeatable and independent of order, and every misuse a typed error. What a trained model answers is asked in
// tests/e2e.
#include "test_main.h"

#include <algorithm>
#include <string>
#include <vector>

#include "router/engine.h"

namespace needle {
namespace {

const char* const kTools = R"([
  {"name":"setLight","description":"Dim or switch a lamp","parameters":{"type":"object","properties":{
    "room":{"type":"string","enum":["kitchen","hall"]},"level":{"type":"integer","minimum":0,"maximum":100}},"required":["room"]}},
  {"name":"say","parameters":{"type":"object","properties":{"text":{"type":"string","maxLength":12}},"required":["text"]}},
  {"name":"stop"}])";
const char* const kToolsReordered = R"([
  {"name":"stop"},
  {"name":"say","parameters":{"required":["text"],"properties":{"text":{"maxLength":12,"type":"string"}},"type":"object"}},
  {"parameters":{"properties":{"room":{"enum":["kitchen","hall"],"type":"string"},"level":{"maximum":100,"minimum":0,"type":"integer"}},
    "required":["room"],"type":"object"},"description":"Dim or switch a lamp","name":"setLight"}])";
const char* const kToolsWithOtherPropertyOrder = R"([
  {"name":"setLight","description":"Dim or switch a lamp","parameters":{"type":"object","properties":{
    "level":{"type":"integer","minimum":0,"maximum":100},"room":{"type":"string","enum":["kitchen","hall"]}},"required":["room"]}},
  {"name":"say","parameters":{"type":"object","properties":{"text":{"type":"string","maxLength":12}},"required":["text"]}},
  {"name":"stop"}])";

void Load(Engine* engine) {
  const std::string file = needle_test::ReadGolden("model_tiny.safetensors");
  auto room = engine->ReserveModel(file.size());
  std::copy(file.begin(), file.end(), room.begin());
  auto status = engine->LoadModel();
  CHECK_EQ(status.ok() ? "" : status.error().message + " " + status.error().path, "");
}

int MakeToolSet(Engine* engine, const char* tools) {
  auto set = engine->BeginToolSet(tools, "{}");
  CHECK_EQ(set.ok() ? "" : set.error().message + " " + set.error().path, "");
  if (!set.ok()) return -1;
  for (;;) {
    auto left = engine->StepToolSet(*set);
    CHECK(left.ok());
    if (!left.ok() || *left == 0) return *set;
  }
}

std::string Run(Engine* engine, int session) {
  for (;;) {
    auto done = engine->StepRoute(session);
    if (!done.ok()) return ErrorCodeName(done.error().code);
    if (*done) break;
  }
  auto result = engine->FinishRoute(session);
  return result.ok() ? *result : ErrorCodeName(result.error().code);
}

std::string RouteJson(Engine* engine, int set, const std::string& request) {
  auto session = engine->BeginRoute(set, request);
  if (!session.ok()) return std::string(ErrorCodeName(session.error().code)) + " " + session.error().path;
  return Run(engine, *session);
}

/// From the member on, up to the next one named.
std::string Part(const std::string& result, const char* from, const char* to) {
  const size_t begin = result.find(from);
  return begin == std::string::npos ? result : result.substr(begin, result.find(to) - begin);
}

TEST(AnswersAreRepeatableAndDoNotDependOnTheOrderOfToolsAndKeys) {
  Engine engine;
  Load(&engine);
  const int a = MakeToolSet(&engine, kTools), b = MakeToolSet(&engine, kToolsReordered);
  const int c = MakeToolSet(&engine, kToolsWithOtherPropertyOrder);
  for (const std::string query : {"kitchen to 30%", "say hi", "nothing of the kind", "日本 \\u0000 🎉"}) {
    for (const std::string choice : {"\"auto\"", "\"required\"", "{\"name\":\"setLight\"}"}) {
      const std::string request = "{\"query\":\"" + query + "\",\"toolChoice\":" + choice + ",\"maxCalls\":2}";
      const std::string first = RouteJson(&engine, a, request);
      CHECK(first.find("\"type\"") != std::string::npos || first == "truncated");
      CHECK_EQ(RouteJson(&engine, a, request), first);
      CHECK_EQ(Part(RouteJson(&engine, b, request), "\"calls\"", "\"considered\""), Part(first, "\"calls\"", "\"considered\""));
      // Arguments come back in the schema's own order, so only what was decided is the same.
      CHECK_EQ(Part(RouteJson(&engine, c, request), "\"confidence\"", "\"considered\""),
               Part(first, "\"confidence\"", "\"considered\""));
    }
  }
}

TEST(InterleavedSessionsAnswerAsTheyDoAlone) {
  Engine engine;
  Load(&engine);
  const int set = MakeToolSet(&engine, kTools);
  const std::string one = R"({"query":"kitchen to 30%","toolChoice":"required","maxCalls":1})";
  const std::string two = R"({"query":"say hello","toolChoice":{"name":"setLight"},"maxCalls":1})";
  const std::string alone_one = RouteJson(&engine, set, one), alone_two = RouteJson(&engine, set, two);
  auto a = engine.BeginRoute(set, one), b = engine.BeginRoute(set, two);
  CHECK(a.ok() && b.ok());
  engine.ReleaseToolSet(set);  // sessions keep what they route with
  bool done_a = false, done_b = false;
  while (!done_a || !done_b) {
    if (!done_a) done_a = *engine.StepRoute(*a);
    if (!done_b) done_b = *engine.StepRoute(*b);
    CHECK(engine.PartialResult(*a).starts_with("{\"calls\":["));
  }
  CHECK_EQ(*engine.FinishRoute(*a), alone_one);
  CHECK_EQ(*engine.FinishRoute(*b), alone_two);
}

TEST(WhileANameIsBeingChosenThereIsNoCallYet) {
  Engine engine;
  Load(&engine);
  const int set = MakeToolSet(&engine, R"([{"name":"qzx7kw1"},{"name":"qzx7kw2"},{"name":"vbj4"}])");  // a token a letter
  auto session = engine.BeginRoute(set, R"({"query":"do it","toolChoice":"required","maxCalls":1})");
  CHECK(session.ok());
  int undecided = 0;
  for (bool is_done = false; !is_done; is_done = *engine.StepRoute(*session)) {
    if (engine.PartialResult(*session) == R"({"calls":[]})") ++undecided;
  }
  CHECK(undecided > 2);  // before the first step, after it, and within the name
  CHECK(engine.FinishRoute(*session).ok());
}

TEST(WhatASchemaForcesComesInPiecesAndHasAnEnd) {
  Engine engine;
  Load(&engine);
  const auto route = [&](const char* items, size_t* steps) -> std::string {
    const std::string tools = std::string(R"([{"name":"fill","parameters":{"type":"object","properties":{"list":{"type":"array",)") +
                              R"("items":{"enum":["a"]},"minItems":)" + items + R"(,"maxItems":)" + items + R"(}},"required":["list"]}}])";
    auto session = engine.BeginRoute(MakeToolSet(&engine, tools.c_str()), R"({"query":"fill it","toolChoice":"required","maxCalls":1})");
    CHECK(session.ok());
    for (*steps = 0;; ++*steps) {
      auto done = engine.StepRoute(*session);
      if (!done.ok()) {
        engine.AbortRoute(*session);
        return ErrorCodeName(done.error().code);
      }
      if (*done) return *engine.FinishRoute(*session);
    }
  };
  size_t steps = 0;
  const std::string answer = route("3000", &steps);
  CHECK_EQ(answer.substr(0, 15), R"({"type":"call",)");
  CHECK(steps > 10);
  CHECK_EQ(route("1000000000", &steps), "truncated");
}

TEST(ThreadsChangeNoAnswer) {
  Engine one, several;
  Load(&one);
  several.SetThreads(3);
  Load(&several);
  const int a = MakeToolSet(&one, kTools), b = MakeToolSet(&several, kTools);
  const int again = MakeToolSet(&several, kToolsReordered);  // nothing is left to encode
  for (const char* query : {"dim the hall", "say hello", "stop"}) {
    const std::string request = std::string("{\"query\":\"") + query + "\"}";
    const std::string expected = Run(&one, *one.BeginRoute(a, request));
    CHECK_EQ(Run(&several, *several.BeginRoute(b, request)), expected);
    CHECK_EQ(Run(&several, *several.BeginRoute(again, request)), expected);
  }
}

TEST(TheModelIsDescribedInTheWordsOfTheApi) {
  Engine engine;
  Load(&engine);
  const std::string info = engine.ModelInfo();
  for (const char* key : {"\"name\":\"", "\"version\":\"", "\"licence\":\"", "\"parameters\":", "\"sizeBytes\":", "\"config\":{"}) {
    CHECK(info.find(key) != std::string::npos);
  }
}

TEST(ARouteIsEncodedAfterItBeganAndBeforeItIsDone) {
  Engine engine;
  Load(&engine);
  auto session = engine.BeginRoute(MakeToolSet(&engine, kTools), R"({"query":"kitchen to 30%","toolChoice":"required"})");
  CHECK(session.ok() && !engine.IsEncoded(*session));
  bool was_encoded = false;
  while (!*engine.StepRoute(*session)) was_encoded = engine.IsEncoded(*session);
  CHECK(was_encoded);
}

TEST(AnEmptyRequestNoToolsAndToolChoiceNoneAnswerNone) {
  Engine engine;
  Load(&engine);
  const int set = MakeToolSet(&engine, kTools), none = MakeToolSet(&engine, "[]");
  for (const std::string& result : {RouteJson(&engine, set, R"({"query":"  \n"})"), RouteJson(&engine, none, R"({"query":"say hi"})"),
                                    RouteJson(&engine, set, R"({"query":"say hi","toolChoice":"none"})")}) {
    CHECK(result.starts_with(R"({"type":"none","calls":[],"confidence":1)"));
  }
}

TEST(NarrowingKeepsTheAskedNumberOfTools) {
  Engine engine;
  Load(&engine);
  const int set = MakeToolSet(&engine, kTools);
  for (const char* query : {"say hi", " "}) {  // the blank one is never encoded
    const std::string result = RouteJson(&engine, set, std::string(R"({"query":")") + query + R"(","maxConsidered":2})");
    const size_t begin = result.find("\"considered\":["), end = result.find(']', begin);
    const std::string considered = result.substr(begin, end - begin);
    CHECK_EQ(std::count(considered.begin(), considered.end(), ','), 1);
  }
}

TEST(AFullCacheRebuildsWhatItDropped) {
  Engine engine;
  Load(&engine);
  const int set = MakeToolSet(&engine, kTools);
  const std::string request = R"({"query":"kitchen to 30%","toolChoice":"required","maxCalls":1})";
  const std::string before = RouteJson(&engine, set, request);
  engine.SetMaxCacheBytes(1);
  CHECK_EQ(RouteJson(&engine, set, request), before);
}

TEST(MisuseIsATypedErrorWithItsPlace) {
  Engine engine;
  CHECK_EQ(engine.ModelInfo(), "{}");
  CHECK(!engine.BeginToolSet("[]", "").ok());
  CHECK(!engine.LoadModel().ok());  // nothing was reserved
  Load(&engine);
  const auto tools_error = [&](const char* tools, const char* options = "{}") {
    auto set = engine.BeginToolSet(tools, options);
    return set.ok() ? std::string("no error") : std::string(ErrorCodeName(set.error().code)) + " " + set.error().path;
  };
  CHECK_EQ(tools_error(""), "invalid_json tools");
  CHECK_EQ(tools_error("{}"), "invalid_argument tools");
  CHECK_EQ(tools_error("[1]"), "invalid_argument tools[0]");
  CHECK_EQ(tools_error(R"([{"name":""}])"), "invalid_argument tools[0].name");
  CHECK_EQ(tools_error(R"([{"name":"a","description":1}])"), "invalid_argument tools[0].description");
  CHECK_EQ(tools_error(R"([{"name":"a"},{"name":"a"}])"), "duplicate_name tools[1].name");
  CHECK_EQ(tools_error(R"([{"name":"a","parameters":{"properties":{"x":{"not":{}}}}}])"),
           "unsupported_schema tools[0].parameters.properties.x.not");
  CHECK_EQ(tools_error("[]", R"({"onUnsupported":"ignore"})"), "invalid_argument options.onUnsupported");
  CHECK_EQ(tools_error("[]", R"({"strict":true})"), "invalid_argument options.strict");
  const int set = MakeToolSet(&engine, kTools);
  CHECK_EQ(RouteJson(&engine, set, R"({"query":"x","toolChoice":{"name":"nope"}})"), "not_found toolChoice");
  std::string longest = "{\"query\":\"";
  for (int i = 0; i < 600; ++i) longest += "word ";
  CHECK_EQ(RouteJson(&engine, set, longest + "\"}"), "query_too_long query");
  CHECK_EQ(RouteJson(&engine, 999, R"({"query":"x"})"), "not_found ");
  CHECK(!engine.StepRoute(999).ok());
  CHECK(!engine.FinishRoute(999).ok());
  CHECK(!engine.IsEncoded(999));
  CHECK_EQ(engine.PartialResult(999), "{}");
  CHECK_EQ(engine.ToolSetInfo(999), "{}");
  engine.AbortRoute(999);
  engine.ReleaseToolSet(999);
}

TEST(WarnLoadsTheToolAndListsThePath) {
  Engine engine;
  Load(&engine);
  auto set = engine.BeginToolSet(R"([{"name":"a","parameters":{"properties":{"x":{"not":{}}}}}])", R"({"onUnsupported":"warn"})");
  CHECK(set.ok());
  const std::string info = set.ok() ? engine.ToolSetInfo(*set) : "";
  CHECK(info.find("\"warnings\":[\"tools[0].parameters.properties.x.not") != std::string::npos);
}

}  // namespace
}  // namespace needle
