// SPDX-License-Identifier: Apache-2.0
// Numbers, character by character: -?digits(.digits)? within bounds and multiples, no leading zeros, no exponent. A
// state is alive only while some completion is legal, so the mask can never lead into a number that has no end.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "grammar/schema_node.h"

namespace needle {

/// Values in units of 10^-kPlaces: exact where doubles are not.
using ScaledNumber = __int128;

class NumberRule {
 public:
  static constexpr int kPlaces = 10;            // digits after the point at most
  static constexpr int kSignificantDigits = 15; // of numbers with a fraction: text -> double -> text is exact up to here

  /// The state of one number so far; a value type of 24 bytes.
  struct State {
    uint64_t digits = 0;        // all digits so far, without the point
    uint8_t num_integer = 0;    // digits before the point
    uint8_t num_fraction = 0;
    bool negative = false;
    bool point = false;
    bool minus_allowed = true;
    bool operator==(const State&) const = default;
  };

  /// `types` says whether fractions are allowed. kInvalidSchema when no number fits.
  static Result<NumberRule> Make(const SchemaNode& node, bool integer);

  /// False when the character leads nowhere; `used` are values that may not come again (uniqueItems).
  bool Step(State* state, char c, const std::vector<ScaledNumber>& used) const;
  bool Complete(const State& state, const std::vector<ScaledNumber>& used) const;
  /// Some number begins like this.
  bool Alive(const State& state, const std::vector<ScaledNumber>& used) const;
  bool Startable(const std::vector<ScaledNumber>& used) const { return Alive(State{}, used); }

  static ScaledNumber Value(const State& state);
  /// The value of a text that a rule has accepted.
  static ScaledNumber Parse(std::string_view text);
  /// The value of a number that stands in a schema; false when it has more than kPlaces places or is too large.
  static bool Scale(double value, ScaledNumber* out);
  bool Contains(double value) const;

  /// How many numbers there are, at most.
  ScaledNumber Count() const;

  ScaledNumber low() const { return low_; }
  ScaledNumber high() const { return high_; }

 private:
  bool AnyIn(ScaledNumber from, ScaledNumber to, int fraction_digits, bool negative,
             const std::vector<ScaledNumber>& used) const;
  int MaxFraction(int num_integer) const;

  ScaledNumber low_ = 0, high_ = 0;   // inclusive
  ScaledNumber multiple_ = 1;
  int max_fraction_ = 0;              // 0: integers
};

}  // namespace needle
