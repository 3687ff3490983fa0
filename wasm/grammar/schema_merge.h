// SPDX-License-Identifier: Apache-2.0
// Algebra on SchemaNodes: intersection (allOf, $ref with siblings, what stands beside anyOf), closing an open node, and
// the test that oneOf needs. Errors carry no path where the caller knows it better.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "grammar/schema_node.h"

namespace needle {

/// What satisfies both. Where both describe, `a` wins. kInvalidSchema when nothing can.
Result<SchemaNode> MergeSchemas(const SchemaNode& a, const SchemaNode& b);

/// Closes a node: infers types, drops enum values that the rest refuses, adds required keys that are not listed, names
/// the keys, and refuses what contradicts itself.
Result<SchemaPtr> FinishSchema(SchemaNode node, const std::string& path);

/// Intersects node->dfa with one more automaton; false when the product is too large.
bool RestrictText(std::shared_ptr<const ByteDfa> dfa, SchemaNode* node);

/// True when no value that the grammar writes for one can satisfy the other; false when in doubt.
bool AreDisjoint(const SchemaNode& a, const SchemaNode& b);

/// Does the scalar satisfy the node's assertions?
bool ScalarFits(const Scalar& scalar, const SchemaNode& node);

}  // namespace needle
