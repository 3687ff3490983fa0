// SPDX-License-Identifier: Apache-2.0
// What the grammar tests share: the real vocabulary, schemas from JSON text, and answers written as parts, e.g.
//   Decode(tool, {kCall, "set light", kArg, "room", kVal, "kitchen", kEos})  ->  {"room":"kitchen"}
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "grammar/grammar_matcher.h"
#include "grammar/json_schema.h"
#include "test_main.h"

namespace needle_test {

using namespace needle;
using Part = std::variant<TokenId, const char*>;
using ToolPtr = std::shared_ptr<const CompiledTool>;

using namespace needle::special;  // kCall, kArg, ...

inline const Tokenizer& TestTokenizer() {
  static const Tokenizer tokenizer = [] {
    const std::string bytes = ReadGolden("tokenizer.bin");
    auto parsed = Tokenizer::Parse({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
    if (!parsed.ok()) Fail(__FILE__, __LINE__, "tokenizer.bin: " + parsed.error().message);
    return std::move(*parsed);
  }();
  return tokenizer;
}

inline std::shared_ptr<const GrammarVocab> TestVocab() {
  static const auto vocab = GrammarVocab::Make(TestTokenizer());
  return vocab;
}

inline Result<SchemaPtr> Schema(const std::string& json, OnUnsupported mode = OnUnsupported::kError,
                                std::vector<std::string>* warnings = nullptr) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  if (parser.parse(json).get(element)) return Error{ErrorCode::kInvalidJson, json, ""};
  std::vector<std::string> ignored;
  return ParseSchema(element, "parameters", mode, warnings ? warnings : &ignored);
}

/// The code and path of the error, e.g. `invalid_schema parameters.properties.a`; "ok" when there is none.
inline std::string SchemaError(const std::string& json) {
  const auto schema = Schema(json);
  return schema.ok() ? "ok" : std::string(ErrorCodeName(schema.error().code)) + " " + schema.error().path;
}

inline ToolPtr Tool(const std::string& json, const char* shown = "tool") {
  auto schema = Schema(json);
  if (!schema.ok()) Fail(__FILE__, __LINE__, schema.error().path + ": " + schema.error().message + " in " + json);
  auto tool = CompileTool(shown, shown, schema.ok() ? *schema : EmptySchema(), TestVocab());
  if (!tool.ok()) Fail(__FILE__, __LINE__, tool.error().message + " in " + json);
  return *tool;
}

/// A tool with one required argument `a`.
inline ToolPtr ToolWith(const std::string& property) {
  return Tool(R"({"type":"object","properties":{"a":)" + property + R"(},"required":["a"]})");
}

inline std::vector<TokenId> Tokens(const std::vector<Part>& parts) {
  std::vector<TokenId> tokens;
  for (const Part& part : parts) {
    if (const TokenId* token = std::get_if<TokenId>(&part)) {
      tokens.push_back(*token);
    } else {
      const auto segment = TestTokenizer().Encode(std::get<const char*>(part));
      tokens.insert(tokens.end(), segment.begin(), segment.end());
    }
  }
  return tokens;
}

inline GrammarMatcher Matcher(const std::vector<ToolPtr>& tools, const MatcherOptions& options = {}) {
  auto matcher = GrammarMatcher::Make(tools, options);
  if (!matcher.ok()) Fail(__FILE__, __LINE__, matcher.error().message);
  return std::move(*matcher);
}

/// "" when every token is in the mask and accepted; otherwise where it stopped.
inline std::string Feed(GrammarMatcher* matcher, const std::vector<TokenId>& tokens) {
  for (size_t i = 0; i < tokens.size(); ++i) {
    TokenMask mask;
    const Status masked = matcher->Mask(&mask);
    const bool allowed = masked.ok() && mask.Allows(tokens[i]);
    const Status accepted = matcher->Accept(tokens[i]);
    const std::string at = " at " + std::to_string(i) + " '" + std::string(TestTokenizer().PieceText(tokens[i])) + "'";
    if (!accepted.ok() && accepted.error().code == ErrorCode::kTruncated) return "truncated" + at;
    if (accepted.ok() != allowed) return "mask and matcher disagree" + at;
    if (!accepted.ok()) return "refused" + at;
  }
  return "";
}

/// The arguments of the one call, or what went wrong.
inline std::string Decode(const ToolPtr& tool, const std::vector<Part>& parts, const MatcherOptions& options = {}) {
  GrammarMatcher matcher = Matcher({tool}, options);
  const std::string problem = Feed(&matcher, Tokens(parts));
  if (!problem.empty()) return problem;
  if (!matcher.IsComplete()) return "incomplete";
  return matcher.trace().calls.empty() ? "none" : ToJson(matcher.trace().calls[0].arguments);
}

/// The value of argument `a` of ToolWith, or what went wrong.
inline std::string DecodeValue(const ToolPtr& tool, const std::vector<Part>& value) {
  std::vector<Part> parts = {kCall, "tool", kArg, "a", kVal};
  parts.insert(parts.end(), value.begin(), value.end());
  parts.push_back(kEos);
  const std::string json = Decode(tool, parts);
  return json.starts_with("{\"a\":") ? json.substr(5, json.size() - 6) : json.substr(0, json.find(" at"));
}

}  // namespace needle_test
