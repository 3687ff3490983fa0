// SPDX-License-Identifier: Apache-2.0
// Tool and query blocks against models/needle_models/call_language.py, token for token (call_language.jsonl), and what
// the engine builds on: the order of tools and keys does not matter, offsets lead back into the request.
#include "router/prompt.h"

#include <algorithm>

#include "golden_text.h"
#include "grammar/json_schema.h"
#include "simdjson.h"
#include "test_main.h"
#include "tokenizer/words.h"

namespace needle {
namespace {

using simdjson::dom::element;

Tokenizer Load() {
  return std::move(Tokenizer::Parse(needle_test::AsBytes(needle_test::ReadGolden("tokenizer.bin"))).value());
}

std::string Text(element object, const char* key) {
  std::string_view text;
  return object[key].get(text) ? "" : std::string(text);
}

/// Binds the list: a range-for over the accessor's result would outlive it.
simdjson::dom::array List(element list) { return list.get_array().value_unsafe(); }

std::vector<TokenId> Tokens(element list) {
  std::vector<TokenId> tokens;
  for (const element token : List(list)) {
    tokens.push_back(static_cast<TokenId>(token.get_int64().value_unsafe()));
  }
  return tokens;
}

std::vector<TokenId> BlockOf(const Tokenizer& tokenizer, element tool, const std::string& shown) {
  SchemaPtr schema = EmptySchema();
  element parameters;
  if (!tool["parameters"].get(parameters)) {
    std::vector<std::string> warnings;
    auto parsed = ParseSchema(parameters, "parameters", OnUnsupported::kWarn, &warnings);
    if (!parsed.ok()) {
      needle_test::Fail(__FILE__, __LINE__, shown + ": " + parsed.error().path + ": " + parsed.error().message);
      return {};
    }
    schema = *parsed;
  }
  auto block = ToolBlock(tokenizer, shown, Text(tool, "description"), *schema);
  return block.ok() ? *block : std::vector<TokenId>{};
}

void CheckTools(const Tokenizer& tokenizer, element row) {
  const simdjson::dom::array tools = List(row["tools"].value_unsafe());
  std::vector<std::string> names;
  for (const element tool : tools) names.push_back(Text(tool, "name"));
  const std::vector<std::string> shown = DisplayNames(names);
  size_t i = 0;
  for (const element tool : tools) {
    const element expected = row["blocks"].at(i).value_unsafe();
    CHECK_EQ(shown[i], Text(expected, "shown"));
    const std::vector<TokenId> block = BlockOf(tokenizer, tool, shown[i]);
    if (block != Tokens(expected["tokens"].value_unsafe())) {
      needle_test::Fail(__FILE__, __LINE__, "block of " + names[i] + ": " + tokenizer.Decode(block));
    }
    ++i;
  }
}

void CheckRequest(const Tokenizer& tokenizer, element row) {
  std::vector<std::string> context;
  simdjson::dom::array turns;
  if (!row["context"].get(turns)) {
    for (const element turn : turns) context.emplace_back(turn.get_string().value_unsafe());
  }
  std::vector<std::pair<std::string, std::string>> facts;
  simdjson::dom::object pairs;
  if (!row["facts"].get(pairs)) {
    for (const auto fact : pairs) facts.emplace_back(fact.key, fact.value.get_string().value_unsafe());
  }
  const std::string query = Text(row, "query");
  const std::vector<TokenId> expected = Tokens(row["tokens"].value_unsafe());
  const auto block = BuildQueryBlock(tokenizer, query, context, facts);
  CHECK_EQ(block.ok(), expected.size() <= kMaxQueryTokens);
  if (!block.ok()) {
    CHECK_EQ(static_cast<int>(block.error().code), static_cast<int>(ErrorCode::kQueryTooLong));
    return;
  }
  CHECK(block->tokens == expected);
  CHECK_EQ(block->tokens[block->text_begin - 1], special::kQuery);
  CHECK_EQ(block->text_ofs.size(), expected.size() - block->text_begin);
}

TEST(BlocksEqualPython) {
  const Tokenizer tokenizer = Load();
  std::istringstream lines(needle_test::ReadGolden("call_language.jsonl"));
  simdjson::dom::parser parser;
  int rows = 0;
  for (std::string line; std::getline(lines, line); ++rows) {
    element row;
    if (parser.parse(line).get(row)) {
      needle_test::Fail(__FILE__, __LINE__, "not JSON: " + line);
      continue;
    }
    row["query"].error() ? CheckTools(tokenizer, row) : CheckRequest(tokenizer, row);
  }
  CHECK(rows >= 300);
}

TEST(TheOrderOfKeysAndToolsDoesNotMatter) {
  const Tokenizer tokenizer = Load();
  simdjson::dom::parser parser, other;
  const element a = parser.parse(std::string_view(R"({"name":"x","parameters":{"type":"object","required":["b"],
      "properties":{"a":{"type":"integer"},"b":{"type":"string"},"c":{"type":"boolean"}}}})")).value_unsafe();
  const element b = other.parse(std::string_view(R"({"parameters":{"properties":{"c":{"type":"boolean"},
      "b":{"type":"string"},"a":{"type":"integer"}},"type":"object","required":["b"]},"name":"x"})")).value_unsafe();
  CHECK(BlockOf(tokenizer, a, "x") == BlockOf(tokenizer, b, "x"));

  std::vector<std::vector<TokenId>> blocks;
  for (int i = 0; i < 40; ++i) blocks.push_back({special::kTool, 400 + i * 7 % 40, 500 - i});
  const auto sorted = [](const std::vector<std::vector<TokenId>>& given) {
    std::vector<std::vector<TokenId>> out;
    for (const int i : CanonicalToolOrder(given)) out.push_back(given[static_cast<size_t>(i)]);
    return out;
  };
  const auto first = sorted(blocks);
  std::reverse(blocks.begin(), blocks.end());
  CHECK(sorted(blocks) == first);
  std::rotate(blocks.begin(), blocks.begin() + 13, blocks.end());
  CHECK(sorted(blocks) == first);
}

