// SPDX-License-Identifier: Apache-2.0
#include "router/tool_set.h"

#include <set>
#include <utility>

#include "grammar/json_schema.h"
#include "router/json_read.h"
#include "router/json_write.h"
#include "router/prompt.h"
#include "tokenizer/words.h"

namespace needle {
namespace {

using simdjson::dom::element;

struct GivenTool {
  std::string name, description;
  SchemaPtr schema;
};

struct Options {
  OnUnsupported on_unsupported = OnUnsupported::kError;
  size_t max_tools = ToolSet::kMaxTools, max_bytes = ToolSet::kMaxBytes;
};

Status ReadLimit(const element& value, const std::string& path, size_t* limit) {
  uint64_t number = 0;
  if (value.get(number) || number < 1 || number > *limit) {
    return BadArgument(path, "an integer from 1 to " + std::to_string(*limit));
  }
  *limit = number;
  return Ok{};
}

Result<Options> ReadOptions(std::string_view json) {
  Options options;
  if (json.empty()) return options;
  simdjson::dom::parser parser;
  auto root = ParseJson(json, parser, "options");
  if (!root.ok()) return std::move(root.error());
  simdjson::dom::object object;
  if (root->get(object)) return BadArgument("options", "an object");
  for (const auto field : object) {
    std::string_view text;
    if (field.key == "maxTools" || field.key == "maxBytes") {
      size_t* const limit = field.key == "maxTools" ? &options.max_tools : &options.max_bytes;
      NEEDLE_RETURN_IF_ERROR(ReadLimit(field.value, "options." + std::string(field.key), limit));
      continue;
    }
    if (field.key != "onUnsupported") {
      return Error{ErrorCode::kInvalidArgument, "unknown option", "options." + std::string(field.key)};
    }
    if (field.value.get(text) || (text != "error" && text != "warn")) {
      return BadArgument("options.onUnsupported", "\"error\" or \"warn\"");
    }
    options.on_unsupported = text == "warn" ? OnUnsupported::kWarn : OnUnsupported::kError;
  }
  return options;
}

Result<GivenTool> ReadTool(const element& value, const std::string& path, OnUnsupported mode,
                           std::vector<std::string>* warnings, CompileBudget* budget) {
  simdjson::dom::object object;
  if (value.get(object)) return BadArgument(path, "an object with a name");
  GivenTool tool;
  std::string_view text;
  if (object["name"].get(text) || text.empty()) return BadArgument(path + ".name", "a string that is not empty");
  tool.name = text;
  if (element description; !object["description"].get(description) && !description.is_null()) {
    if (description.get(text)) return BadArgument(path + ".description", "a string");
    tool.description = text;
  }
  element parameters;
  if (object["parameters"].get(parameters) || parameters.is_null()) {
    tool.schema = EmptySchema();
    return tool;
  }
  auto schema = ParseSchema(parameters, path + ".parameters", mode, warnings, budget);
  if (!schema.ok()) return std::move(schema.error());
  tool.schema = std::move(schema.value());
  return tool;
}

Result<std::vector<GivenTool>> ReadTools(std::string_view json, const Options& options, std::vector<std::string>* warnings) {
  if (json.size() > options.max_bytes) {
    return Error{ErrorCode::kInvalidArgument, "the tools have " + std::to_string(json.size()) + " bytes as JSON; at most " +
                                                  std::to_string(options.max_bytes) + " are read", "tools"};
  }
  simdjson::dom::parser parser;
  auto root = ParseJson(json, parser, "tools");
  if (!root.ok()) return std::move(root.error());
  simdjson::dom::array array;
  if (root->get(array)) return BadArgument("tools", "an array");
  if (array.size() > options.max_tools) {  // simdjson counts no further than 0xFFFFFF
    return Error{ErrorCode::kInvalidArgument, "more than " + std::to_string(options.max_tools) + " tools", "tools"};
  }
  CompileBudget budget;
  std::vector<GivenTool> tools;
  std::set<std::string> names;
  for (const element value : array) {
    const std::string path = PathOf("tools", tools.size());
    auto tool = ReadTool(value, path, options.on_unsupported, warnings, &budget);
    if (!tool.ok()) return std::move(tool.error());
    if (!names.insert(tool->name).second) {
      return Error{ErrorCode::kDuplicateName, "another tool is named '" + tool->name + "'", path + ".name"};
    }
    tools.push_back(std::move(tool.value()));
  }
  return tools;
}

}  // namespace

Result<std::shared_ptr<ToolSet>> ToolSet::Parse(std::string_view tools_json, std::string_view options_json,
                                                const Runtime& runtime) {
  const auto options = ReadOptions(options_json);
  if (!options.ok()) return options.error();
  auto set = std::make_shared<ToolSet>();
  auto given = ReadTools(tools_json, *options, &set->warnings_);
  if (!given.ok()) return std::move(given.error());

  for (const GivenTool& tool : *given) set->given_names_.push_back(tool.name);
  const std::vector<std::string> shown = DisplayNames(set->given_names_);
  std::vector<std::vector<TokenId>> blocks;
  for (size_t i = 0; i < given->size(); ++i) {
    auto block = ToolBlock(runtime.tokenizer, shown[i], (*given)[i].description, *(*given)[i].schema);
    if (!block.ok()) {
      block.error().path = PathOf("tools", i) + ".name";
      return std::move(block.error());
    }
    blocks.push_back(std::move(block.value()));
  }
  std::set<std::vector<TokenId>> read;  // names as the network writes them, by which the answer's tool is known
  for (const int i : CanonicalToolOrder(blocks)) {
    auto grammar = CompileTool((*given)[i].name, shown[i], (*given)[i].schema, runtime.vocab);
    if (!grammar.ok()) {
      if (grammar.error().path.empty()) grammar.error().path = PathOf("tools", i);
      return std::move(grammar.error());
    }
    if (!read.insert(grammar.value()->name_tokens()).second) {
      return Error{ErrorCode::kDuplicateName, "another tool's name reads like '" + (*given)[i].name + "'", PathOf("tools", i) + ".name"};
    }
    set->words_.Add(runtime.tokenizer, blocks[i]);
    set->tools_.push_back({(*given)[i].name, shown[i], (*given)[i].schema, std::move(blocks[i]),
                           std::move(grammar.value()), {}});
    // Now, not between the encodings: those come and go, and what stays among them keeps their memory in pieces.
    set->tools_.back().vector.reserve(static_cast<size_t>(runtime.model->config().retrieval_dim));
  }
  return set;
}

int ToolSet::Find(std::string_view name) const {
  for (size_t i = 0; i < tools_.size(); ++i) {
    if (tools_[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

std::string ToolSet::InfoJson() const {
  size_t tokens = 0;
  for (const ToolEntry& tool : tools_) tokens += tool.block.size();
  std::string json = "{";
  AppendJsonKey("tools", &json);
  AppendJsonStrings(given_names_, &json);
  AppendJsonKey("warnings", &json);
  AppendJsonStrings(warnings_, &json);
  AppendJsonKey("tokens", &json);
  json += std::to_string(tokens);
  return json + "}";
}

}  // namespace needle
