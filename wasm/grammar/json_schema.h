// SPDX-License-Identifier: Apache-2.0
// JSON Schema text (as a simdjson element) -> SchemaNode tree. Every keyword is one of three kinds: enforced,
// annotation (read past), or unsupported: an error with its path, or in kWarn mode a path added to the warnings while
// the rest is enforced. Nothing is ignored silently.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "grammar/compile_budget.h"
#include "grammar/schema_node.h"
#include "simdjson.h"

namespace needle {

enum class OnUnsupported : uint8_t { kError, kWarn };

/// The schema of a tool's parameters. `path` is where it stands, e.g. `tools[2].parameters`; it prefixes every path in
/// errors and warnings. The result allows objects only. Draws on the budget; without one, on a budget of its own.
Result<SchemaPtr> ParseSchema(simdjson::dom::element parameters, const std::string& path, OnUnsupported mode,
                              std::vector<std::string>* warnings, CompileBudget* budget = nullptr);

/// The schema of a tool that has none: an object without keys.
SchemaPtr EmptySchema();

/// `path.key`, or `path["the key"]` where the key is not an identifier.
std::string PathOf(const std::string& path, std::string_view key);
std::string PathOf(const std::string& path, size_t index);

}  // namespace needle
