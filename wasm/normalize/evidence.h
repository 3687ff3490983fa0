// SPDX-License-Identifier: Apache-2.0
// Evidence: where in a request an argument's value stands. A value that was copied has a span; one that was inferred
// ("turn it off" -> false) has none. Offsets are bytes of UTF-8 here; ByteToUtf16 turns them into what JavaScript's
// String.slice counts. A list or an object is looked up leaf by leaf, by the caller.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace needle {

struct ByteSpan {
  size_t begin = 0;
  size_t end = 0;
  bool operator==(const ByteSpan&) const = default;
};

/// Where `value` stands in the query, at word boundaries, by the first of these that finds it:
///   1. byte for byte;
///   2. with case folded (Latin, Greek, Cyrillic), runs of spaces, "_" and "-" alike, typographic apostrophes as ';
///   3. if the value is a number as JSON writes it: a number of that value in digits ("1,250", "30%", "2.50") or
///      words ("thirty", "two and a half", "third").
/// A number is found by 3 only, digits before words, so that 3 is not found in "3.5" nor 5 in "-5". Where the value
/// stands several times, the place nearest to the hint is taken, and the first one without a hint or of two equally
/// near. Scripts that write no spaces (CJK, Thai) have no word boundaries.
std::optional<ByteSpan> FindEvidence(std::string_view query, std::string_view value,
                                     std::optional<ByteSpan> hint = std::nullopt);

/// The number of UTF-16 code units before byte `ofs`; an offset inside a character counts as the character's start.
/// Bytes that are not UTF-8 count one unit each, as a decoder would replace them.
size_t ByteToUtf16(std::string_view text, size_t ofs);

}  // namespace needle
