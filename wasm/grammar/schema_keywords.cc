// SPDX-License-Identifier: Apache-2.0
// The keywords of SchemaReader that set a field of the node, and the table that says which keywords exist.
#include <algorithm>
#include <cmath>
#include <set>

#include "grammar/format_patterns.h"
#include "grammar/number_text.h"
#include "grammar/regex.h"
#include "grammar/schema_merge.h"
#include "grammar/schema_reader.h"

namespace needle {
namespace {

using Element = simdjson::dom::element;

Error InvalidAt(const std::string& path, const std::string& what) {
  return {ErrorCode::kInvalidSchema, what, path};
}

constexpr size_t kMaxTextBytes = 1 << 16;  // of a key, a value or a pattern; texts take fifty times their size when read

Status CheckLength(std::string_view text, const std::string& path) {
  if (text.size() <= kMaxTextBytes) return Ok{};
  return Error{ErrorCode::kUnsupportedSchema, "longer than " + std::to_string(kMaxTextBytes) + " bytes", path};
}

Status ReadNumber(Element value, const std::string& path, std::optional<double>* out) {
  double number = 0;
  if (!value.is_number() || value.get(number)) return InvalidAt(path, "must be a number");
  *out = number;
  return Ok{};
}

Status ReadCount(Element value, const std::string& path, uint32_t* out) {
  std::optional<double> number;
  NEEDLE_RETURN_IF_ERROR(ReadNumber(value, path, &number));
  if (*number < 0 || *number != std::floor(*number)) return InvalidAt(path, "must be a non-negative integer");
  *out = *number < SchemaNode::kUnbounded ? static_cast<uint32_t>(*number) : SchemaNode::kUnbounded;
  return Ok{};
}

/// JSON Schema's names, Gemini's upper-case ones, and what tools written for Python carry.
uint8_t TypeByName(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  struct Entry {
    std::string_view name;
    uint8_t type;
  };
  static constexpr Entry kTypes[] = {
      {"string", kTypeString}, {"integer", kTypeInteger}, {"number", kTypeNumber}, {"boolean", kTypeBoolean},
      {"null", kTypeNull},     {"array", kTypeArray},     {"object", kTypeObject}, {"str", kTypeString},
      {"int", kTypeInteger},   {"long", kTypeInteger},    {"float", kTypeNumber},  {"double", kTypeNumber},
      {"bool", kTypeBoolean},  {"list", kTypeArray},      {"tuple", kTypeArray},   {"dict", kTypeObject},
      {"any", kAnyScalar},
  };
  for (const Entry& entry : kTypes) {
    if (lower == entry.name) return entry.type;
  }
  return 0;
}

}  // namespace

SchemaReader::Handler SchemaReader::FindKeyword(std::string_view name, bool* known) {
  static constexpr Keyword kKeywords[] = {
      {"type", &SchemaReader::Type},
      {"nullable", &SchemaReader::Nullable},
      {"enum", &SchemaReader::Enum},
      {"const", &SchemaReader::Const},
      {"minimum", &SchemaReader::Minimum},
      {"maximum", &SchemaReader::Maximum},
      {"exclusiveMinimum", &SchemaReader::ExclusiveMinimum},
      {"exclusiveMaximum", &SchemaReader::ExclusiveMaximum},
      {"multipleOf", &SchemaReader::MultipleOf},
      {"minLength", &SchemaReader::MinLength},
      {"maxLength", &SchemaReader::MaxLength},
      {"pattern", &SchemaReader::Pattern},
      {"format", &SchemaReader::Format},
      {"items", &SchemaReader::Items},
      {"minItems", &SchemaReader::MinItems},
      {"maxItems", &SchemaReader::MaxItems},
      {"uniqueItems", &SchemaReader::UniqueItems},
      {"properties", &SchemaReader::Properties},
      {"required", &SchemaReader::Required},
      {"additionalProperties", &SchemaReader::AdditionalPropertiesKeyword},
      {"allOf", &SchemaReader::AllOf},
      {"anyOf", &SchemaReader::AnyOf},
      {"oneOf", &SchemaReader::OneOf},
      {"$ref", &SchemaReader::Ref},
      {"description", &SchemaReader::Description},
      // Annotations, and the places that $ref points into.
      {"title", nullptr}, {"default", nullptr}, {"example", nullptr}, {"examples", nullptr}, {"deprecated", nullptr},
      {"readOnly", nullptr}, {"writeOnly", nullptr}, {"$schema", nullptr}, {"$id", nullptr}, {"$comment", nullptr},
      {"optional", nullptr}, {"$defs", nullptr}, {"definitions", nullptr},
  };
  *known = true;
  for (const Keyword& keyword : kKeywords) {
    if (keyword.name == name) return keyword.handler;
  }
  *known = name.starts_with("x-");
  return nullptr;
}

Status SchemaReader::Type(Element value, const std::string& path, Draft* draft) {
  SchemaNode& node = draft->node;
  const auto add = [&](Element element, const std::string& where) -> Status {
    std::string_view name;
    const uint8_t type = element.get(name) ? 0 : TypeByName(name);
    if (type == 0) return InvalidAt(where, "not a JSON Schema type");
    const bool first = node.types == 0 || node.types == kTypeNull;
    node.types |= type;
    if (first) node.shown_type = static_cast<SchemaType>(type == kAnyScalar ? uint8_t{kTypeString} : type);
    return Ok{};
  };
  node.types = 0;
  node.types_stated = true;
  simdjson::dom::array list;
  if (value.get(list)) return add(value, path);
  size_t index = 0;
  for (Element element : list) NEEDLE_RETURN_IF_ERROR(add(element, PathOf(path, index++)));
  return index > 0 ? Status(Ok{}) : InvalidAt(path, "must name a type");
}

Status SchemaReader::Nullable(Element value, const std::string& path, Draft* draft) {
  return value.get(draft->node.nullable) ? InvalidAt(path, "must be true or false") : Status(Ok{});
}

Status SchemaReader::Description(Element value, const std::string&, Draft* draft) {
  std::string_view text;
  if (!value.get(text)) draft->node.description = text;  // an annotation: of any other kind it says nothing
  return Ok{};
}

Status SchemaReader::AddScalar(Element value, const std::string& path, Draft* draft) {
  NEEDLE_RETURN_IF_ERROR(Count(path));
  Scalar scalar;
  std::string_view text;
  if (!value.get(text)) {
    NEEDLE_RETURN_IF_ERROR(CheckLength(text, path));
    scalar.kind = Scalar::kString;
    scalar.string = text;
  } else if (!value.get(scalar.boolean)) {
    scalar.kind = Scalar::kBoolean;
  } else if (value.is_number()) {
    scalar.kind = Scalar::kNumber;
    scalar.number = value.get_double().value_unsafe();
    if (!ExactDecimal(scalar.number)) {
      return Error{ErrorCode::kOutOfRange, "a number that JSON does not carry exactly", path};
    }
  } else if (!value.is_null()) {
    return Unsupported(path, "only scalars are supported as values of enum and const");
  }
  draft->node.enum_values.push_back(std::move(scalar));
  return Ok{};
}

/// To these values; enum and const may stand beside each other.
Status SchemaReader::Restrict(std::vector<Scalar> values, const std::string& path, Draft* draft) {
  if (values.empty()) return Ok{};  // nothing but what could not be read, of which there is a warning
  SchemaNode& node = draft->node;
  if (node.has_enum) {
    const std::set<Scalar, ScalarLess> others(node.enum_values.begin(), node.enum_values.end());
    std::erase_if(values, [&](const Scalar& value) { return !others.contains(value); });
    if (values.empty()) return InvalidAt(path, "enum and const have no value in common");
  }
  node.enum_values = std::move(values);
  node.has_enum = true;
  return Ok{};
}

Status SchemaReader::Enum(Element value, const std::string& path, Draft* draft) {
  simdjson::dom::array list;
  if (value.get(list) || list.size() == 0) return InvalidAt(path, "must be a list of values");
  Draft listed;
  size_t index = 0;
  for (Element element : list) NEEDLE_RETURN_IF_ERROR(AddScalar(element, PathOf(path, index++), &listed));
  return Restrict(std::move(listed.node.enum_values), path, draft);
}

Status SchemaReader::Const(Element value, const std::string& path, Draft* draft) {
  Draft only;
  NEEDLE_RETURN_IF_ERROR(AddScalar(value, path, &only));
  return Restrict(std::move(only.node.enum_values), path, draft);
}

Status SchemaReader::Minimum(Element value, const std::string& path, Draft* draft) {
  return ReadNumber(value, path, &draft->node.minimum);
}

Status SchemaReader::Maximum(Element value, const std::string& path, Draft* draft) {
  return ReadNumber(value, path, &draft->node.maximum);
}

Status SchemaReader::ExclusiveMinimum(Element value, const std::string& path, Draft* draft) {
  if (!value.get(draft->exclusive_minimum)) return Ok{};
  return ReadNumber(value, path, &draft->node.exclusive_minimum);
}

Status SchemaReader::ExclusiveMaximum(Element value, const std::string& path, Draft* draft) {
  if (!value.get(draft->exclusive_maximum)) return Ok{};
  return ReadNumber(value, path, &draft->node.exclusive_maximum);
}

Status SchemaReader::MultipleOf(Element value, const std::string& path, Draft* draft) {
  std::optional<double> number;
  NEEDLE_RETURN_IF_ERROR(ReadNumber(value, path, &number));
  if (!(*number > 0)) return InvalidAt(path, "must be greater than zero");
  draft->node.multiples_of.push_back(*number);
  return Ok{};
}

Status SchemaReader::MinLength(Element value, const std::string& path, Draft* draft) {
  return ReadCount(value, path, &draft->node.min_length);
}

Status SchemaReader::MaxLength(Element value, const std::string& path, Draft* draft) {
  return ReadCount(value, path, &draft->node.max_length);
}

Status SchemaReader::Pattern(Element value, const std::string& path, Draft* draft) {
  std::string_view pattern;
  if (value.get(pattern)) return InvalidAt(path, "must be a string");
  NEEDLE_RETURN_IF_ERROR(CheckLength(pattern, path));
  auto dfa = Automaton(pattern);
  if (!dfa.ok()) {
    if (dfa.error().code == ErrorCode::kUnsupportedSchema) return Unsupported(path, dfa.error().message);
    return InvalidAt(path, dfa.error().message);
  }
  draft->node.patterns.emplace_back(pattern);
  return RestrictText(std::move(*dfa), &draft->node) ? Status(Ok{}) : Unsupported(path, "too large with the format");
}

Status SchemaReader::Format(Element value, const std::string& path, Draft* draft) {
  std::string_view format;
  if (value.get(format)) return InvalidAt(path, "must be a string");
  const FormatRule* rule = FindFormat(format);
  if (!rule) return Unsupported(path, "the format " + std::string(format) + " is not supported");
  draft->node.format = rule->name;
  if (rule->pattern) {
    auto dfa = Automaton(rule->pattern);
    if (!dfa.ok()) return Error{ErrorCode::kUnsupportedSchema, dfa.error().message, path};
    if (!RestrictText(std::move(*dfa), &draft->node)) return Unsupported(path, "too large with the pattern");
  }
  draft->node.integer_limit = rule->integer_limit;
  return Ok{};
}

Status SchemaReader::Items(Element value, const std::string& path, Draft* draft) {
  if (value.is_array()) return Unsupported(path, "lists of item schemas (tuples) are not supported");
  auto node = ReadFinished(value, path);
  if (!node.ok()) return std::move(node.error());
  draft->node.items = std::move(*node);
  return Ok{};
}

Status SchemaReader::MinItems(Element value, const std::string& path, Draft* draft) {
  return ReadCount(value, path, &draft->node.min_items);
}

Status SchemaReader::MaxItems(Element value, const std::string& path, Draft* draft) {
  return ReadCount(value, path, &draft->node.max_items);
}

Status SchemaReader::UniqueItems(Element value, const std::string& path, Draft* draft) {
  return value.get(draft->node.unique_items) ? InvalidAt(path, "must be true or false") : Status(Ok{});
}

Status SchemaReader::Properties(Element value, const std::string& path, Draft* draft) {
  simdjson::dom::object object;
  if (value.get(object)) return InvalidAt(path, "must be an object");
  SchemaNode& node = draft->node;
  node.has_properties = true;
  std::vector<std::string_view> keys;
  for (const auto field : object) keys.push_back(field.key);
  std::sort(keys.begin(), keys.end());
  const auto twice = std::adjacent_find(keys.begin(), keys.end());
  if (twice != keys.end()) return Error{ErrorCode::kDuplicateName, "the key stands here twice", PathOf(path, *twice)};

  for (const auto field : object) {
    const std::string where = PathOf(path, field.key);
    NEEDLE_RETURN_IF_ERROR(CheckLength(field.key, where));
    if (field.value.is_bool() && !field.value.get_bool().value_unsafe()) {  // `false`: the key must be absent
      NEEDLE_RETURN_IF_ERROR(Count(where));
      node.forbidden_keys.emplace_back(field.key);
      continue;
    }
    auto property = ReadFinished(field.value, where);
    if (!property.ok()) return std::move(property.error());
    node.properties.push_back({std::string(field.key), "", std::move(*property), false});
    bool required = false;  // draft 3 writes it here
    Element draft3;
    if (field.value.is_object() && !field.value.at_key("required").get(draft3) && !draft3.get(required) && required) {
      node.required.emplace_back(field.key);
    }
  }
  return Ok{};
}

Status SchemaReader::Required(Element value, const std::string& path, Draft* draft) {
  if (value.is_bool()) return Ok{};  // draft 3: it concerns the object around, see Properties
  simdjson::dom::array list;
  if (value.get(list)) return InvalidAt(path, "must be a list of keys");
  size_t index = 0;
  for (Element element : list) {
    std::string_view key;
    const std::string where = PathOf(path, index++);
    if (element.get(key)) return InvalidAt(where, "must be a string");
    NEEDLE_RETURN_IF_ERROR(CheckLength(key, where));
    NEEDLE_RETURN_IF_ERROR(Count(where));
    draft->node.required.emplace_back(key);
  }
  return Ok{};
}

Status SchemaReader::AdditionalPropertiesKeyword(Element value, const std::string& path, Draft* draft) {
  SchemaNode& node = draft->node;
  bool allowed = false;
  simdjson::dom::object object;
  if (!value.get(allowed)) {
    node.additional_properties = allowed ? AdditionalProperties::kAllowed : AdditionalProperties::kForbidden;
  } else if (!value.get(object) && object.size() == 0) {
    node.additional_properties = AdditionalProperties::kAllowed;
  } else {
    auto additional = ReadFinished(value, path);
    if (!additional.ok()) return std::move(additional.error());
    node.additional_properties = AdditionalProperties::kSchema;
    node.additional = std::move(*additional);
  }
  return Ok{};
}

}  // namespace needle
