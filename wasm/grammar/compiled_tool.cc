// SPDX-License-Identifier: Apache-2.0
// SchemaNode tree -> rules, one Add<Kind> per kind of value.
#include "grammar/compiled_tool.h"

#include <algorithm>
#include <set>

namespace needle {

class ToolCompiler {
 public:
  explicit ToolCompiler(CompiledTool* tool) : tool_(tool) {}

  Status Compile(std::string name, std::string_view shown_name, SchemaPtr schema,
                 std::shared_ptr<const GrammarVocab> vocab) {
    tool_->name_ = std::move(name);
    tool_->schema_ = std::move(schema);
    tool_->vocab_ = std::move(vocab);
    tool_->name_tokens_ = Encode(shown_name);
    SchemaNode any;
    any.types = kAnyScalar;
    any.types_stated = true;
    tool_->any_scalar_ = std::make_shared<const SchemaNode>(std::move(any));
    return AddValue(*tool_->schema_, &tool_->arguments_);
  }

 private:
  std::vector<TokenId> Encode(std::string_view text) const { return tool_->vocab_->tokenizer().Encode(text); }

  ValueRule* Add(ValueRule::Kind kind, const SchemaNode& node, ValueRules* out) {
    tool_->rules_.push_back(std::make_unique<ValueRule>());
    ValueRule* rule = tool_->rules_.back().get();
    rule->kind = kind;
    rule->node = &node;
    out->push_back(rule);
    return rule;
  }

  Status AddValue(const SchemaNode& node, ValueRules* out) {
    if (node.alternatives.empty()) {
      NEEDLE_RETURN_IF_ERROR(AddPlain(node, out));
    } else {
      for (const SchemaPtr& alternative : node.alternatives) NEEDLE_RETURN_IF_ERROR(AddPlain(*alternative, out));
      // The same text may be a number and a string: the more specific reading wins, then the schema's order.
      std::stable_sort(out->begin(), out->end(), [](const ValueRule* a, const ValueRule* b) {
        return Breadth(*a) < Breadth(*b);
      });
    }
    return Ok{};
  }

  static int Breadth(const ValueRule& rule) {
    return rule.kind == ValueRule::kScalars && !rule.node->has_enum ? 1 : rule.kind == ValueRule::kScalars ? 0
           : rule.kind == ValueRule::kNumber ? 2 : rule.kind == ValueRule::kText ? 4 : 3;
  }

  Status AddPlain(const SchemaNode& node, ValueRules* out) {
    if (node.has_enum) return AddScalars(node, node.enum_values, out);
    std::vector<Scalar> words;
    if (node.types & kTypeBoolean) {
      words.push_back({Scalar::kBoolean, true, 0, ""});
      words.push_back({Scalar::kBoolean, false, 0, ""});
    }
    if (node.types & kTypeNull) words.push_back({});
    if (!words.empty()) NEEDLE_RETURN_IF_ERROR(AddScalars(node, words, out));
    if (node.types & (kTypeInteger | kTypeNumber)) NEEDLE_RETURN_IF_ERROR(AddNumber(node, out));
    if (node.types & kTypeArray) NEEDLE_RETURN_IF_ERROR(AddArray(node, out));
    if (node.types & kTypeObject) NEEDLE_RETURN_IF_ERROR(AddObject(node, out));
    if (node.types & kTypeString) NEEDLE_RETURN_IF_ERROR(AddText(node, out));
    return Ok{};
  }

  Status AddScalars(const SchemaNode& node, const std::vector<Scalar>& scalars, ValueRules* out) {
    ValueRule* rule = Add(ValueRule::kScalars, node, out);
    std::set<Scalar, ScalarLess> listed;
    for (const Scalar& scalar : scalars) {
      if (!listed.insert(scalar).second) continue;
      rule->sequences.Add(Encode(ScalarText(scalar)), static_cast<int>(rule->scalars.size()));
      rule->scalars.push_back(scalar);
    }
    rule->sequences.Finish();  // 1 and "1" are one text: the first listed is meant
    return Ok{};
  }

  Status AddNumber(const SchemaNode& node, ValueRules* out) {
    auto number = NumberRule::Make(node, !(node.types & kTypeNumber));
    if (!number.ok()) return std::move(number.error());
    Add(ValueRule::kNumber, node, out)->number = *number;
    return Ok{};
  }

  Status AddText(const SchemaNode& node, ValueRules* out) {
    auto text = TextRule::Make(node, tool_->vocab_->any_string());
    if (!text.ok()) return std::move(text.error());
    Add(ValueRule::kText, node, out)->text = std::move(*text);
    return Ok{};
  }

  Status AddArray(const SchemaNode& node, ValueRules* out) {
    ValueRule* rule = Add(ValueRule::kArray, node, out);
    return AddValue(node.items ? *node.items : *tool_->any_scalar_, &rule->items);
  }

  Status AddObject(const SchemaNode& node, ValueRules* out) {
    const bool at_root = out == &tool_->arguments_;
    ObjectRule& object = Add(ValueRule::kObject, node, out)->object;
    for (int property_idx : CanonicalOrder(node)) {
      const SchemaProperty& property = node.properties[static_cast<size_t>(property_idx)];
      object.key_tokens.Add(Encode(property.shown), static_cast<int>(object.keys.size()));
      ObjectRule::Key& key = object.keys.emplace_back();
      key.property_idx = property_idx;
      key.required = property.required;
      object.num_required += property.required;
      ValueRules values;
      NEEDLE_RETURN_IF_ERROR(AddValue(*property.node, &values));
      object.keys.back().values = std::move(values);
    }
    const int twice = object.key_tokens.Finish();
    if (twice >= 0) {
      return Error{ErrorCode::kDuplicateName, "two keys read alike: " + KeyAt(node, object, twice), ""};
    }
    // Without properties an object is a map of scalars; a tool's own parameters are one only where the schema says so.
    const bool stated = node.additional_properties == AdditionalProperties::kSchema ||
                        (node.additional_properties == AdditionalProperties::kAllowed && !node.has_properties);
    const bool implied = !at_root && !node.has_properties &&
                         node.additional_properties == AdditionalProperties::kUnstated;
    if (!stated && !implied) return Ok{};
    object.free_keys = true;
    auto free_key = TextRule::Make(SchemaNode{}, tool_->vocab_->any_string());
    if (!free_key.ok()) return std::move(free_key.error());
    object.free_key = std::move(*free_key);
    return AddValue(node.additional ? *node.additional : *tool_->any_scalar_, &object.free_values);
  }

  static std::string KeyAt(const SchemaNode& node, const ObjectRule& object, int position) {
    return node.properties[static_cast<size_t>(object.keys[static_cast<size_t>(position)].property_idx)].key;
  }

  CompiledTool* tool_;
};

Result<std::shared_ptr<const CompiledTool>> CompileTool(std::string name, std::string_view shown_name, SchemaPtr schema,
                                                        std::shared_ptr<const GrammarVocab> vocab) {
  auto tool = std::make_shared<CompiledTool>();
  NEEDLE_RETURN_IF_ERROR(ToolCompiler(tool.get()).Compile(std::move(name), shown_name, std::move(schema), std::move(vocab)));
  return std::shared_ptr<const CompiledTool>(std::move(tool));
}

}  // namespace needle
