// SPDX-License-Identifier: Apache-2.0
// ParseSchema and the structural half of SchemaReader: schema objects, $ref, allOf, anyOf, oneOf. The keywords that
// only set a field are in schema_keywords.cc.
#include "grammar/json_schema.h"

#include <algorithm>

#include "grammar/regex.h"
#include "grammar/schema_merge.h"
#include "grammar/schema_reader.h"

namespace needle {
namespace {

constexpr int kMaxDepth = 32;
constexpr int kMaxNodes = 20000;  // a few kilobytes of nested $ref can expand without end

bool IsIdentifier(std::string_view key) {
  if (key.empty() || (key[0] >= '0' && key[0] <= '9')) return false;
  return std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
  });
}

/// %41 -> A, as JSON pointers in URI fragments are written.
std::string PercentDecoded(std::string_view text) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// The path of what a JSON pointer names: /$defs/a~1b -> root.$defs["a/b"].
std::string PathOfPointer(std::string path, std::string_view pointer) {
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const size_t end = std::min(pointer.find('/'), pointer.size());
    std::string token;
    for (size_t i = 0; i < end; ++i) {
      const bool escape = pointer[i] == '~' && i + 1 < end;
      token += !escape ? pointer[i] : pointer[++i] == '1' ? '/' : '~';
    }
    path = PathOf(path, token);
    pointer.remove_prefix(end);
  }
  return path;
}

Error InvalidAt(const std::string& path, const std::string& what) {
  return {ErrorCode::kInvalidSchema, what, path};
}

}  // namespace

std::string PathOf(const std::string& path, std::string_view key) {
  constexpr size_t kMaxKey = 1000;  // a path is for people, and there is one for every schema below the key
  if (key.size() > kMaxKey) {
    size_t end = kMaxKey;
    while ((key[end] & 0xC0) == 0x80) --end;
    return PathOf(path, key.substr(0, end)) + "...";
  }
  if (IsIdentifier(key)) return path + "." + std::string(key);
  std::string out = path + "[\"";
  for (char c : key) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"]";
}

std::string PathOf(const std::string& path, size_t index) { return path + "[" + std::to_string(index) + "]"; }

SchemaPtr EmptySchema() {
  SchemaNode node;
  node.types = kTypeObject;
  node.shown_type = kTypeObject;
  node.types_stated = true;
  node.has_properties = true;
  return std::make_shared<const SchemaNode>(std::move(node));
}

Result<SchemaPtr> ParseSchema(simdjson::dom::element parameters, const std::string& path, OnUnsupported mode,
                              std::vector<std::string>* warnings, CompileBudget* budget) {
  if (!parameters.is_object()) return InvalidAt(path, "parameters must be a JSON Schema object");
  CompileBudget own;
  SchemaReader reader(parameters, path, mode, warnings, budget ? budget : &own);
  auto open = reader.Read(parameters, path);
  if (!open.ok()) return std::move(open.error());
  // Parameters are an object whatever else is said: `{}` and a bare description mean a tool without arguments.
  SchemaNode object;
  object.types = object.shown_type = kTypeObject;
  object.types_stated = true;
  auto merged = MergeSchemas(*open, object);
  if (!merged.ok()) return InvalidAt(path, "parameters must describe an object");
  return FinishSchema(std::move(*merged), path);
}

Status SchemaReader::Unsupported(const std::string& path, const std::string& what) {
  if (mode_ == OnUnsupported::kWarn) {
    if (std::find(warnings_->begin(), warnings_->end(), path) == warnings_->end()) warnings_->push_back(path);
    return Ok{};
  }
  return Error{ErrorCode::kUnsupportedSchema, what, path};
}

Result<SchemaPtr> SchemaReader::ReadFinished(Element schema, const std::string& path) {
  auto open = Read(schema, path);
  if (!open.ok()) return std::move(open.error());
  return FinishSchema(std::move(*open), path);
}

