// SPDX-License-Identifier: Apache-2.0
// AreDisjoint: the proof that oneOf asks for. The grammar writes only listed keys (and free ones where a schema allows
// them), so it is about the values we write for one branch against all that the other accepts.
#include <algorithm>

#include "grammar/format_patterns.h"
#include "grammar/number_rules.h"
#include "grammar/schema_merge.h"

namespace needle {
namespace {

uint8_t Closed(uint8_t types) { return types & kTypeNumber ? types | kTypeInteger : types; }

bool NumbersDisjoint(const SchemaNode& a, const SchemaNode& b) {
  const auto x = NumberRule::Make(a, false), y = NumberRule::Make(b, false);
  return !x.ok() || !y.ok() || x->high() < y->low() || y->high() < x->low();
}

bool StringsDisjoint(const SchemaNode& a, const SchemaNode& b) {
  if (a.max_length < b.min_length || b.max_length < a.min_length) return true;
  if (IsTemporalFormat(a.format) && IsTemporalFormat(b.format) && a.format != b.format) return true;
  if (!a.dfa || !b.dfa) return false;
  const auto both = ByteDfa::Intersect(*a.dfa, *b.dfa);
  return both && !both->Feasible();
}

const SchemaProperty* Find(const SchemaNode& node, const std::string& key) {
  const auto it = std::find_if(node.properties.begin(), node.properties.end(), [&](const auto& p) { return p.key == key; });
  return it == node.properties.end() ? nullptr : &*it;
}

/// No object that we write for `a` satisfies `b`.
bool ObjectNeverFits(const SchemaNode& a, const SchemaNode& b) {
  const bool free_keys = a.additional_properties == AdditionalProperties::kSchema || !a.has_properties;
  for (const SchemaProperty& property : b.properties) {
    const SchemaProperty* ours = Find(a, property.key);
    if (property.required && !ours && !free_keys) return true;  // b asks for a key that we never write
    if (ours && ours->required && AreDisjoint(*ours->node, *property.node)) return true;
  }
  if (b.additional_properties != AdditionalProperties::kForbidden) return false;
  return std::any_of(a.properties.begin(), a.properties.end(),
                     [&](const SchemaProperty& p) { return p.required && !Find(b, p.key); });
}

bool ArraysDisjoint(const SchemaNode& a, const SchemaNode& b) {
  if (a.max_items < b.min_items || b.max_items < a.min_items) return true;
  return a.min_items > 0 && b.min_items > 0 && a.items && b.items && AreDisjoint(*a.items, *b.items);
}

}  // namespace

bool AreDisjoint(const SchemaNode& a, const SchemaNode& b) {
  if (!a.alternatives.empty()) {
    return std::all_of(a.alternatives.begin(), a.alternatives.end(), [&](const auto& x) { return AreDisjoint(*x, b); });
  }
  if (!b.alternatives.empty()) return AreDisjoint(b, a);
  if (a.has_enum || b.has_enum) {
    const SchemaNode& listed = a.has_enum ? a : b;
    return std::none_of(listed.enum_values.begin(), listed.enum_values.end(),
                        [&](const Scalar& value) { return ScalarFits(value, a.has_enum ? b : a); });
  }
  const uint8_t common = Closed(a.types) & Closed(b.types);
  if (common & (kTypeBoolean | kTypeNull)) return false;
  if ((common & (kTypeInteger | kTypeNumber)) && !NumbersDisjoint(a, b)) return false;
  if ((common & kTypeString) && !StringsDisjoint(a, b)) return false;
  if ((common & kTypeArray) && !ArraysDisjoint(a, b)) return false;
  if ((common & kTypeObject) && !(ObjectNeverFits(a, b) && ObjectNeverFits(b, a))) return false;
  return true;
}

}  // namespace needle
