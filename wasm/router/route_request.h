// SPDX-License-Identifier: Apache-2.0
// What a caller asks for in one route, read from JSON:
//   {"query": text, "context"?: [earlier user turns, oldest first], "facts"?: {"date"?: ISO 8601, name: text},
//    "toolChoice"?: "auto" | "required" | "none" | {"name": tool}, "maxCalls"?: 1..8, "maxConsidered"?: 1..64,
//    "explain"?: boolean}
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "normalize/facts.h"

namespace needle {

enum class ToolChoice { kAuto, kRequired, kNone, kNamed };

struct RouteRequest {
  std::string query;
  std::vector<std::string> context;                          // at most two earlier turns
  std::vector<std::pair<std::string, std::string>> facts;    // as the network is told them, in the order given
  Facts clock;                                               // the same date as the normaliser reads it
  ToolChoice tool_choice = ToolChoice::kAuto;
  std::string tool_name;                                     // with kNamed
  int max_calls = 8;
  int max_considered = 0;                                    // 0: by the catalogue, see MaxConsidered
  bool explain = false;                                      // the result tells what was read, decided and allowed
};

/// Of `num_tools` tools at most so many are considered. Among few others the network errs less, and reads less (models/EXPERIMENTS.md);
/// in larger catalogues the right one can rank lower.
int MaxConsidered(const RouteRequest& request, size_t num_tools);

/// kInvalidJson for text that is not JSON, kInvalidArgument with the member's path otherwise.
Result<RouteRequest> ParseRouteRequest(std::string_view json);

}  // namespace needle
