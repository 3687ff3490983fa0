// SPDX-License-Identifier: Apache-2.0
// A JSON Schema as the engine understands it: an immutable tree in which $ref is resolved, allOf is merged, types
// are inferred and everything left is enforced. ParseSchema (json_schema.h) makes it; CompileTool turns it into
// grammar rules; the prompt reads descriptions and shapes from it. It knows nothing of tokens.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "grammar/byte_dfa.h"

namespace needle {

/// One bit each; a node may allow several. kTypeNumber includes the integers.
enum SchemaType : uint8_t {
  kTypeString = 1,
  kTypeInteger = 2,
  kTypeNumber = 4,
  kTypeBoolean = 8,
  kTypeNull = 16,
  kTypeArray = 32,
  kTypeObject = 64,
  kAnyScalar = kTypeString | kTypeNumber | kTypeBoolean | kTypeNull,
};

/// A value of enum or const.
struct Scalar {
  enum Kind : uint8_t { kNull, kBoolean, kNumber, kString };
  Kind kind = kNull;
  bool boolean = false;
  double number = 0;
  std::string string;

  bool operator==(const Scalar&) const = default;
};

/// Equal scalars are next to each other; nothing else is meant.
struct ScalarLess {
  bool operator()(const Scalar& a, const Scalar& b) const {
    return std::tie(a.kind, a.boolean, a.number, a.string) < std::tie(b.kind, b.boolean, b.number, b.string);
  }
};

/// The scalar as the call language writes it: `true`, `null`, `0.5`, the string itself.
std::string ScalarText(const Scalar& scalar);

struct SchemaNode;
using SchemaPtr = std::shared_ptr<const SchemaNode>;

struct SchemaProperty {
  std::string key;
  std::string shown;  // what the network reads and writes for the key: its words, or its exact text (display_names)
  SchemaPtr node;
  bool required = false;
};

/// What may stand beside the listed properties of an object.
enum class AdditionalProperties : uint8_t {
  kUnstated,   // with properties: none is written; without any: free keys with scalar values
  kAllowed,     // stated: as kUnstated, but free keys even at the root of a tool
  kForbidden,
  kSchema,     // free keys whose values follow SchemaNode::additional
};

struct SchemaNode {
  static constexpr uint32_t kUnbounded = std::numeric_limits<uint32_t>::max();

  uint8_t types = 0;              // set of SchemaType
  SchemaType shown_type = kTypeString;  // the first that is not null, in the schema's order
  bool types_stated = false;      // false: inferred, which gives way when schemas are merged
  bool nullable = false;          // the keyword, kept for merging; `types` has the bit
  std::string description;

  // anyOf and oneOf: complete alternatives, each already merged with what stands beside the keyword. When there are
  // any, everything below is empty.
  std::vector<SchemaPtr> alternatives;

  bool has_enum = false;          // enum or const
  std::vector<Scalar> enum_values;  // as listed, but for values that the rest of the node refuses

  std::optional<double> minimum, exclusive_minimum, maximum, exclusive_maximum;
  std::vector<double> multiples_of;
  double integer_limit = 0;       // of format int32: |value| <= limit; 0: none

  uint32_t min_length = 0, max_length = kUnbounded;  // code points
  std::string format;
  std::vector<std::string> patterns;                 // for messages; `dfa` is what holds
  std::shared_ptr<const ByteDfa> dfa;                // patterns and formats intersected; null: every string

  SchemaPtr items;                // null: items are unrestricted scalars
  uint32_t min_items = 0, max_items = kUnbounded;
  bool unique_items = false;

  bool has_properties = false;    // the keyword is there, perhaps empty
  std::vector<SchemaProperty> properties;            // in the schema's own order
  AdditionalProperties additional_properties = AdditionalProperties::kUnstated;
  SchemaPtr additional;
  std::vector<std::string> forbidden_keys;           // properties whose schema is `false`
  std::vector<std::string> required;                 // as listed; each is among `properties` in a finished node

  /// The node the prompt describes: the first alternative that is not just null, itself when there are none.
  const SchemaNode& Shown() const {
    for (const SchemaPtr& node : alternatives) {
      if (node->types != kTypeNull) return node->Shown();
    }
    return alternatives.empty() ? *this : alternatives.front()->Shown();
  }
};

/// Indices into node.properties in canonical order: required first, then by the bytes of the key. The answer must not
/// depend on the order in which a schema happens to list its keys.
std::vector<int> CanonicalOrder(const SchemaNode& node);

}  // namespace needle
