// SPDX-License-Identifier: Apache-2.0
// The decoder of calls: whatever tokens a network chooses among those that the grammar allows, the answer comes to an
// end and satisfies the schema, and a token that is not allowed is refused.
#include <algorithm>
#include <set>

#include "fixture.h"
#include "grammar/grammar_matcher.h"
#include "grammar/json_schema.h"
#include "schema_judge.h"

namespace needle_fuzz {
namespace {

using namespace needle;

constexpr int kMaxSteps = 3000;

/// Where the bytes end, the shortest way out.
TokenId Choose(const TokenMask& mask, const std::vector<TokenId>& allowed, std::string_view* choices, uint32_t* fallback) {
  if (choices->size() >= 2) {
    const size_t number = static_cast<uint8_t>((*choices)[0]) * 256u + static_cast<uint8_t>((*choices)[1]);
    choices->remove_prefix(2);
    return allowed[number % allowed.size()];
  }
  for (const TokenId ending : {special::kEos, special::kEnd, special::kVal, special::kItem, special::kArg}) {
    if (mask.Allows(ending) && (*fallback = *fallback * 1664525u + 1013904223u) >> 28 != 0) return ending;
  }
  return allowed[(*fallback = *fallback * 1664525u + 1013904223u) % allowed.size()];
}

/// Whether the walk came to an end; a string may grow beyond its limit first.
bool Walk(GrammarMatcher* matcher, std::string_view choices) {
  TokenMask mask;
  std::vector<TokenId> allowed;
  uint32_t fallback = 1;
  for (int step = 0; step < kMaxSteps && !matcher->IsComplete(); ++step) {
    const Status masked = matcher->Mask(&mask);
    Check(masked.ok(), "some token can always follow", masked.ok() ? "" : masked.error().message);
    allowed.clear();
    mask.AppendTo(&allowed);
    Check(allowed.size() == mask.count(), "a mask counts its tokens");
    const Status accepted = matcher->Accept(Choose(mask, allowed, &choices, &fallback));
    if (accepted.ok()) continue;
    Check(accepted.error().code == ErrorCode::kTruncated, "an allowed token is accepted", accepted.error().message);
    return false;
  }
  return matcher->IsComplete();
}

/// What JSON with a key twice means is anybody's guess, and the judge's is another than ours; JavaScript writes none.
bool RepeatsKey(simdjson::dom::element element) {
  simdjson::dom::array items;
  if (!element.get_array().get(items)) return std::any_of(items.begin(), items.end(), RepeatsKey);
  simdjson::dom::object members;
  if (element.get_object().get(members)) return false;
  std::set<std::string_view> keys;
  for (const auto& [key, value] : members) {
    if (!keys.insert(key).second || RepeatsKey(value)) return true;
  }
  return false;
}

}  // namespace

void FuzzAnswer(Input input) {
  const auto [text, choices] = SplitAtLineEnd(input);
  const auto& runtime = GoldenRuntime();
  simdjson::dom::parser parser;
  simdjson::dom::element parameters;
  if (parser.parse(text.data(), text.size()).get(parameters) || RepeatsKey(parameters)) return;
  std::vector<std::string> warnings;
  const auto schema = ParseSchema(parameters, "parameters", OnUnsupported::kError, &warnings);
  if (!schema.ok()) return CheckError(schema.error());
  const auto tool = CompileTool("tool", "tool", *schema, runtime.vocab);
  if (!tool.ok()) return CheckError(tool.error());
  MatcherOptions options{.tool_choice = MatcherOptions::kRequired, .max_calls = 2, .max_string_tokens = 64, .allow_missing = false};
  if (choices.size() % 2 == 1) {  // strings are then pieces of these bytes, whatever they are
    const std::vector<std::string> said = {std::string(choices.substr(0, 200)), std::string(text.substr(0, 200))};
    options.copy = std::make_shared<CopySource>(runtime.tokenizer, said);
  }
  auto matcher = GrammarMatcher::Make({*tool}, options);
  Check(matcher.ok(), "a matcher is made");
  if (!Walk(&*matcher, choices)) return;
  for (const Call& call : matcher->trace().calls) {
    const std::string json = ToJson(call.arguments);
    CheckJson(json, "arguments");
    simdjson::dom::parser value_parser;
    Check(needle_test::Valid(parameters, value_parser.parse(json).value_unsafe()), "arguments satisfy the schema", json);
  }
}

}  // namespace needle_fuzz