TEST(NestedObjectsOfManyKeysCostNoMoreThanWhatIsSeen) {
  const Tokenizer tokenizer = Load();
  SchemaNode leaf;
  leaf.types = leaf.shown_type = kTypeInteger;
  SchemaPtr node = std::make_shared<const SchemaNode>(leaf);
  for (int depth = 0; depth < 4; ++depth) {  // shared nodes: 24^4 fields in the block if it were written out
    SchemaNode object;
    object.types = object.shown_type = kTypeObject;
    for (int i = 0; i < 24; ++i) {
      const std::string key = "k" + std::to_string(i);
      object.properties.push_back({key, key, node, false});
    }
    node = std::make_shared<const SchemaNode>(object);
  }
  const auto block = ToolBlock(tokenizer, "deep", "", *node);
  CHECK(block.ok() && block->size() <= kMaxToolTokens && block->size() > kMaxToolTokens - 8);
}

TEST(AToolWhoseNameDoesNotFitIsRefused) {
  const Tokenizer tokenizer = Load();
  const auto block = ToolBlock(tokenizer, std::string(2000, '#'), "", *EmptySchema());
  CHECK(!block.ok() && block.error().code == ErrorCode::kToolTooLong);
}

TEST(OffsetsLeadBackIntoTheRequest) {
  const Tokenizer tokenizer = Load();
  const std::string query = "dim the kitchen to 30%";
  const std::vector<std::pair<std::string, std::string>> facts = {{"date", "2026-11-21"}};
  const auto block = BuildQueryBlock(tokenizer, query, {}, facts);
  CHECK(block.ok());
  const auto at = std::find(block->text_ofs.begin(), block->text_ofs.end(), query.find("30%"));
  CHECK(at != block->text_ofs.end());
  const size_t index = block->text_begin + static_cast<size_t>(at - block->text_ofs.begin());
  CHECK_EQ(tokenizer.Decode(std::span(block->tokens).subspan(index)), "30%");
}

}  // namespace
}  // namespace needle
