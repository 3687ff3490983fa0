// SPDX-License-Identifier: Apache-2.0
// What each `format` demands of a string. A pattern describes a part of the format that every validator accepts; dates,
// times and durations stay free text here, because the network copies the phrase and normalize/ converts it later.
#pragma once

#include <string_view>

namespace needle {

struct FormatRule {
  const char* name;       // as the prompt and the normaliser know it; aliases share one
  const char* pattern;    // null: any string
  double integer_limit;   // for numbers: |value| <= limit; 0: none
};

/// Null for a format that is neither enforced nor known to assert nothing.
const FormatRule* FindFormat(std::string_view format);

/// Formats that normalize/ fills in; two different ones never hold the same value.
bool IsTemporalFormat(std::string_view format);

}  // namespace needle
