// SPDX-License-Identifier: Apache-2.0
// Every random walk through every random schema's grammar ends, never in a dead end, and what it wrote satisfies the
// schema by a validator that shares no code with the grammar (patterns and formats excepted, which regex_test.cc proves).
#include <algorithm>
#include <cmath>

#include "random_schema.h"

using namespace needle_test;
using Element = simdjson::dom::element;

namespace {

bool Valid(Element schema, Element value);

bool IsType(Element value, std::string_view type) {
  if (type == "integer") return value.is_number() && std::floor(value.get_double().value_unsafe()) == value.get_double().value_unsafe();
  return (type == "string" && value.is_string()) || (type == "number" && value.is_number()) || (type == "boolean" && value.is_bool()) ||
         (type == "null" && value.is_null()) || (type == "array" && value.is_array()) || (type == "object" && value.is_object());
}

bool TypeFits(Element schema, Element value) {
  Element type;
  bool nullable = false;
  if (!schema["nullable"].get(nullable) && nullable && value.is_null()) return true;
  if (schema["type"].get(type)) return true;
  if (type.is_string()) return IsType(value, type.get_string().value_unsafe());
  simdjson::dom::array types = type.get_array().value_unsafe();
  return std::any_of(types.begin(), types.end(), [&](Element t) { return IsType(value, t.get_string().value_unsafe()); });
}

bool Same(Element a, Element b) { return std::string(simdjson::minify(a)) == std::string(simdjson::minify(b)); }

bool NumberFits(Element schema, double value) {
  double bound = 0;
  if (!schema["minimum"].get(bound) && value < bound) return false;
  if (!schema["maximum"].get(bound) && value > bound) return false;
  if (!schema["exclusiveMinimum"].get(bound) && value <= bound) return false;
  if (!schema["exclusiveMaximum"].get(bound) && value >= bound) return false;
  if (schema["multipleOf"].get(bound)) return true;
  const double factor = value / bound;
  return std::fabs(factor - std::nearbyint(factor)) <= 1e-9 * std::max(1.0, std::fabs(factor));
}

bool LengthFits(Element schema, std::string_view text) {
  const auto length = std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
  int64_t bound = 0;
  if (!schema["minLength"].get(bound) && length < bound) return false;
  return schema["maxLength"].get(bound) || length <= bound;
}

bool ItemsFit(Element schema, simdjson::dom::array list) {
  int64_t bound = 0;
  bool unique = false;
  const auto size = static_cast<int64_t>(list.size());
  if (!schema["minItems"].get(bound) && size < bound) return false;
  if (!schema["maxItems"].get(bound) && size > bound) return false;
  std::vector<Element> items(list.begin(), list.end());
  if (!schema["uniqueItems"].get(unique) && unique) {
    for (size_t i = 0; i < items.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        if (Same(items[i], items[j])) return false;
      }
    }
  }
  Element item_schema;
  return schema["items"].get(item_schema) ||
         std::all_of(items.begin(), items.end(), [&](Element item) { return Valid(item_schema, item); });
}

bool MembersFit(Element schema, simdjson::dom::object object) {
  simdjson::dom::array required;
  if (!schema["required"].get(required)) {
    for (Element key : required) {
      if (object.at_key(key.get_string().value_unsafe()).error()) return false;
    }
  }
  simdjson::dom::object properties;
  const bool listed = !schema["properties"].get(properties);
  Element additional;
  const bool stated = !schema["additionalProperties"].get(additional);
  for (const auto member : object) {
    Element own;
    if (listed && !properties.at_key(member.key).get(own)) {
      if (!Valid(own, member.value)) return false;
    } else if (stated && !Valid(additional, member.value)) {
      return false;
    }
  }
  return true;
}

bool Valid(Element schema, Element value) {
  bool truth = false;
  if (!schema.get(truth)) return truth;
  simdjson::dom::array list;
  if (!schema["anyOf"].get(list) && std::none_of(list.begin(), list.end(), [&](Element s) { return Valid(s, value); })) return false;
  if (!schema["allOf"].get(list) && !std::all_of(list.begin(), list.end(), [&](Element s) { return Valid(s, value); })) return false;
  if (!schema["oneOf"].get(list) && std::count_if(list.begin(), list.end(), [&](Element s) { return Valid(s, value); }) != 1) return false;
  Element constant;
  if (!schema["const"].get(constant) && !Same(constant, value)) return false;
  if (!schema["enum"].get(list) && std::none_of(list.begin(), list.end(), [&](Element e) { return Same(e, value); })) return false;
  if (!TypeFits(schema, value)) return false;
  if (value.is_number()) return NumberFits(schema, value.get_double().value_unsafe());
  if (value.is_string()) return LengthFits(schema, value.get_string().value_unsafe());
  simdjson::dom::object object;
  if (!value.get(list)) return ItemsFit(schema, list);
  return value.get(object) || MembersFit(schema, object);
}

}  // namespace

TEST(RandomWalksEndInValidJson) {
  int compiled = 0;
  for (uint32_t seed = 0; seed < 250; ++seed) {
    const std::string text = RandomSchema(seed).Root();
    const auto schema = Schema(text);
    if (!schema.ok()) {
      const ErrorCode code = schema.error().code;
      if (code != ErrorCode::kInvalidSchema && code != ErrorCode::kDuplicateName && code != ErrorCode::kUnsupportedSchema) {
        CHECK_EQ(text, schema.error().message);
      }
      continue;
    }
    auto tool = CompileTool("tool", "tool", *schema, TestVocab());
    if (!tool.ok()) {
      CHECK_EQ(text, tool.error().message);
      continue;
    }
    ++compiled;
    for (uint32_t walk = 0; walk < 3; ++walk) {
      auto matcher = Matcher({*tool}, {.tool_choice = MatcherOptions::kRequired, .max_calls = 2, .max_string_tokens = 5000, .allow_missing = false});
      const std::string problem = RandomWalk(&matcher, seed * 16 + walk);
      if (!problem.empty()) {
        CHECK_EQ(problem, text);
        continue;
      }
      for (const auto& call : matcher.trace().calls) {
        const std::string json = ToJson(call.arguments);
        simdjson::dom::parser schema_parser, value_parser;
        Element parsed, value;
        const bool readable = !schema_parser.parse(text).get(parsed) && !value_parser.parse(json).get(value);
        if (!readable || !Valid(parsed, value)) CHECK_EQ(json, text);
      }
    }
  }
  CHECK(compiled > 100);
}
