// SPDX-License-Identifier: Apache-2.0
// Strings, byte by byte: valid UTF-8, a length in code points, pattern and format. One leading space is not part of
// the value (the tokenizer writes it before a word). As with numbers, a living state can always be completed.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/status.h"
#include "grammar/schema_node.h"

namespace needle {

class TextRule {
 public:
  struct State {
    ByteDfa::State dfa = ByteDfa::kStart;
    bool started = false;   // the first byte, which may be the space before the value, has been read
    uint32_t length = 0;    // code points begun
    bool operator==(const State&) const = default;
  };

  /// `any` is ByteDfa::AnyString(), shared by all rules. kInvalidSchema when no string fits.
  static Result<TextRule> Make(const SchemaNode& node, std::shared_ptr<const ByteDfa> any);

  /// False when the byte leads nowhere.
  bool Step(State* state, uint8_t byte) const;
  bool Complete(const State& state) const;
  /// More bytes can follow.
  bool CanContinue(const State& state) const;

  /// Neither pattern nor length can refuse the next `code_points` code points: the mask is the one of any string.
  bool Unrestricted(const State& state, uint32_t code_points) const {
    return !restricted_ && state.length + code_points <= max_length_;
  }
  /// Neither pattern nor format: any text of the right length.
  bool IsPlain() const { return !restricted_; }
  /// Code points that must, and that may, still come.
  uint32_t MinMore(const State& state) const { return min_length_ > state.length ? min_length_ - state.length : 0; }
  uint32_t MaxMore(const State& state) const { return max_length_ - state.length; }
  /// The mask depends on the state of the automaton alone.
  bool LengthFree() const { return lengths_.empty() && max_length_ == SchemaNode::kUnbounded; }

 private:
  bool Alive(const State& state) const;

  std::shared_ptr<const ByteDfa> dfa_;
  bool restricted_ = false;        // dfa_ is not the automaton of any string
  uint32_t min_length_ = 0, max_length_ = SchemaNode::kUnbounded;
  std::vector<std::vector<uint64_t>> lengths_;  // ByteDfa::ReachableLengths, where pattern and length meet
  uint32_t horizon_ = 0;                        // the longest length in lengths_
};

}  // namespace needle
