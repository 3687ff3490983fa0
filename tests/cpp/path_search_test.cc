// SPDX-License-Identifier: Apache-2.0
// The search beside greedy decoding: what is noted, what is followed, in which order; that a route's answer is one path
// from its beginning to its end, and that partial results are not taken back. Before random weights other paths
// never win; where they do is among the golden requests (tests/e2e), which the released weights answer.
#include "test_main.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "router/engine.h"
#include "router/path_search.h"

namespace needle {
namespace {

/// A choice between tokens 10, 11, … of these probabilities, the first of which is taken.
struct Fork {
  std::vector<TokenId> tokens;
  std::vector<float> logits;
  Choice choice;

  explicit Fork(const std::vector<double>& probabilities) {
    for (const double p : probabilities) {
      tokens.push_back(static_cast<TokenId>(10 + tokens.size()));
      logits.push_back(static_cast<float>(std::log(p) + 5));
    }
    choice = {tokens[0], logits[0], logits[0] - 5};
  }
};

Path PathOf(std::vector<double> probabilities) {
  Path path;
  for (const double p : probabilities) path.Add(1, static_cast<float>(std::log(p)));
  return path;
}

void Offer(PathSearch* search, const Path& path, const Fork& fork) {
  search->Offer(path, fork.tokens, fork.logits, fork.choice, nullptr);
}

TEST(ThePathNotTakenThatIsLikelierThanTheAnswerIsFollowed) {
  PathSearch search;
  Offer(&search, PathOf({0.9}), Fork({0.55, 0.42, 0.03}));
  Offer(&search, PathOf({0.9, 0.55}), Fork({0.7, 0.3}));
  CHECK_EQ(search.first_doubt(), 1u);
  CHECK(!search.HasLost(PathOf({1e-9})));  // there is no answer yet
  CHECK(search.Keep(PathOf({0.9, 0.55, 0.1})));
  auto next = search.Next();
  CHECK(next.has_value());
  CHECK_EQ(next->tokens, (std::vector<TokenId>{1, 11}));
  CHECK_NEAR(next->score, std::log(0.9 * 0.42), 1e-5);
  CHECK_NEAR(next->log_p[1], std::log(0.42), 1e-5);
  next = search.Next();
  CHECK_EQ(next->tokens, (std::vector<TokenId>{1, 1, 11}));
  CHECK(!search.Next());  // 0.03 is too little to be noted
}

TEST(WhatCannotWinIsNotFollowedAndAnAnswerMustBeClearlyBetter) {
  PathSearch search;
  Offer(&search, PathOf({}), Fork({0.6, 0.4}));
  CHECK(search.Keep(PathOf({0.6, 0.6})));  // 0.36: the other could be 0.4 at best
  CHECK(search.has_answer());
  CHECK(!search.Next());
  CHECK(!search.Keep(PathOf({0.4})));
  CHECK(search.HasLost(PathOf({0.4})));
  CHECK(search.Keep(PathOf({0.5})));
  CHECK(!search.Keep(PathOf({0.5})));
  CHECK(search.HasLost(PathOf({0.5, 0.99})));
}

TEST(OnlyAFewAreFollowedAndNothingFarIntoAnAnswer) {
  PathSearch search;
  for (int i = 0; i < 9; ++i) Offer(&search, PathOf({}), Fork({0.4, 0.3, 0.3}));
  Offer(&search, PathOf(std::vector<double>(200, 1.0)), Fork({0.5, 0.5}));
  CHECK(search.Keep(PathOf({1e-6})));
  int followed = 0;
  for (; auto path = search.Next(); ++followed) {
    CHECK_EQ(path->tokens.size(), 1u);
    CHECK_EQ(path->tokens[0], followed % 2 == 0 ? TokenId{11} : TokenId{12});  // of equals those that came first
  }
  CHECK_EQ(followed, 4);
}

TEST(NumbersThatAreNoneAreNoBranches) {
  PathSearch search;
  Fork fork({0.5, 0.5});
  fork.logits[1] = std::nanf("");
  Offer(&search, PathOf({}), fork);
  CHECK(search.Keep(PathOf({0.1})));
  CHECK(!search.Next());
}

TEST(ADecisionThatTheWholeAnswerTookIsSaidToBeSo) {
  PathSearch search;
  const Fork fork({0.5, 0.45});
  const Decision decision{0, fork.logits[0], true, {~uint64_t{0}}, {}};
  search.Offer({}, fork.tokens, fork.logits, fork.choice, &decision);
  const auto path = search.Next();
  CHECK_EQ(path->decisions.size(), 1u);
  CHECK(!path->decisions[0].is_likeliest);
  CHECK_EQ(path->decisions[0].logit, fork.logits[1]);
}

/// What is within the outermost brackets of "calls".
std::string CallsOf(const std::string& json) {
  const size_t begin = json.find("[", json.find("\"calls\"")) + 1;
  size_t end = begin;
  for (int depth = 1; end < json.size() && depth > 0; ++end) depth += json[end] == '[' || json[end] == '{' ? 1 : json[end] == ']' || json[end] == '}' ? -1 : 0;
  return json.substr(begin, end - begin - 1);
}

/// Of random weights, before which much is in doubt; -> its tool set.
int Prepare(Engine* engine, const char* tools) {
  const std::string file = needle_test::ReadGolden("model_tiny.safetensors");
  auto room = engine->ReserveModel(file.size());
  std::copy(file.begin(), file.end(), room.begin());
  CHECK(engine->LoadModel().ok());
  auto set = engine->BeginToolSet(tools, "{}");
  CHECK(set.ok());
  while (*engine->StepToolSet(*set) > 0) {
  }
  return *set;
}

const char* const kTools = R"([
    {"name":"paint","parameters":{"type":"object","properties":{"a":{"enum":["red","green","blue"]},"b":{"enum":["one","two"]},"c":{"type":"boolean"},"d":{"enum":["x","y"]}},
      "required":["a","b","c","d"]}},
    {"name":"wash","parameters":{"type":"object","properties":{"e":{"enum":["hot","cold"]},"f":{"type":"boolean"}},"required":["e","f"]}}])";