Result<SchemaNode> SchemaReader::Read(Element schema, const std::string& path) {
  if (schema.is_bool()) {
    if (schema.get_bool().value_unsafe()) return SchemaNode{};
    return InvalidAt(path, "the schema `false` allows no value");
  }
  simdjson::dom::object object;
  if (schema.get(object)) return InvalidAt(path, "a schema must be an object");
  if (depth_ >= kMaxDepth) return Error{ErrorCode::kUnsupportedSchema, "nested too deeply", path};
  NEEDLE_RETURN_IF_ERROR(Count(path));
  ++depth_;
  Draft draft;
  const Status read = ReadKeywords(object, path, &draft);
  --depth_;
  if (!read.ok()) return read.error();
  return Assemble(std::move(draft), path);
}

Status SchemaReader::Count(const std::string& path) {
  if (budget_.nodes_left == 0) return Error{ErrorCode::kUnsupportedSchema, "the schemas of the set are too large together", path};
  if (++num_nodes_ > kMaxNodes) return Error{ErrorCode::kUnsupportedSchema, "the schema is too large", path};
  --budget_.nodes_left;
  return Ok{};
}

Status SchemaReader::SpendOnMerge(const SchemaNode& a, const SchemaNode& b, const std::string& path) {
  const auto members = [](const SchemaNode& node) {
    return 1 + node.properties.size() + node.enum_values.size() + node.required.size() + node.alternatives.size();
  };
  if (budget_.work->Spend(8 * (members(a) + members(b)))) return Ok{};
  return Error{ErrorCode::kUnsupportedSchema, "the schemas of the set are too large together", path};
}

/// By the pattern: formats and patterns recur.
Result<std::shared_ptr<const ByteDfa>> SchemaReader::Automaton(std::string_view pattern) {
  const auto known = budget_.automata.find(pattern);
  if (known != budget_.automata.end()) return known->second;
  auto dfa = CompileRegex(pattern, budget_.work);
  if (dfa.ok()) budget_.automata.emplace(pattern, *dfa);
  return dfa;
}

Status SchemaReader::ReadKeywords(simdjson::dom::object schema, const std::string& path, Draft* draft) {
  for (const auto field : schema) {
    bool known = false;
    const Handler handler = FindKeyword(field.key, &known);
    const std::string where = PathOf(path, field.key);
    if (!known) {
      NEEDLE_RETURN_IF_ERROR(Unsupported(where, "the keyword " + std::string(field.key) + " is not supported"));
    } else if (handler && (!field.value.is_null() || handler == &SchemaReader::Const)) {  // null: as if absent
      NEEDLE_RETURN_IF_ERROR((this->*handler)(field.value, where, draft));
    }
  }
  return Ok{};
}

Result<SchemaNode> SchemaReader::Assemble(Draft draft, const std::string& path) {
  SchemaNode node = std::move(draft.node);
  if (draft.exclusive_minimum) std::swap(node.exclusive_minimum, node.minimum);
  if (draft.exclusive_maximum) std::swap(node.exclusive_maximum, node.maximum);
  if (node.nullable && node.types_stated) node.types |= kTypeNull;
  for (const SchemaNode& part : draft.parts) {
    NEEDLE_RETURN_IF_ERROR(SpendOnMerge(node, part, path));
    auto merged = MergeSchemas(node, part);
    if (!merged.ok()) return Error{merged.error().code, merged.error().message, path};
    node = std::move(*merged);
  }
  for (size_t i = 0; i < draft.unions.size(); ++i) {
    SchemaNode alternatives;
    for (SchemaNode& branch : draft.unions[i]) {
      NEEDLE_RETURN_IF_ERROR(SpendOnMerge(branch, node, path));
      auto merged = MergeSchemas(branch, node);
      if (merged.ok()) {
        alternatives.alternatives.push_back(std::make_shared<const SchemaNode>(std::move(*merged)));
      } else if (merged.error().code != ErrorCode::kInvalidSchema) {
        return Error{merged.error().code, merged.error().message, path};
      }  // a branch that contradicts its surroundings allows nothing: the others remain
    }
    if (alternatives.alternatives.empty()) return InvalidAt(path, "no alternative agrees with the rest of the schema");
    alternatives.description = node.description;
    if (!draft.one_of_paths[i].empty()) {
      std::vector<SchemaNode> branches;
      for (const auto& branch : alternatives.alternatives) branches.push_back(*branch);
      NEEDLE_RETURN_IF_ERROR(CheckDisjoint(branches, draft.one_of_paths[i]));
    }
    node = std::move(alternatives);
  }
  return node;
}

