// SPDX-License-Identifier: Apache-2.0
// Appending to JSON text. Strings must be valid UTF-8; commas are the caller's, through Comma.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "grammar/call_trace.h"  // AppendJsonString

namespace needle {

/// A comma, unless something has just been opened.
inline void Comma(std::string* out) {
  if (!out->empty() && out->back() != '{' && out->back() != '[' && out->back() != ':') *out += ',';
}

inline void AppendJsonKey(std::string_view key, std::string* out) {
  Comma(out);
  AppendJsonString(key, out);
  *out += ':';
}

inline void AppendJsonStrings(const std::vector<std::string>& texts, std::string* out) {
  *out += '[';
  for (const std::string& text : texts) {
    Comma(out);
    AppendJsonString(text, out);
  }
  *out += ']';
}

/// {"error":{"code","message","path"}}
inline std::string ErrorJson(const Error& error) {
  std::string json = "{\"error\":{";
  AppendJsonKey("code", &json);
  AppendJsonString(ErrorCodeName(error.code), &json);
  AppendJsonKey("message", &json);
  AppendJsonString(error.message, &json);
  AppendJsonKey("path", &json);
  AppendJsonString(error.path, &json);
  return json + "}}";
}

}  // namespace needle
