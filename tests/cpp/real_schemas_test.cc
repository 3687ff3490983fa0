// SPDX-License-Identifier: Apache-2.0
// 150 tools as their vendors publish them (AWS, Power Platform connectors, MCP servers, Home Assistant, Seal-Tools,
// TaskBench; descriptions shortened): each compiles, and a random walk through it ends. The whole collection of 76,000
// and every training example were run the same way by hand.
#include <sstream>

#include "random_schema.h"

using namespace needle_test;

TEST(RealToolsCompileAndEnd) {
  std::istringstream lines(ReadGolden("real_schemas.jsonl"));
  std::string line;
  uint32_t count = 0;
  while (std::getline(lines, line)) {
    simdjson::dom::parser parser;
    simdjson::dom::element tool, parameters;
    std::string_view name;
    CHECK(!parser.parse(line).get(tool) && !tool["parameters"].get(parameters) && !tool["name"].get(name));
    std::vector<std::string> warnings;
    const auto schema = ParseSchema(parameters, "parameters", OnUnsupported::kError, &warnings);
    if (!schema.ok()) {
      CHECK_EQ(schema.error().path + ": " + schema.error().message, line);
      continue;
    }
    const auto compiled = CompileTool(std::string(name), name, *schema, TestVocab());
    if (!compiled.ok()) {
      CHECK_EQ(compiled.error().message, line);
      continue;
    }
    auto matcher = Matcher({*compiled}, {.tool_choice = MatcherOptions::kRequired, .max_calls = 1, .max_string_tokens = 5000});
    CHECK_EQ(RandomWalk(&matcher, ++count), "");
  }
  CHECK_EQ(count, 150u);
}