const char* const kQueries[] = {"paint it", "green two", "wash hot", "no", "x y z", "blue one true", "cold", "anything at all"};

int Count(const std::string& text, const std::string& what) {
  int count = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

/// The number after the last `key` of the text.
int NumberAfter(const std::string& text, const std::string& key) { return std::atoi(text.c_str() + text.rfind(key) + key.size()); }

TEST(AnAnswerIsOnePathAlsoWhereOthersWereFollowed) {
  Engine engine;
  const int set = Prepare(&engine, kTools);
  for (const char* query : kQueries) {
    auto session = engine.BeginRoute(set, std::string(R"({"query":")") + query + R"(","toolChoice":"required","maxCalls":3,"explain":true})");
    CHECK(session.ok());
    while (!*engine.StepRoute(*session)) {
    }
    const std::string result = *engine.FinishRoute(*session);
    const size_t emitted = result.find("\"emitted\":["), end = result.find(']', emitted);
    const int num_emitted = 1 + static_cast<int>(std::count(result.begin() + static_cast<long>(emitted), result.begin() + static_cast<long>(end), ','));
    const int num_decoded = NumberAfter(result, "\"decoded\":"), num_forced = NumberAfter(result, "\"forced\":");
    CHECK_EQ(num_decoded + num_forced, num_emitted);
    CHECK_EQ(Count(result, "{\"at\":"), num_decoded);
    int last = -1;
    for (size_t at = result.find("{\"at\":"); at != std::string::npos; at = result.find("{\"at\":", at + 1)) {
      const int place = std::atoi(result.c_str() + at + 6);
      CHECK(place > last && place < num_emitted);
      last = place;
    }
  }
}

TEST(WhatAStreamHasSaidIsNotTakenBack) {
  Engine engine;
  const int set = Prepare(&engine, kTools);
  int num_held_back = 0;
  for (const char* query : kQueries) {
    auto session = engine.BeginRoute(set, std::string(R"({"query":")") + query + R"(","toolChoice":"required","maxCalls":3})");
    CHECK(session.ok());
    std::string said;
    bool is_done = false;
    int num_steps = 0;
    for (; !is_done; ++num_steps) {
      is_done = *engine.StepRoute(*session);
      std::string now = CallsOf(engine.PartialResult(*session));
      // Up to the brackets that are still to be closed.
      const std::string known = said.substr(0, said.find_last_not_of("}") + 1);
      CHECK(now.starts_with(known));
      if (now == said && num_steps > 0) ++num_held_back;
      said = std::move(now);
    }
    const auto result = engine.FinishRoute(*session);
    CHECK(result.ok());
    if (result->find("\"evidence\"") == std::string::npos) continue;  // incomplete: no call
    for (const char* tool : {"paint", "wash"}) CHECK(Count(CallsOf(*result), tool) <= Count(said, tool));
  }
  CHECK(num_held_back > 8);
}

}  // namespace
}  // namespace needle
