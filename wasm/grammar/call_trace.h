// SPDX-License-Identifier: Apache-2.0
// What has been decoded, as values: calls, arguments and the tokens that each came from, so that the router can find
// evidence, sum log-probabilities and normalise dates before it prints JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/schema_node.h"

namespace needle {

struct Member;

struct Value {
  enum Kind : uint8_t { kMissing, kNull, kBoolean, kNumber, kString, kArray, kObject };
  Kind kind = kMissing;        // kMissing: the network wrote <none> for a required key
  bool boolean = false;
  std::string text;            // kString: the value; kNumber: its canonical decimal form
  std::vector<Value> items;    // kArray
  std::vector<Member> members; // kObject, as decoded: in canonical order
  const SchemaNode* schema = nullptr;  // of the alternative that was decoded; lives as long as the compiled tool
  uint32_t begin = 0, end = 0; // its tokens in the emitted sequence: after <val> or <item>, up to what follows
};

struct Member {
  std::string key;
  int property_idx = -1;  // into the object schema's properties; -1: a free key
  bool required = false;
  Value value;
};

/// The same JSON value: numbers by value, members in any order.
bool SameValue(const Value& a, const Value& b);

struct Call {
  int tool_idx = 0;
  uint32_t name_begin = 0, name_end = 0;  // tokens of the name
  bool finished = false;                  // false: the last call, while it is being decoded; arguments so far
  Value arguments;                        // kObject
};

struct CallTrace {
  std::vector<Call> calls;
  bool is_none = false;  // <none>: no tool fits
};

/// JSON text, objects in the schema's own order (free keys last, as decoded), missing values left out.
std::string ToJson(const Value& value);

/// A JSON string literal; `utf8` must be valid UTF-8.
void AppendJsonString(std::string_view utf8, std::string* out);

}  // namespace needle
