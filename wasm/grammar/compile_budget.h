// SPDX-License-Identifier: Apache-2.0
// What compiling the schemas of one tool set may cost, all tools together: a few kilobytes of patterns or of nested
// references can ask for hours of work and gigabytes of rules. Past it, schemas are refused as too large.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "grammar/byte_dfa.h"

namespace needle {

struct CompileBudget {
  /// Schemas, enum values, required and forbidden keys that may still be read.
  size_t nodes_left = 200'000;
  /// Work on automata that may still be done; every automaton of the set draws on it.
  std::shared_ptr<WorkMeter> work = std::make_shared<WorkMeter>(WorkMeter::kDefault);
  /// By pattern: tools of one set repeat them.
  std::map<std::string, std::shared_ptr<const ByteDfa>, std::less<>> automata;
};

}  // namespace needle
