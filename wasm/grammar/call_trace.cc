// SPDX-License-Identifier: Apache-2.0
// Values -> JSON text, and their comparison.
#include "grammar/call_trace.h"

#include <algorithm>

namespace needle {
namespace {

void AppendJson(const Value& value, std::string* out);

void AppendObject(const Value& value, std::string* out) {
  std::vector<const Member*> members;
  for (const Member& member : value.members) {
    if (member.value.kind != Value::kMissing) members.push_back(&member);
  }
  std::stable_sort(members.begin(), members.end(), [](const Member* a, const Member* b) {
    return static_cast<unsigned>(a->property_idx) < static_cast<unsigned>(b->property_idx);  // -1 last
  });
  *out += '{';
  for (const Member* member : members) {
    if (out->back() != '{') *out += ',';
    AppendJsonString(member->key, out);
    *out += ':';
    AppendJson(member->value, out);
  }
  *out += '}';
}

void AppendJson(const Value& value, std::string* out) {
  switch (value.kind) {
    case Value::kMissing:
    case Value::kNull: *out += "null"; return;
    case Value::kBoolean: *out += value.boolean ? "true" : "false"; return;
    case Value::kNumber: *out += value.text; return;
    case Value::kString: AppendJsonString(value.text, out); return;
    case Value::kObject: AppendObject(value, out); return;
    case Value::kArray: break;
  }
  *out += '[';
  for (size_t i = 0; i < value.items.size(); ++i) {
    if (i > 0) *out += ',';
    AppendJson(value.items[i], out);
  }
  *out += ']';
}

}  // namespace

void AppendJsonString(std::string_view utf8, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  *out += '"';
  for (char c : utf8) {
    switch (c) {
      case '"': *out += "\\\""; break;
      case '\\': *out += "\\\\"; break;
      case '\n': *out += "\\n"; break;
      case '\r': *out += "\\r"; break;
      case '\t': *out += "\\t"; break;
      case '\b': *out += "\\b"; break;
      case '\f': *out += "\\f"; break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20) {
          *out += c;
        } else {
          *out += "\\u00";
          *out += kHex[c >> 4 & 15];
          *out += kHex[c & 15];
        }
    }
  }
  *out += '"';
}

std::string ToJson(const Value& value) {
  std::string out;
  AppendJson(value, &out);
  return out;
}

bool SameValue(const Value& a, const Value& b) {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case Value::kMissing:
    case Value::kNull: return true;
    case Value::kBoolean: return a.boolean == b.boolean;
    case Value::kNumber:
    case Value::kString: return a.text == b.text;
    case Value::kArray:
      return std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), SameValue);
    case Value::kObject: break;
  }
  return a.members.size() == b.members.size() &&
         std::all_of(a.members.begin(), a.members.end(), [&](const Member& member) {
           return std::any_of(b.members.begin(), b.members.end(), [&](const Member& other) {
             return other.key == member.key && SameValue(other.value, member.value);
           });
         });
}

}  // namespace needle
