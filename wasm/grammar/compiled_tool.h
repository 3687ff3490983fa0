// SPDX-License-Identifier: Apache-2.0
// A tool's grammar: its schema as rules over tokens. Immutable and shared between tool sets; all state of a decode is
// in GrammarMatcher. A value position has several rules when the schema allows several kinds; they are tried in
// parallel, the most specific first (enum, boolean and null before numbers, numbers before strings).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "grammar/grammar_vocab.h"
#include "grammar/number_rules.h"
#include "grammar/schema_node.h"
#include "grammar/sequence_set.h"
#include "grammar/text_rules.h"

namespace needle {

struct ValueRule;
using ValueRules = std::vector<const ValueRule*>;

/// `<obj> { <arg> key <val> value } <end>`; at the root of a tool without <obj> and <end>.
struct ObjectRule {
  struct Key {
    int property_idx = 0;     // into SchemaNode::properties
    bool required = false;
    ValueRules values;
  };
  std::vector<Key> keys;        // canonical order: the required ones come first
  uint32_t num_required = 0;
  SequenceSet key_tokens;       // index = position in `keys`
  bool free_keys = false;       // other keys may follow the listed ones
  std::optional<TextRule> free_key;
  ValueRules free_values;
};

struct ValueRule {
  enum Kind : uint8_t { kScalars, kNumber, kText, kArray, kObject };
  Kind kind = kScalars;
  const SchemaNode* node = nullptr;

  SequenceSet sequences;             // kScalars: index = position in `scalars`
  std::vector<Scalar> scalars;
  std::optional<NumberRule> number;  // kNumber
  std::optional<TextRule> text;      // kText
  ValueRules items;                  // kArray; the counts are in `node`
  ObjectRule object;                 // kObject
};

class CompiledTool {
 public:
  const std::string& name() const { return name_; }
  const std::vector<TokenId>& name_tokens() const { return name_tokens_; }
  const SchemaNode& schema() const { return *schema_; }
  /// The arguments: object rules, several when the parameters are alternatives.
  const ValueRules& arguments() const { return arguments_; }
  const GrammarVocab& vocab() const { return *vocab_; }

 private:
  friend class ToolCompiler;
  std::string name_;
  std::vector<TokenId> name_tokens_;
  SchemaPtr schema_;
  std::shared_ptr<const GrammarVocab> vocab_;
  ValueRules arguments_;
  std::vector<std::unique_ptr<ValueRule>> rules_;  // owns what ValueRules point to
  SchemaPtr any_scalar_;                           // of items and free keys without a schema
};

/// `name` is the caller's exact name; `shown_name` what the network reads and writes (words, or the exact text where
/// names of the set collide). `schema` comes from ParseSchema. Errors have no path.
Result<std::shared_ptr<const CompiledTool>> CompileTool(std::string name, std::string_view shown_name, SchemaPtr schema,
                                                        std::shared_ptr<const GrammarVocab> vocab);

}  // namespace needle
