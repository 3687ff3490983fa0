// SPDX-License-Identifier: Apache-2.0
// Interval arithmetic of NumberRule. A prefix with integer digits p stands for the values p, p*10 .. p*10+9, ...: for
// each count of further digits one interval, which holds a legal number iff a multiple of `multiple_` lies in it and
// within the bounds.
#include "grammar/number_rules.h"

#include <algorithm>
#include <cmath>

#include "grammar/number_text.h"

namespace needle {
namespace {

constexpr ScaledNumber Pow10(int n) {
  ScaledNumber power = 1;
  for (; n > 0; --n) power *= 10;
  return power;
}

constexpr ScaledNumber kUnit = Pow10(NumberRule::kPlaces);
constexpr ScaledNumber kLimit = ScaledNumber{1} << 53;
constexpr int kMaxIntegerDigits = 16;  // of 2^53

ScaledNumber FloorDiv(ScaledNumber a, ScaledNumber b) {
  const ScaledNumber q = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}
ScaledNumber CeilDiv(ScaledNumber a, ScaledNumber b) { return -FloorDiv(-a, b); }

ScaledNumber Gcd(ScaledNumber a, ScaledNumber b) {
  while (b != 0) std::swap(a %= b, b);
  return a;
}

/// A bound in units of 10^-kPlaces, rounded inwards where it has more places: what we write must satisfy it.
ScaledNumber ScaleBound(double bound, bool lower) {
  if (bound >= kMaxExactInteger) return kLimit * kUnit + (lower && bound > kMaxExactInteger);  // above all we write: nothing is left
  if (bound <= -kMaxExactInteger) return -kLimit * kUnit - (!lower && bound < -kMaxExactInteger);
  ScaledNumber exact = 0;
  if (NumberRule::Scale(bound, &exact)) return exact;
  const double whole = std::floor(bound);
  const auto rest = static_cast<ScaledNumber>((bound - whole) * static_cast<double>(kUnit));
  return static_cast<ScaledNumber>(whole) * kUnit + rest + (lower ? 2 : -1);
}

}  // namespace

bool NumberRule::Scale(double value, ScaledNumber* out) {
  const auto decimal = ExactDecimal(value);
  if (!decimal || decimal->scale > kPlaces) return false;
  *out = decimal->digits * Pow10(kPlaces - decimal->scale);
  return true;
}

Result<NumberRule> NumberRule::Make(const SchemaNode& node, bool integer) {
  NumberRule rule;
  rule.low_ = -kLimit * kUnit;
  rule.high_ = kLimit * kUnit;
  if (node.minimum) rule.low_ = std::max(rule.low_, ScaleBound(*node.minimum, true));
  if (node.exclusive_minimum) rule.low_ = std::max(rule.low_, ScaleBound(*node.exclusive_minimum, true) + 1);
  if (node.maximum) rule.high_ = std::min(rule.high_, ScaleBound(*node.maximum, false));
  if (node.exclusive_maximum) rule.high_ = std::min(rule.high_, ScaleBound(*node.exclusive_maximum, false) - 1);

  if (node.integer_limit > 0) {
    rule.low_ = std::max(rule.low_, ScaleBound(-node.integer_limit, true));
    rule.high_ = std::min(rule.high_, ScaleBound(node.integer_limit, false));
  }

  rule.multiple_ = integer ? kUnit : 1;
  for (double multiple : node.multiples_of) {
    ScaledNumber scaled = 0;
    if (!Scale(multiple, &scaled) || scaled <= 0) {
      return Error{ErrorCode::kUnsupportedSchema, "multipleOf: more than 10 places after the point, or too large", ""};
    }
    const ScaledNumber factor = scaled / Gcd(rule.multiple_, scaled);
    if (factor > kLimit * kUnit * 2 / rule.multiple_) {
      rule.multiple_ = kLimit * kUnit * 2;  // beyond the range: only 0 is left
    } else {
      rule.multiple_ *= factor;
    }
  }
  // Digits after the point that multiples can need.
  while (rule.max_fraction_ < kPlaces && rule.multiple_ % Pow10(kPlaces - rule.max_fraction_) != 0) ++rule.max_fraction_;
  if (!rule.Startable({})) return Error{ErrorCode::kInvalidSchema, "no number satisfies the bounds", ""};
  return rule;
}

ScaledNumber NumberRule::Count() const { return FloorDiv(high_, multiple_) - CeilDiv(low_, multiple_) + 1; }

int NumberRule::MaxFraction(int num_integer) const {
  return std::clamp(kSignificantDigits - num_integer, 0, max_fraction_);
}

ScaledNumber NumberRule::Value(const State& state) {
  const ScaledNumber value = ScaledNumber{state.digits} * Pow10(kPlaces - state.num_fraction);
  return state.negative ? -value : value;
}

ScaledNumber NumberRule::Parse(std::string_view text) {
  State state;
  for (char c : text) {
    if (c == '-') {
      state.negative = true;
    } else if (c == '.') {
      state.point = true;
    } else {
      state.num_fraction = static_cast<uint8_t>(state.num_fraction + state.point);
      state.digits = state.digits * 10 + static_cast<uint64_t>(c - '0');
    }
  }
  return Value(state);
}

bool NumberRule::Contains(double value) const {
  ScaledNumber scaled = 0;
  return Scale(value, &scaled) && scaled >= low_ && scaled <= high_ && scaled % multiple_ == 0;
}

bool NumberRule::AnyIn(ScaledNumber from, ScaledNumber to, int fraction_digits, bool negative,
                       const std::vector<ScaledNumber>& used) const {
  if (negative) {
    std::swap(from, to);
    from = std::min(-from, ScaledNumber{0}), to = std::min<ScaledNumber>(-to, -1);  // -0 is not written
  }
  from = std::max(from, low_), to = std::min(to, high_);
  if (from > to) return false;
  const ScaledNumber grain = Pow10(kPlaces - fraction_digits);
  const ScaledNumber step = multiple_ / Gcd(multiple_, grain) * grain;
  const ScaledNumber count = FloorDiv(to, step) - CeilDiv(from, step) + 1;
  if (count <= 0) return false;
  const auto taken = std::count_if(used.begin(), used.end(),
                                   [&](ScaledNumber v) { return v >= from && v <= to && v % step == 0; });
  return count > taken;
}

bool NumberRule::Alive(const State& state, const std::vector<ScaledNumber>& used) const {
  if (state.num_integer == 0) {
    if (!state.negative && state.minus_allowed) {
      State negative = state;
      negative.negative = true;
      if (Alive(negative, used)) return true;
    }
    for (char c = '0'; c <= '9'; ++c) {
      State next = state;
      if (Step(&next, c, used)) return true;
    }
    return false;
  }
  const ScaledNumber p = state.digits;
  if (state.point) {
    const ScaledNumber grain = Pow10(kPlaces - state.num_fraction);
    return AnyIn(p * grain, (p + 1) * grain - 1, MaxFraction(state.num_integer), state.negative, used);
  }
  const int more_digits = p == 0 ? 0 : kMaxIntegerDigits - state.num_integer;
  ScaledNumber first = p, last = p;
  for (int j = 0; j <= more_digits; ++j, first *= 10, last = last * 10 + 9) {
    const int fraction = MaxFraction(state.num_integer + j);
    if (AnyIn(first * kUnit, last * kUnit + (fraction > 0 ? kUnit - 1 : 0), fraction, state.negative, used)) return true;
  }
  return false;
}

bool NumberRule::Step(State* state, char c, const std::vector<ScaledNumber>& used) const {
  if (c == '-') {
    if (state->negative || state->num_integer > 0 || !state->minus_allowed) return false;
    state->negative = true;
  } else if (c == '.') {
    if (state->point || state->num_integer == 0 || MaxFraction(state->num_integer) == 0) return false;
    state->point = true;
  } else if (c >= '0' && c <= '9') {
    if (state->point) {
      if (state->num_fraction >= MaxFraction(state->num_integer)) return false;
      ++state->num_fraction;
    } else {
      if (state->num_integer > 0 && state->digits == 0) return false;  // a leading zero
      if (state->num_integer >= kMaxIntegerDigits) return false;
      ++state->num_integer;
    }
    state->digits = state->digits * 10 + static_cast<uint64_t>(c - '0');
  } else {
    return false;
  }
  return Alive(*state, used);
}

bool NumberRule::Complete(const State& state, const std::vector<ScaledNumber>& used) const {
  if (state.num_integer == 0 || (state.point && state.num_fraction == 0)) return false;
  const ScaledNumber value = Value(state);
  return value >= low_ && value <= high_ && value % multiple_ == 0 && !(state.negative && value == 0) &&
         std::find(used.begin(), used.end(), value) == used.end();
}

}  // namespace needle
