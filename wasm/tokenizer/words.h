// SPDX-License-Identifier: Apache-2.0
// Names as words: what the network is shown for a tool's or key's name, so that `getWeather`, `get_weather` and
// `weather.get` read alike. The exact name is kept beside it by the caller; this direction loses it on purpose.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace needle {

/// NFC; whatever is neither letter (L*) nor digit (N*) separates; split lower|Upper and Upper|Upper-lower, never
/// letter|digit; lower-cased code point by code point; words joined by one space. Empty for a name without letters and
/// digits: the caller then shows the exact text. Mirrors name_as_words in models/needle_models/call_language.py.
std::string NameAsWords(std::string_view utf8);

/// What the network sees for each of the names that stand side by side (the tools of a set, the keys of an object): its
/// words, or its exact text where the words are empty or shared with another name. Distinct names stay distinct.
std::vector<std::string> DisplayNames(std::span<const std::string> names);

}  // namespace needle
