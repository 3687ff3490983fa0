// SPDX-License-Identifier: Apache-2.0
// A validator of JSON Schema that shares no code with the grammar, for the keywords that the grammar enforces: patterns
// and formats excepted, which regex_test.cc proves. It judges what the grammar wrote, so a keyword of the wrong kind,
// which the grammar would have refused, says nothing here. References are not followed: they let everything through.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "simdjson.h"

namespace needle_test {

using Element = simdjson::dom::element;

inline bool Valid(Element schema, Element value);

/// A member of an object; of members with the same key the last, as JSON.parse has it.
inline simdjson::simdjson_result<Element> Last(Element object, std::string_view key) {
  simdjson::simdjson_result<Element> found(simdjson::NO_SUCH_FIELD);
  simdjson::dom::object members;
  if (object.get(members)) return found;
  for (const auto member : members) {
    if (member.key == key) found = simdjson::simdjson_result<Element>(Element(member.value));
  }
  return found;
}

/// By the names that the engine takes: JSON Schema's in any case, and Python's.
inline bool IsType(Element value, std::string_view name) {
  std::string type(name);
  std::transform(type.begin(), type.end(), type.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto is = [&](std::initializer_list<std::string_view> names) { return std::find(names.begin(), names.end(), type) != names.end(); };
  if (is({"integer", "int", "long"})) return value.is_number() && std::floor(value.get_double().value_unsafe()) == value.get_double().value_unsafe();
  if (is({"any"})) return !value.is_array() && !value.is_object();
  return (is({"string", "str"}) && value.is_string()) || (is({"number", "float", "double"}) && value.is_number()) ||
         (is({"boolean", "bool"}) && value.is_bool()) || (is({"null"}) && value.is_null()) ||
         (is({"array", "list", "tuple"}) && value.is_array()) || (is({"object", "dict"}) && value.is_object());
}

inline bool TypeFits(Element schema, Element value) {
  Element type;
  bool nullable = false;
  if (!Last(schema, "nullable").get(nullable) && nullable && value.is_null()) return true;
  if (Last(schema, "type").get(type)) return true;
  std::string_view name;
  if (!type.get(name)) return IsType(value, name);
  simdjson::dom::array types;
  if (type.get(types)) return true;
  return std::any_of(types.begin(), types.end(), [&](Element t) { return !t.get(name) && IsType(value, name); });
}

inline bool Same(Element a, Element b) {
  if (a.is_number() && b.is_number()) return a.get_double().value_unsafe() == b.get_double().value_unsafe();
  return std::string(simdjson::minify(a)) == std::string(simdjson::minify(b));
}

inline bool NumberFits(Element schema, double value) {
  double bound = 0;
  bool excluded = false;  // draft 4 qualifies the bound with a boolean
  if (!Last(schema, "minimum").get(bound) && value < bound) return false;
  if (!Last(schema, "exclusiveMinimum").get(excluded) && excluded && value == bound) return false;
  if (!Last(schema, "maximum").get(bound) && value > bound) return false;
  if (!Last(schema, "exclusiveMaximum").get(excluded) && excluded && value == bound) return false;
  if (!Last(schema, "exclusiveMinimum").get(bound) && value <= bound) return false;
  if (!Last(schema, "exclusiveMaximum").get(bound) && value >= bound) return false;
  if (Last(schema, "multipleOf").get(bound)) return true;
  const double factor = value / bound;
  return std::fabs(factor - std::nearbyint(factor)) <= 1e-9 * std::max(1.0, std::fabs(factor));
}

inline bool LengthFits(Element schema, std::string_view text) {
  const auto length = static_cast<double>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  double bound = 0;
  if (!Last(schema, "minLength").get(bound) && length < bound) return false;
  return Last(schema, "maxLength").get(bound) || length <= bound;
}

inline bool ItemsFit(Element schema, simdjson::dom::array list) {
  double bound = 0;
  bool unique = false;
  const auto size = static_cast<double>(list.size());
  if (!Last(schema, "minItems").get(bound) && size < bound) return false;
  if (!Last(schema, "maxItems").get(bound) && size > bound) return false;
  std::vector<Element> items(list.begin(), list.end());
  if (!Last(schema, "uniqueItems").get(unique) && unique) {
    for (size_t i = 0; i < items.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        if (Same(items[i], items[j])) return false;
      }
    }
  }
  Element item_schema;
  return Last(schema, "items").get(item_schema) ||
         std::all_of(items.begin(), items.end(), [&](Element item) { return Valid(item_schema, item); });
}

inline bool MembersFit(Element schema, simdjson::dom::object object) {
  simdjson::dom::array required;
  if (!Last(schema, "required").get(required)) {
    for (Element key : required) {
      std::string_view name;
      if (!key.get(name) && object.at_key(name).error()) return false;
    }
  }
  Element properties, additional;
  const bool listed = !Last(schema, "properties").get(properties) && properties.is_object();
  const bool stated = !Last(schema, "additionalProperties").get(additional);
  for (const auto member : object) {
    Element own;
    if (listed && !Last(properties, member.key).get(own)) {
      if (!Valid(own, member.value)) return false;
    } else if (stated && !Valid(additional, member.value)) {
      return false;
    }
  }
  return true;
}

inline bool Valid(Element schema, Element value) {
  bool truth = false;
  if (!schema.get(truth)) return truth;
  simdjson::dom::array list;
  if (!Last(schema, "anyOf").get(list) && std::none_of(list.begin(), list.end(), [&](Element s) { return Valid(s, value); })) return false;
  if (!Last(schema, "allOf").get(list) && !std::all_of(list.begin(), list.end(), [&](Element s) { return Valid(s, value); })) return false;
  if (!Last(schema, "oneOf").get(list) && std::count_if(list.begin(), list.end(), [&](Element s) { return Valid(s, value); }) != 1) return false;
  Element constant;
  if (!Last(schema, "const").get(constant) && !Same(constant, value)) return false;
  if (!Last(schema, "enum").get(list) && std::none_of(list.begin(), list.end(), [&](Element e) { return Same(e, value); })) return false;
  if (!TypeFits(schema, value)) return false;
  if (value.is_number()) return NumberFits(schema, value.get_double().value_unsafe());
  if (value.is_string()) return LengthFits(schema, value.get_string().value_unsafe());
  simdjson::dom::object object;
  if (!value.get(list)) return ItemsFit(schema, list);
  return value.get(object) || MembersFit(schema, object);
}

}  // namespace needle_test
