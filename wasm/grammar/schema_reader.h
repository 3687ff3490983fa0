// SPDX-License-Identifier: Apache-2.0
// The reader behind ParseSchema. It works in two steps: Read turns one schema object into an *open* node (keywords as
// they stand, $ref and allOf merged, alternatives distributed), and FinishSchema (schema_merge.h) closes it once
// nothing more can be merged in: types inferred, contradictions found.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "grammar/json_schema.h"

namespace needle {

class SchemaReader {
 public:
  SchemaReader(simdjson::dom::element root, std::string root_path, OnUnsupported mode,
               std::vector<std::string>* warnings, CompileBudget* budget)
      : root_(root), root_path_(std::move(root_path)), mode_(mode), warnings_(warnings), budget_(*budget) {}

  /// An open node.
  Result<SchemaNode> Read(simdjson::dom::element schema, const std::string& path);
  /// A finished node, as properties and items need it.
  Result<SchemaPtr> ReadFinished(simdjson::dom::element schema, const std::string& path);

 private:
  /// One schema object while its keywords are read.
  struct Draft {
    SchemaNode node;
    bool exclusive_minimum = false, exclusive_maximum = false;  // draft 4: booleans that qualify the bound
    std::vector<SchemaNode> parts;                              // of $ref and allOf, to be merged in
    std::vector<std::vector<SchemaNode>> unions;                // of anyOf and oneOf
    std::vector<std::string> one_of_paths;                      // "" for anyOf; as long as `unions`
  };
  using Element = simdjson::dom::element;
  using Handler = Status (SchemaReader::*)(Element, const std::string& path, Draft*);
  struct Keyword {
    std::string_view name;
    Handler handler;  // null: an annotation
  };
  static Handler FindKeyword(std::string_view name, bool* known);

  Status Type(Element, const std::string& path, Draft*);
  Status Nullable(Element, const std::string& path, Draft*);
  Status Description(Element, const std::string& path, Draft*);
  Status Enum(Element, const std::string& path, Draft*);
  Status Const(Element, const std::string& path, Draft*);
  Status Minimum(Element, const std::string& path, Draft*);
  Status Maximum(Element, const std::string& path, Draft*);
  Status ExclusiveMinimum(Element, const std::string& path, Draft*);
  Status ExclusiveMaximum(Element, const std::string& path, Draft*);
  Status MultipleOf(Element, const std::string& path, Draft*);
  Status MinLength(Element, const std::string& path, Draft*);
  Status MaxLength(Element, const std::string& path, Draft*);
  Status Pattern(Element, const std::string& path, Draft*);
  Status Format(Element, const std::string& path, Draft*);
  Status Items(Element, const std::string& path, Draft*);
  Status MinItems(Element, const std::string& path, Draft*);
  Status MaxItems(Element, const std::string& path, Draft*);
  Status UniqueItems(Element, const std::string& path, Draft*);
  Status Properties(Element, const std::string& path, Draft*);
  Status Required(Element, const std::string& path, Draft*);
  Status AdditionalPropertiesKeyword(Element, const std::string& path, Draft*);
  Status AllOf(Element, const std::string& path, Draft*);
  Status AnyOf(Element, const std::string& path, Draft*);
  Status OneOf(Element, const std::string& path, Draft*);
  Status Ref(Element, const std::string& path, Draft*);

  /// One more schema, enum value or key: refused when there are too many.
  Status Count(const std::string& path);
  /// Refused when merging nodes of so many members would take too long.
  Status SpendOnMerge(const SchemaNode& a, const SchemaNode& b, const std::string& path);
  Result<std::shared_ptr<const ByteDfa>> Automaton(std::string_view pattern);
  Status ReadKeywords(simdjson::dom::object schema, const std::string& path, Draft*);
  Status ReadList(Element, const std::string& path, std::vector<SchemaNode>* out);
  Status Restrict(std::vector<Scalar> values, const std::string& path, Draft*);
  Status AddScalar(Element, const std::string& path, Draft*);
  Result<SchemaNode> Assemble(Draft draft, const std::string& path);
  Status CheckDisjoint(const std::vector<SchemaNode>& alternatives, const std::string& path);
  /// An error, or in warn mode one more warning.
  Status Unsupported(const std::string& path, const std::string& what);

  const Element root_;
  const std::string root_path_;
  const OnUnsupported mode_;
  std::vector<std::string>* const warnings_;
  CompileBudget& budget_;
  std::vector<std::string> active_refs_;  // a $ref to one of these is recursion
  int depth_ = 0;
  int num_nodes_ = 0;
};

}  // namespace needle
