// SPDX-License-Identifier: Apache-2.0
// The few lines that every reader of a caller's JSON needs: parse a text, and say what is wrong and where.
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"

namespace needle {

inline Error BadArgument(std::string path, std::string wanted) {
  return Error{ErrorCode::kInvalidArgument, "must be " + std::move(wanted), std::move(path)};
}

/// The document; it lives as long as `parser`. `path` names the text in errors.
inline Result<simdjson::dom::element> ParseJson(std::string_view text, simdjson::dom::parser& parser, std::string path) {
  simdjson::dom::element root;
  auto error = simdjson::EMPTY;  // simdjson would do arithmetic on an empty view's null pointer
  if (!text.empty()) error = parser.parse(text.data(), text.size()).get(root);
  if (error) return Error{ErrorCode::kInvalidJson, simdjson::error_message(error), std::move(path)};
  return root;
}

}  // namespace needle