/// oneOf means exactly one: an anyOf only where no value we write can satisfy two branches.
Status SchemaReader::CheckDisjoint(const std::vector<SchemaNode>& alternatives, const std::string& path) {
  std::vector<SchemaPtr> finished;
  for (const SchemaNode& alternative : alternatives) {
    auto node = FinishSchema(alternative, path);
    if (node.ok()) finished.push_back(std::move(*node));
  }
  for (size_t i = 0; i < finished.size(); ++i) {
    for (size_t j = i + 1; j < finished.size(); ++j) {
      NEEDLE_RETURN_IF_ERROR(SpendOnMerge(*finished[i], *finished[j], path));
      if (AreDisjoint(*finished[i], *finished[j])) continue;
      return Unsupported(path, "branches " + std::to_string(i) + " and " + std::to_string(j) +
                                   " of oneOf may both match; use anyOf");
    }
  }
  return Ok{};
}

Status SchemaReader::ReadList(Element list, const std::string& path, std::vector<SchemaNode>* out) {
  simdjson::dom::array array;
  if (list.get(array) || array.size() == 0) return InvalidAt(path, "must be a list of schemas");
  size_t index = 0;
  for (Element element : array) {
    auto node = Read(element, PathOf(path, index++));
    if (!node.ok()) return std::move(node.error());
    out->push_back(std::move(*node));
  }
  return Ok{};
}

Status SchemaReader::AllOf(Element value, const std::string& path, Draft* draft) {
  return ReadList(value, path, &draft->parts);
}

Status SchemaReader::AnyOf(Element value, const std::string& path, Draft* draft) {
  draft->unions.emplace_back();
  draft->one_of_paths.emplace_back();
  return ReadList(value, path, &draft->unions.back());
}

Status SchemaReader::OneOf(Element value, const std::string& path, Draft* draft) {
  draft->unions.emplace_back();
  draft->one_of_paths.push_back(path);
  return ReadList(value, path, &draft->unions.back());
}

Status SchemaReader::Ref(Element value, const std::string& path, Draft* draft) {
  std::string_view ref;
  if (value.get(ref)) return InvalidAt(path, "$ref must be a string");
  if (ref.empty() || ref[0] != '#') return Unsupported(path, "only local references (#/...) are supported");
  const std::string pointer = PercentDecoded(ref.substr(1));
  if (!pointer.empty() && pointer[0] != '/') return Unsupported(path, "references to anchors are not supported");
  // The schema being read is inside every target that is a prefix of its own place, and inside the active ones.
  if (pointer.empty() || std::find(active_refs_.begin(), active_refs_.end(), pointer) != active_refs_.end() ||
      path.starts_with(PathOfPointer(root_path_, pointer) + ".") ||
      path.starts_with(PathOfPointer(root_path_, pointer) + "[")) {
    return Unsupported(path, "recursive references are not supported");
  }
  Element target;
  if (root_.at_pointer(pointer).get(target)) return InvalidAt(path, "$ref: nothing at " + std::string(ref));
  active_refs_.push_back(pointer);
  auto node = Read(target, PathOfPointer(root_path_, pointer));
  active_refs_.pop_back();
  if (!node.ok()) return std::move(node.error());
  draft->parts.push_back(std::move(*node));
  return Ok{};
}

}  // namespace needle
