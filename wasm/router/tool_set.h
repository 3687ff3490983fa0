// SPDX-License-Identifier: Apache-2.0
// A set of tools, compiled once: names, schemas, grammars and what the network reads of each, in canonical order.
// Immutable but for the encodings, which StepToolSet makes one by one through the engine's cache.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "grammar/compiled_tool.h"
#include "grammar/schema_node.h"
#include "router/runtime.h"
#include "router/word_index.h"

namespace needle {

struct ToolEntry {
  std::string name;                              // exactly as given
  std::string shown;                             // as the network sees it
  SchemaPtr schema;
  std::vector<TokenId> block;                    // the tool block
  std::shared_ptr<const CompiledTool> grammar;
  std::vector<float> vector;                     // [retrieval_dim], L2-normalised; empty until encoded
};

class ToolSet {
 public:
  static constexpr size_t kMaxTools = 10'000;
  static constexpr size_t kMaxBytes = size_t{8} << 20;  // of JSON

  /// Options: {onUnsupported?: "error" | "warn", maxTools?, maxBytes?}; the limits can only be lowered. Errors carry the
  /// path: `tools[1].name`, `tools[2].parameters.properties.city`.
  static Result<std::shared_ptr<ToolSet>> Parse(std::string_view tools_json, std::string_view options_json,
                                                const Runtime& runtime);

  /// In canonical order: an answer must not depend on the order in which tools were given.
  std::vector<ToolEntry>& tools() { return tools_; }
  const std::vector<ToolEntry>& tools() const { return tools_; }
  /// Index of a tool by its exact name; -1 when there is none.
  int Find(std::string_view name) const;
  /// The words of tools(), in their order.
  const WordIndex& words() const { return words_; }
  /// How many tools, from the first, have been encoded.
  size_t num_encoded() const { return num_encoded_; }
  void set_num_encoded(size_t n) { num_encoded_ = n; }
  /// {"tools":[names as given, in the given order],"warnings":[paths],"tokens":n}
  std::string InfoJson() const;

 private:
  std::vector<ToolEntry> tools_;
  WordIndex words_;
  std::vector<std::string> given_names_;
  std::vector<std::string> warnings_;
  size_t num_encoded_ = 0;
};

}  // namespace needle
