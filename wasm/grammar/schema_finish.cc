// SPDX-License-Identifier: Apache-2.0
// FinishSchema and what it rests on: inference of types, the check of scalars, contradictions, display names of keys,
// canonical order; and AreDisjoint, which oneOf needs.
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "grammar/json_schema.h"
#include "grammar/format_patterns.h"
#include "grammar/number_rules.h"
#include "grammar/number_text.h"
#include "grammar/schema_merge.h"
#include "grammar/text_rules.h"
#include "tokenizer/words.h"

namespace needle {
namespace {

uint8_t TypeOf(const Scalar& scalar) {
  switch (scalar.kind) {
    case Scalar::kNull: return kTypeNull;
    case Scalar::kBoolean: return kTypeBoolean;
    case Scalar::kString: return kTypeString;
    case Scalar::kNumber: return scalar.number == std::floor(scalar.number) ? kTypeInteger : kTypeNumber;
  }
  return 0;
}

void InferTypes(SchemaNode* node) {
  if (node->types_stated) return;
  node->types = 0;
  if (node->has_enum) {
    for (const Scalar& value : node->enum_values) node->types |= TypeOf(value);
    if (node->types & kTypeNumber) node->types &= ~kTypeInteger;
  } else if (node->has_properties || !node->required.empty() ||
             node->additional_properties != AdditionalProperties::kUnstated) {
    node->types = kTypeObject;
  } else if (node->items || node->min_items > 0 || node->max_items != SchemaNode::kUnbounded || node->unique_items) {
    node->types = kTypeArray;
  } else if (node->minimum || node->maximum || node->exclusive_minimum || node->exclusive_maximum ||
             !node->multiples_of.empty()) {
    node->types = kTypeNumber;
  } else {
    node->types = node->integer_limit > 0 ? kTypeInteger : kTypeString;
  }
  if (node->nullable) node->types |= kTypeNull;
  const uint8_t shown = node->types & ~kTypeNull ? node->types & ~kTypeNull : node->types;
  node->shown_type = static_cast<SchemaType>(shown & -shown);
}

void NameKeys(SchemaNode* node) {
  std::vector<std::string> keys;
  for (const SchemaProperty& property : node->properties) keys.push_back(property.key);
  std::vector<std::string> shown = DisplayNames(keys);
  for (size_t i = 0; i < shown.size(); ++i) node->properties[i].shown = std::move(shown[i]);
}

Status FinishObject(SchemaNode* node, const std::string& path) {
  const Error contradiction{ErrorCode::kInvalidSchema, "a required key may not be there", path};
  auto& properties = node->properties;
  const std::set<std::string> forbidden_keys(node->forbidden_keys.begin(), node->forbidden_keys.end());
  const auto forbidden = [&](const std::string& key) { return forbidden_keys.contains(key); };
  std::erase_if(properties, [&](const SchemaProperty& property) { return forbidden(property.key); });
  std::map<std::string, size_t> index_of;
  for (size_t i = 0; i < properties.size(); ++i) index_of.emplace(properties[i].key, i);
  for (const std::string& key : node->required) {
    const auto [it, is_unlisted] = index_of.emplace(key, properties.size());
    if (is_unlisted) {
      // Required but not described, as real tools have it: any value will do, and a string says most.
      if (node->additional_properties == AdditionalProperties::kForbidden || forbidden(key)) return contradiction;
      SchemaPtr any = node->additional;
      if (!any) {
        auto text = FinishSchema(SchemaNode{}, path);
        if (!text.ok()) return std::move(text.error());
        any = std::move(*text);
      }
      properties.push_back({key, "", std::move(any), true});
      node->has_properties = true;
    } else {
      properties[it->second].required = true;
    }
  }
  NameKeys(node);
  return Ok{};
}

constexpr size_t kMany = 1000;  // distinct values; a list is never that long

size_t DistinctStrings(const SchemaNode& node) {
  if (node.max_length == 0 || !node.dfa) return node.max_length == 0 ? 1 : kMany;
  const size_t count = node.dfa->CountStrings(kMany);
  // TextRule writes the empty string only where nothing else fits.
  return count > 1 && count < kMany && node.dfa->Accepts(ByteDfa::kStart) ? count - 1 : count;
}

/// How many different values the grammar can write for the node; kMany stands for any larger number.
size_t DistinctValues(const SchemaNode& node) {
  size_t count = 0;
  for (const SchemaPtr& alternative : node.alternatives) count += DistinctValues(*alternative);
  if (!node.alternatives.empty()) return std::min(count, kMany);
  if (node.has_enum) {
    return std::min(std::set<Scalar, ScalarLess>(node.enum_values.begin(), node.enum_values.end()).size(), kMany);
  }
  if (node.types & kTypeBoolean) count += 2;
  if (node.types & kTypeNull) count += 1;
  if (node.types & (kTypeInteger | kTypeNumber)) {
    const auto rule = NumberRule::Make(node, !(node.types & kTypeNumber));
    if (rule.ok()) count += static_cast<size_t>(std::min<ScaledNumber>(rule->Count(), kMany));
  }
  if (node.types & kTypeString) count += DistinctStrings(node);
  if (node.types & kTypeArray) count += node.max_items == 0 ? 1 : kMany;
  if (node.types & kTypeObject) {
    size_t objects = node.has_properties && node.additional_properties != AdditionalProperties::kSchema ? 1 : kMany;
    for (const SchemaProperty& property : node.properties) {
      objects = std::min(kMany, objects * (DistinctValues(*property.node) + !property.required));
    }
    count += objects;
  }
  return std::min(count, kMany);
}

Status FinishArray(SchemaNode* node, const std::string& path) {
  if (node->unique_items && node->items) {
    const size_t distinct = DistinctValues(*node->items);
    if (distinct < kMany) node->max_items = std::min(node->max_items, static_cast<uint32_t>(distinct));
  }
  if (node->min_items <= node->max_items) return Ok{};
  return Error{ErrorCode::kInvalidSchema, "no list satisfies minItems, maxItems and uniqueItems", path};
}

/// Refuses bounds that leave nothing of a type.
Status CheckFeasible(const SchemaNode& node, const std::string& path) {
  const auto at = [&](const Error& error) { return Error{error.code, error.message, path}; };
  if (node.types & (kTypeInteger | kTypeNumber)) {
    const auto rule = NumberRule::Make(node, !(node.types & kTypeNumber));
    if (!rule.ok()) return at(rule.error());
  }
  if ((node.types & kTypeString) && (node.dfa || node.max_length != SchemaNode::kUnbounded)) {
    const auto rule = TextRule::Make(node, std::make_shared<ByteDfa>(ByteDfa::AnyString()));
    if (!rule.ok()) return at(rule.error());
  }
  return Ok{};
}

Status FinishEnum(SchemaNode* node, const std::string& path) {
  std::vector<Scalar> values = std::exchange(node->enum_values, {});
  node->has_enum = false;  // each value would be looked up among all
  std::erase_if(values, [&](const Scalar& value) { return !ScalarFits(value, *node); });
  node->has_enum = true;
  node->enum_values = std::move(values);
  if (node->enum_values.empty()) {
    return Error{ErrorCode::kInvalidSchema, "no value of the enum satisfies the rest of the schema", path};
  }
  return Ok{};
}

Result<SchemaPtr> FinishAlternatives(const SchemaNode& node, const std::string& path) {
  SchemaNode out;
  out.description = node.description;
  std::optional<Error> error;
  for (const SchemaPtr& alternative : node.alternatives) {
    auto finished = FinishSchema(*alternative, path);
    if (!finished.ok()) {
      if (finished.error().code != ErrorCode::kInvalidSchema) return finished;
      error = finished.error();
      continue;
    }
    const SchemaNode& node_out = **finished;
    out.types |= node_out.types;
    if (node_out.alternatives.empty()) {
      out.alternatives.push_back(*finished);
    } else {
      out.alternatives.insert(out.alternatives.end(), node_out.alternatives.begin(), node_out.alternatives.end());
    }
  }
  if (out.alternatives.empty()) return *error;
  if (node.nullable && !(out.types & kTypeNull)) {
    SchemaNode null;
    null.types = null.shown_type = kTypeNull;
    null.types_stated = true;
    out.types |= kTypeNull;
    out.alternatives.push_back(std::make_shared<const SchemaNode>(std::move(null)));
  }
  if (out.alternatives.size() == 1) return out.alternatives[0];
  out.shown_type = out.Shown().shown_type;
  return std::make_shared<const SchemaNode>(std::move(out));
}

}  // namespace

std::string ScalarText(const Scalar& scalar) {
  switch (scalar.kind) {
    case Scalar::kNull: return "null";
    case Scalar::kBoolean: return scalar.boolean ? "true" : "false";
    case Scalar::kNumber: return FormatNumber(scalar.number);
    case Scalar::kString: return scalar.string;
  }
  return "";
}

bool ScalarFits(const Scalar& scalar, const SchemaNode& node) {
  if (!node.alternatives.empty()) {
    return std::any_of(node.alternatives.begin(), node.alternatives.end(),
                       [&](const SchemaPtr& alternative) { return ScalarFits(scalar, *alternative); });
  }
  const uint8_t type = TypeOf(scalar);
  const bool number_for_integer = type == kTypeInteger && (node.types & kTypeNumber);
  if (!(node.types & type) && !number_for_integer) return false;
  if (node.has_enum &&
      std::find(node.enum_values.begin(), node.enum_values.end(), scalar) == node.enum_values.end()) {
    return false;
  }
  if (scalar.kind == Scalar::kNumber) {
    const auto rule = NumberRule::Make(node, type == kTypeInteger);
    return rule.ok() && rule->Contains(scalar.number);
  }
  if (scalar.kind == Scalar::kString) {
    const auto length = static_cast<size_t>(std::count_if(
        scalar.string.begin(), scalar.string.end(), [](char c) { return BeginsCodePoint(static_cast<uint8_t>(c)); }));
    return length >= node.min_length && length <= node.max_length && (!node.dfa || node.dfa->Matches(scalar.string));
  }
  return true;
}

Result<SchemaPtr> FinishSchema(SchemaNode node, const std::string& path) {
  if (!node.alternatives.empty()) return FinishAlternatives(node, path);
  InferTypes(&node);
  if (node.has_enum) {
    NEEDLE_RETURN_IF_ERROR(FinishEnum(&node, path));
  } else {
    NEEDLE_RETURN_IF_ERROR(CheckFeasible(node, path));
  }
  if (node.types & kTypeArray) NEEDLE_RETURN_IF_ERROR(FinishArray(&node, path));
  if (node.types & kTypeObject) NEEDLE_RETURN_IF_ERROR(FinishObject(&node, path));
  return std::make_shared<const SchemaNode>(std::move(node));
}

std::vector<int> CanonicalOrder(const SchemaNode& node) {
  std::vector<int> order(node.properties.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int a, int b) {
    const SchemaProperty& x = node.properties[static_cast<size_t>(a)];
    const SchemaProperty& y = node.properties[static_cast<size_t>(b)];
    return x.required != y.required ? x.required : x.key < y.key;
  });
  return order;
}

}  // namespace needle
