// SPDX-License-Identifier: Apache-2.0
// Shortest decimals by trial: for scale 0, 1, ... the nearest integer to value * 10^scale, divided back. Up to 2^53
// and 10^22 both operands are exact, so the division rounds as a correct parser would.
#include "grammar/number_text.h"

#include <cmath>
#include <cstdio>

namespace needle {

std::optional<Decimal> ExactDecimal(double value) {
  double power = 1;
  for (int scale = 0; scale <= 22; ++scale, power *= 10) {
    const double digits = std::nearbyint(value * power);
    if (!(std::fabs(digits) <= kMaxExactInteger)) return std::nullopt;
    if (digits / power == value) return Decimal{static_cast<int64_t>(digits), scale};
  }
  return std::nullopt;
}

std::string FormatNumber(double value) {
  const auto decimal = ExactDecimal(value);
  if (!decimal) {
    char buffer[40];
    std::snprintf(buffer, sizeof buffer, "%.17g", value);
    return buffer;
  }
  const bool negative = decimal->digits < 0;
  std::string text = std::to_string(negative ? -decimal->digits : decimal->digits);
  const size_t scale = static_cast<size_t>(decimal->scale);
  if (scale > 0) {
    if (text.size() <= scale) text.insert(0, scale + 1 - text.size(), '0');
    text.insert(text.size() - scale, ".");
  }
  if (negative) text.insert(0, 1, '-');
  return text;
}

std::string CanonicalNumber(std::string_view text) {
  if (text.find('.') != std::string_view::npos) {
    while (text.back() == '0') text.remove_suffix(1);
    if (text.back() == '.') text.remove_suffix(1);
  }
  return std::string(text == "-0" ? "0" : text);
}

}  // namespace needle
