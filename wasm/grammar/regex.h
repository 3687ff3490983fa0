// SPDX-License-Identifier: Apache-2.0
// The regular subset of ECMA-262 patterns, compiled to a ByteDfa. As in JSON Schema a pattern matches anywhere in the
// string unless ^ and $ say otherwise. What is not regular (look-around, back-references, word boundaries) or would
// need Unicode tables in a negation is refused, never approximated upwards: every string accepted here matches.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "grammar/byte_dfa.h"

namespace needle {

/// Sorted, disjoint, inclusive ranges of code points.
using CodePointRanges = std::vector<std::pair<uint32_t, uint32_t>>;

struct RegexNode {
  enum Kind : uint8_t { kEmpty, kClass, kSequence, kAlternation, kRepeat, kBegin, kEnd };
  static constexpr int kUnbounded = -1;

  Kind kind = kEmpty;
  CodePointRanges ranges{};          // kClass
  std::vector<RegexNode> children{}; // kSequence, kAlternation; one for kRepeat
  int min = 0, max = 0;              // kRepeat
};

/// Errors: kInvalidSchema for a pattern that is not one, kUnsupportedSchema for one that is not regular. No path.
Result<RegexNode> ParseRegex(std::string_view pattern);

/// Adds kUnsupportedSchema for automata over ByteDfa::kMaxStates, or of more work than the meter has left, and
/// kInvalidSchema for patterns that match nothing. The automaton and those made of it draw on the meter as well.
Result<std::shared_ptr<const ByteDfa>> CompileRegex(std::string_view pattern, std::shared_ptr<WorkMeter> meter = nullptr);

}  // namespace needle
