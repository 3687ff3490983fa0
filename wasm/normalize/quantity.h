// SPDX-License-Identifier: Apache-2.0
// Quantities: numbers with units, as people say them ("an hour and a half", "6 feet 2 inches", "2h30"). Read here
// once, for durations, for the shifts of dates ("in two weeks") and for properties that are in a named unit.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "normalize/phrase_lexer.h"
#include "normalize/units.h"

namespace needle {

/// One term: "1 hour" of "1 hour and 20 minutes".
struct QuantityPart {
  double value = 0;
  Unit unit = Unit::kSecond;
};

struct QuantityMatch {
  std::vector<QuantityPart> parts;  // never empty; falling units of one dimension, but years and months before days
  size_t num_tokens = 0;
};

/// The longest quantity at tokens[pos]. Letters such as "m" are units only of the wanted dimension.
std::optional<QuantityMatch> MatchQuantity(const PhraseTokens& tokens, size_t pos,
                                           std::optional<Dimension> wanted = std::nullopt);

/// A phrase that is one quantity, converted: "an hour and a half" to minutes is 90, "68 °F" to Celsius 20. A bare
/// number, or one in bare degrees, is taken to be in the target unit already. Nothing where no exact conversion
/// exists.
std::optional<double> ConvertPhrase(std::string_view phrase, Unit to);

/// The quantity whose number starts at byte `ofs` of a request, converted: for the "2" of "in 2 hours, please" and
/// kMinute, 120. Nothing if no unit follows the number there, or one of another dimension.
std::optional<double> ConvertQuantityAt(std::string_view text, size_t ofs, Unit to);

}  // namespace needle
