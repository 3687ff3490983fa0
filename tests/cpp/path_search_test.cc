// SPDX-License-Identifier: Apache-2.0
// The search beside greedy decoding: what is noted, what is followed, in which order, and that a route's answer is never
// less likely than the greedy one, nor its partial results taken back.
#include "test_main.h"

#include <algorithm>
#include <cmath>
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
  for (; auto path = search.Next(); ++followed) CHECK_EQ(path->tokens.size(), 1u);
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

TEST(WhatAStreamHasSaidIsNotTakenBack) {
  Engine engine;
  const std::string file = needle_test::ReadGolden("model_tiny.safetensors");
  auto room = engine.ReserveModel(file.size());
  std::copy(file.begin(), file.end(), room.begin());
  CHECK(engine.LoadModel().ok());
  auto set = engine.BeginToolSet(R"([
    {"name":"paint","parameters":{"type":"object","properties":{"a":{"enum":["red","green","blue"]},"b":{"enum":["one","two"]},"c":{"type":"boolean"},"d":{"enum":["x","y"]}},
      "required":["a","b","c","d"]}},
    {"name":"wash","parameters":{"type":"object","properties":{"e":{"enum":["hot","cold"]},"f":{"type":"boolean"}},"required":["e","f"]}}])", "{}");
  CHECK(set.ok());
  while (*engine.StepToolSet(*set) > 0) {
  }
  int num_held_back = 0;
  for (const char* query : {"paint it", "green two", "wash hot", "no", "x y z", "blue one true", "cold", "anything at all"}) {
    auto session = engine.BeginRoute(*set, std::string(R"({"query":")") + query + R"(","toolChoice":"required","maxCalls":3})");
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
    auto result = engine.FinishRoute(*session);
    CHECK(result.ok());
  }
  CHECK(num_held_back > 8);
}

}  // namespace
}  // namespace needle
