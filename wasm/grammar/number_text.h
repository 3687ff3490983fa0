// SPDX-License-Identifier: Apache-2.0
// Numbers as the call language and the result write them: plain decimals, no exponent. Own code, so that every build
// prints the same bytes. Schemas hold doubles; what the grammar computes with are their exact decimals.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace needle {

/// Integers beyond this are not carried exactly by JSON's doubles.
constexpr double kMaxExactInteger = 9007199254740992.0;  // 2^53

/// digits * 10^-scale
struct Decimal {
  int64_t digits = 0;
  int scale = 0;
};

/// The shortest decimal that reads back as the value, when it has at most 2^53 as digits and 22 places after the
/// point: everything people write in schemas. nullopt for the rest (1e300, 0.1 + 0.2).
std::optional<Decimal> ExactDecimal(double value);

/// `30`, `-0.25`; values without an ExactDecimal fall back to 17 significant digits.
std::string FormatNumber(double value);

/// The canonical form of a text that matches -?digits(.digits)?: `12.50` -> `12.5`, `3.0` -> `3`, `-0` -> `0`.
std::string CanonicalNumber(std::string_view text);

}  // namespace needle
