// SPDX-License-Identifier: Apache-2.0
// ValueLog::Build: a recursive reading of the event chain.
#include "grammar/value_log.h"

#include <algorithm>

#include "grammar/number_text.h"

namespace needle {

struct ValueLog::Reader {
  std::vector<const Event*> events;
  size_t pos = 0;
  std::span<const TokenId> tokens;
  const Tokenizer& tokenizer;

  std::string Text(const Event& event) const {
    return tokenizer.Decode(tokens.subspan(event.begin, event.end - event.begin));
  }

  Value ReadValue() {
    Value value;
    if (pos >= events.size()) return value;
    const Event& event = *events[pos++];
    value.begin = event.begin;
    value.end = event.end;
    if (event.kind == kMissing) return value;
    value.schema = event.rule->node;
    switch (event.rule->kind) {
      case ValueRule::kScalars: SetScalar(event.rule->scalars[static_cast<size_t>(event.index)], &value); break;
      case ValueRule::kNumber:
        value.kind = Value::kNumber;
        value.text = CanonicalNumber(Text(event));
        break;
      case ValueRule::kText:
        value.kind = Value::kString;
        value.text = Text(event);
        break;
      case ValueRule::kArray: ReadItems(*event.rule, &value); break;
      case ValueRule::kObject: ReadMembers(*event.rule, &value); break;
    }
    return value;
  }

  static void SetScalar(const Scalar& scalar, Value* value) {
    static constexpr Value::Kind kKinds[] = {Value::kNull, Value::kBoolean, Value::kNumber, Value::kString};
    value->kind = kKinds[scalar.kind];
    value->boolean = scalar.boolean;
    if (scalar.kind == Scalar::kString || scalar.kind == Scalar::kNumber) value->text = ScalarText(scalar);
  }

  /// True, and the closing event is read, at the end of an array or object.
  bool AtClose(Value* value) {
    if (pos < events.size() && events[pos]->kind != kClose) return false;
    if (pos < events.size()) {
      value->end = events[pos++]->end;
    } else {
      value->end = static_cast<uint32_t>(tokens.size());
    }
    return true;
  }

  void ReadItems(const ValueRule& rule, Value* value) {
    value->kind = Value::kArray;
    while (!AtClose(value)) {
      Value item = ReadValue();
      // A repeated item of a set says nothing new; the grammar forbids it where it can and it is dropped where not.
      const bool repeated = rule.node->unique_items &&
                            std::any_of(value->items.begin(), value->items.end(),
                                        [&](const Value& other) { return SameValue(other, item); });
      if (!repeated) value->items.push_back(std::move(item));
    }
  }

  void ReadMembers(const ValueRule& rule, Value* value) {
    value->kind = Value::kObject;
    while (!AtClose(value)) {
      const Event& key = *events[pos++];
      if (pos >= events.size()) continue;  // its value is being written
      Member member;
      if (key.kind == kFreeKey) {
        member.key = Text(key);
      } else {
        const ObjectRule::Key& listed = rule.object.keys[static_cast<size_t>(key.index)];
        member.property_idx = listed.property_idx;
        member.required = listed.required;
        member.key = rule.node->properties[static_cast<size_t>(listed.property_idx)].key;
      }
      member.value = ReadValue();
      value->members.push_back(std::move(member));
    }
  }
};

Value ValueLog::Build(int first, int last, std::span<const TokenId> tokens, const Tokenizer& tokenizer) const {
  Reader reader{{}, 0, tokens, tokenizer};
  for (int i = last; i >= 0; i = events_[static_cast<size_t>(i)].parent) {
    reader.events.push_back(&events_[static_cast<size_t>(i)]);
    if (i == first) break;
  }
  std::reverse(reader.events.begin(), reader.events.end());
  return reader.ReadValue();
}

}  // namespace needle
