// SPDX-License-Identifier: Apache-2.0
// MergeSchemas: keyword by keyword, the stricter of two.
#include "grammar/schema_merge.h"

#include <algorithm>
#include <set>

namespace needle {
namespace {

constexpr size_t kMaxAlternatives = 64;  // unions multiply when merged

Error Contradiction(const std::string& what) { return {ErrorCode::kInvalidSchema, what, ""}; }
Error TooLarge(const std::string& what) { return {ErrorCode::kUnsupportedSchema, what, ""}; }

/// Types as a set closed under "every integer is a number".
uint8_t Closed(uint8_t types) { return types & kTypeNumber ? types | kTypeInteger : types; }
uint8_t Opened(uint8_t types) { return types & kTypeNumber ? types & ~kTypeInteger : types; }

Status MergeTypes(const SchemaNode& a, const SchemaNode& b, SchemaNode* out) {
  out->nullable = a.nullable || b.nullable;
  if (!a.types_stated || !b.types_stated) {
    const SchemaNode& stated = a.types_stated ? a : b;
    out->types_stated = stated.types_stated;
    out->types = stated.types_stated ? stated.types : 0;
    out->shown_type = stated.shown_type;
    if (out->types_stated && out->nullable) out->types |= kTypeNull;
    return Ok{};
  }
  out->types_stated = true;
  out->types = Opened(Closed(a.types) & Closed(b.types));
  if (out->types == 0) return Contradiction("the types exclude one another");
  out->shown_type = out->types & a.shown_type ? a.shown_type : b.shown_type;
  for (int bit = 1; !(out->types & out->shown_type); bit *= 2) out->shown_type = static_cast<SchemaType>(bit);
  return Ok{};
}

Status MergeEnum(const SchemaNode& a, const SchemaNode& b, SchemaNode* out) {
  out->has_enum = a.has_enum || b.has_enum;
  out->enum_values = a.has_enum ? a.enum_values : b.enum_values;
  if (a.has_enum && b.has_enum) {
    const std::set<Scalar, ScalarLess> listed(b.enum_values.begin(), b.enum_values.end());
    std::erase_if(out->enum_values, [&](const Scalar& value) { return !listed.contains(value); });
    if (out->enum_values.empty()) return Contradiction("the enums have no value in common");
  }
  return Ok{};
}

template <class Compare>
std::optional<double> Stricter(const std::optional<double>& a, const std::optional<double>& b, Compare stricter) {
  if (!a || !b) return a ? a : b;
  return stricter(*a, *b) ? a : b;
}

void MergeNumbers(const SchemaNode& a, const SchemaNode& b, SchemaNode* out) {
  out->minimum = Stricter(a.minimum, b.minimum, std::greater<>());
  out->exclusive_minimum = Stricter(a.exclusive_minimum, b.exclusive_minimum, std::greater<>());
  out->maximum = Stricter(a.maximum, b.maximum, std::less<>());
  out->exclusive_maximum = Stricter(a.exclusive_maximum, b.exclusive_maximum, std::less<>());
  out->multiples_of = a.multiples_of;
  out->multiples_of.insert(out->multiples_of.end(), b.multiples_of.begin(), b.multiples_of.end());
  out->integer_limit = std::max(a.integer_limit, b.integer_limit);
}

Status MergeText(const SchemaNode& a, const SchemaNode& b, SchemaNode* out) {
  out->min_length = std::max(a.min_length, b.min_length);
  out->max_length = std::min(a.max_length, b.max_length);
  out->format = a.format.empty() ? b.format : a.format;
  out->patterns = a.patterns;
  out->patterns.insert(out->patterns.end(), b.patterns.begin(), b.patterns.end());
  out->dfa = a.dfa;
  if (b.dfa && b.dfa != a.dfa && !RestrictText(b.dfa, out)) return TooLarge("the patterns together are too large");
  return Ok{};
}

/// Merges two finished nodes and finishes the result.
Result<SchemaPtr> MergeFinished(const SchemaPtr& a, const SchemaPtr& b) {
  if (!a || !b) return a ? a : b;
  auto merged = MergeSchemas(*a, *b);
  if (!merged.ok()) return std::move(merged.error());
  return FinishSchema(std::move(*merged), "");
}

Status MergeArrays(const SchemaNode& a, const SchemaNode& b, SchemaNode* out) {
  auto items = MergeFinished(a.items, b.items);
  if (!items.ok()) return std::move(items.error());
  out->items = std::move(*items);
  out->min_items = std::max(a.min_items, b.min_items);
  out->max_items = std::min(a.max_items, b.max_items);
  out->unique_items = a.unique_items || b.unique_items;
  return Ok{};
}

/// Properties of `from` that `other` also lets stand; `other` lists some itself, forbids or constrains the rest.
Status MergeProperties(const SchemaNode& from, const SchemaNode& other, SchemaNode* out) {
  for (const SchemaProperty& property : from.properties) {
    const auto same = [&](const SchemaProperty& p) { return p.key == property.key; };
    if (std::any_of(out->properties.begin(), out->properties.end(), same)) continue;
    SchemaProperty merged = property;
    const auto it = std::find_if(other.properties.begin(), other.properties.end(), same);
    const SchemaPtr constraint = it != other.properties.end() ? it->node
                                 : other.additional_properties == AdditionalProperties::kSchema ? other.additional
                                                                                                : nullptr;
    if (it == other.properties.end() && other.additional_properties == AdditionalProperties::kForbidden) continue;
    auto node = MergeFinished(property.node, constraint);
    if (!node.ok()) return std::move(node.error());
    merged.node = std::move(*node);
    out->properties.push_back(std::move(merged));
  }
  return Ok{};
}

Status MergeObjects(const SchemaNode& a, const SchemaNode& b, SchemaNode* out) {
  out->has_properties = a.has_properties || b.has_properties;
  out->forbidden_keys = a.forbidden_keys;
  out->forbidden_keys.insert(out->forbidden_keys.end(), b.forbidden_keys.begin(), b.forbidden_keys.end());
  out->required = a.required;
  out->required.insert(out->required.end(), b.required.begin(), b.required.end());
  NEEDLE_RETURN_IF_ERROR(MergeProperties(a, b, out));
  NEEDLE_RETURN_IF_ERROR(MergeProperties(b, a, out));
  const auto is = [&](AdditionalProperties kind) {
    return a.additional_properties == kind || b.additional_properties == kind;
  };
  auto additional = MergeFinished(a.additional, b.additional);
  if (is(AdditionalProperties::kForbidden)) {
    out->additional_properties = AdditionalProperties::kForbidden;
  } else if (is(AdditionalProperties::kSchema)) {
    // Contradicting schemas for free keys forbid them, no more.
    out->additional_properties = additional.ok() ? AdditionalProperties::kSchema : AdditionalProperties::kForbidden;
    if (additional.ok()) out->additional = std::move(*additional);
  } else if (is(AdditionalProperties::kAllowed)) {
    out->additional_properties = AdditionalProperties::kAllowed;
  }
  return Ok{};
}

Result<SchemaNode> MergeIntoAlternatives(const SchemaNode& a, const SchemaNode& b) {
  const bool left = !a.alternatives.empty();
  SchemaNode out;
  out.description = a.description.empty() ? b.description : a.description;
  for (const SchemaPtr& alternative : left ? a.alternatives : b.alternatives) {
    auto merged = left ? MergeSchemas(*alternative, b) : MergeSchemas(a, *alternative);
    if (!merged.ok()) {
      if (merged.error().code == ErrorCode::kInvalidSchema) continue;
      return std::move(merged.error());
    }
    out.alternatives.push_back(std::make_shared<const SchemaNode>(std::move(*merged)));
    if (out.alternatives.size() > kMaxAlternatives) return TooLarge("too many combinations of alternatives");
  }
  if (out.alternatives.empty()) return Contradiction("no alternative agrees with the rest of the schema");
  return out;
}

}  // namespace

bool RestrictText(std::shared_ptr<const ByteDfa> dfa, SchemaNode* node) {
  if (node->dfa) dfa = ByteDfa::Intersect(*node->dfa, *dfa);
  if (!dfa) return false;
  node->dfa = std::move(dfa);
  return true;
}

Result<SchemaNode> MergeSchemas(const SchemaNode& a, const SchemaNode& b) {
  if (!a.alternatives.empty() || !b.alternatives.empty()) return MergeIntoAlternatives(a, b);
  SchemaNode out;
  out.description = a.description.empty() ? b.description : a.description;
  NEEDLE_RETURN_IF_ERROR(MergeTypes(a, b, &out));
  NEEDLE_RETURN_IF_ERROR(MergeEnum(a, b, &out));
  MergeNumbers(a, b, &out);
  NEEDLE_RETURN_IF_ERROR(MergeText(a, b, &out));
  NEEDLE_RETURN_IF_ERROR(MergeArrays(a, b, &out));
  NEEDLE_RETURN_IF_ERROR(MergeObjects(a, b, &out));
  return out;
}

}  // namespace needle
