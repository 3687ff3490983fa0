// SPDX-License-Identifier: Apache-2.0
// Errors as values. The engine is built without exceptions, so everything that can fail returns a Result<T>:
// a value, or an Error with a code (a closed set, the same strings in C++, on the wire and in TypeScript), a
// sentence for people and, where the fault lies in caller's JSON, the path to it
// (`tools[2].parameters.properties.city`).
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace needle {

enum class ErrorCode {
  kInvalidArgument,     // an option or argument of the wrong type or out of its domain
  kInvalidJson,         // text that is not JSON, or JSON of the wrong shape
  kInvalidSchema,       // a JSON Schema that contradicts itself or is malformed
  kUnsupportedSchema,   // an assertion that the grammar cannot enforce
  kDuplicateName,       // two tools, or two keys, with the same bytes
  kInvalidModel,        // a model file that fails validation
  kUnsupportedModel,    // a valid file of a version or geometry that this engine does not run
  kQueryTooLong,        // more query tokens than the model reads
  kToolTooLong,         // a tool whose name alone exceeds the block
  kOutOfRange,          // a number that JSON cannot carry exactly, or outside its bounds
  kTruncated,           // a value or answer that reached its token limit
  kGrammarDeadEnd,      // the grammar allows no token: refused rather than unconstrained
  kAborted,             // the caller's signal or timeout
  kOutOfMemory,
  kNotFound,            // an unknown handle, or a tool name that is not in the set
  kInternal,            // a broken invariant; always a bug
};

/// The code's wire name, e.g. "unsupported_schema".
constexpr const char* ErrorCodeName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument: return "invalid_argument";
    case ErrorCode::kInvalidJson: return "invalid_json";
    case ErrorCode::kInvalidSchema: return "invalid_schema";
    case ErrorCode::kUnsupportedSchema: return "unsupported_schema";
    case ErrorCode::kDuplicateName: return "duplicate_name";
    case ErrorCode::kInvalidModel: return "invalid_model";
    case ErrorCode::kUnsupportedModel: return "unsupported_model";
    case ErrorCode::kQueryTooLong: return "query_too_long";
    case ErrorCode::kToolTooLong: return "tool_too_long";
    case ErrorCode::kOutOfRange: return "out_of_range";
    case ErrorCode::kTruncated: return "truncated";
    case ErrorCode::kGrammarDeadEnd: return "grammar_dead_end";
    case ErrorCode::kAborted: return "aborted";
    case ErrorCode::kOutOfMemory: return "out_of_memory";
    case ErrorCode::kNotFound: return "not_found";
    case ErrorCode::kInternal: return "internal";
  }
  return "internal";
}

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::string path;  // empty when the fault has no place in caller's JSON
};

/// A value or an Error. Test with ok() before value(); both accessors are unchecked in release builds.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}       // NOLINT: implicit by design
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}   // NOLINT: implicit by design

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return *std::get_if<0>(&state_); }
  const T& value() const& { return *std::get_if<0>(&state_); }
  T&& value() && { return std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T operator*() && { return std::move(*this).value(); }  // by value: a reference into a temporary would dangle
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error() { return *std::get_if<1>(&state_); }
  const Error& error() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

struct Ok {};
/// A Result without a value: `return Ok{};` or an Error.
using Status = Result<Ok>;

}  // namespace needle

/// Leaves the enclosing function with the error of a Status (or Result) expression that failed.
#define NEEDLE_RETURN_IF_ERROR(expr)                                    \
  do {                                                                  \
    if (auto needle_status_ = (expr); !needle_status_.ok()) return std::move(needle_status_.error()); \
  } while (0)
