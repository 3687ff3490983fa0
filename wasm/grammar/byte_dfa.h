// SPDX-License-Identifier: Apache-2.0
// A deterministic automaton over the UTF-8 bytes of a string: what `pattern` and `format` compile to. Every state kept
// can still reach acceptance, so a prefix that stays alive can always be completed, and every accepted string is valid
// UTF-8. It knows nothing of tokens or of JSON.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace needle {

/// Work that may still be done, in visits of a state: some tens of nanoseconds each. Shared by the automata that are
/// made of one another.
class WorkMeter {
 public:
  static constexpr uint64_t kDefault = 80'000'000;  // two seconds, or some in a browser on a phone

  explicit WorkMeter(uint64_t left) : left_(left) {}
  /// False, from then on for ever, when there is not as much left.
  bool Spend(uint64_t work) {
    left_ = work <= left_ ? left_ - work : 0;
    return left_ > 0;
  }

 private:
  uint64_t left_;
};

class ByteDfa {
 public:
  using State = uint16_t;
  static constexpr State kDead = 0;
  static constexpr State kStart = 1;
  static constexpr size_t kMaxStates = 16384;  // with about 20 byte classes: 640 kB

  State Next(State state, uint8_t byte) const { return next_[state * num_classes_ + class_of_[byte]]; }
  bool Accepts(State state) const { return accepts_[state]; }
  size_t num_states() const { return accepts_.size(); }
  /// False when no string at all is accepted.
  bool Feasible() const { return num_states() > kStart; }
  /// True when some byte keeps the state alive.
  bool CanContinue(State state) const;
  bool Matches(std::string_view text) const;
  /// How many strings are accepted, at most `limit`.
  size_t CountStrings(size_t limit) const;

  /// lengths[state] bit n: acceptance is reachable over exactly n further code points; n from 0 to max_length.
  std::vector<std::vector<uint64_t>> ReachableLengths(uint32_t max_length) const;

  /// Every valid UTF-8 string.
  static ByteDfa AnyString();
  /// Whether the meter of this automaton has room for as much work; true without one.
  bool Affords(uint64_t work) const { return !meter_ || meter_->Spend(work); }

  /// Strings that both accept; null when the product has more than kMaxStates states, or the meter ran out.
  static std::shared_ptr<const ByteDfa> Intersect(const ByteDfa& a, const ByteDfa& b);

  /// From a raw table: next[state * 256 + byte] would be too large, so classes are given. State 0 is dead, 1 the start.
  /// Drops states that cannot reach acceptance.
  static ByteDfa Make(std::array<uint8_t, 256> class_of, int num_classes, std::vector<State> next,
                      std::vector<bool> accepts, std::shared_ptr<WorkMeter> meter = nullptr);

 private:
  std::array<uint8_t, 256> class_of_{};
  int num_classes_ = 1;
  std::vector<State> next_;     // [num_states, num_classes]
  std::vector<bool> accepts_;   // [num_states]
  std::shared_ptr<WorkMeter> meter_;
};

/// True for bytes that begin a code point; lengths count these.
inline bool BeginsCodePoint(uint8_t byte) { return (byte & 0xC0) != 0x80; }

}  // namespace needle
