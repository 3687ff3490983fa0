// SPDX-License-Identifier: Apache-2.0
// Every random walk through every random schema's grammar ends, never in a dead end, and what it wrote satisfies the
// schema by a validator that shares no code with the grammar (patterns and formats excepted, which regex_test.cc proves).
#include "random_schema.h"
#include "schema_judge.h"

using namespace needle_test;

const std::vector<std::string> kSaid = {"Book a table for 4 at Luigi's, from 7pm on the 3rd — ok?", "über alles 明日 😀"};

TEST(RandomWalksEndInValidJson) {
  int compiled = 0;
  for (uint32_t seed = 0; seed < 250; ++seed) {
    const std::string text = RandomSchema(seed).Root();
    const auto schema = Schema(text);
    if (!schema.ok()) {
      const ErrorCode code = schema.error().code;
      if (code != ErrorCode::kInvalidSchema && code != ErrorCode::kDuplicateName && code != ErrorCode::kUnsupportedSchema) {
        CHECK_EQ(text, schema.error().message);
      }
      continue;
    }
    auto tool = CompileTool("tool", "tool", *schema, TestVocab());
    if (!tool.ok()) {
      CHECK_EQ(text, tool.error().message);
      continue;
    }
    ++compiled;
    for (uint32_t walk = 0; walk < 4; ++walk) {
      MatcherOptions options{.tool_choice = MatcherOptions::kRequired, .max_calls = 2, .max_string_tokens = 5000, .allow_missing = false};
      if (walk % 2 == 1) options.copy = std::make_shared<CopySource>(TestTokenizer(), kSaid);
      auto matcher = Matcher({*tool}, options);
      const std::string problem = RandomWalk(&matcher, seed * 16 + walk);
      if (!problem.empty()) {
        CHECK_EQ(problem, text);
        continue;
      }
      for (const auto& call : matcher.trace().calls) {
        const std::string json = ToJson(call.arguments);
        simdjson::dom::parser schema_parser, value_parser;
        Element parsed, value;
        const bool readable = !schema_parser.parse(text).get(parsed) && !value_parser.parse(json).get(value);
        if (!readable || !Valid(parsed, value)) CHECK_EQ(json, text);
      }
    }
  }
  CHECK(compiled > 100);
}
