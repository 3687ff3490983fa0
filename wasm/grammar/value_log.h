// SPDX-License-Identifier: Apache-2.0
// What a matcher thread has read, as a chain of events that forked threads share. Values are built from it only when
// somebody needs them: when an argument is finished, and where uniqueItems or free keys ask what came before.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "grammar/call_trace.h"
#include "grammar/compiled_tool.h"

namespace needle {

class ValueLog {
 public:
  enum Kind : uint8_t { kLeaf, kMissing, kOpen, kClose, kKey, kFreeKey };
  struct Event {
    Kind kind = kLeaf;
    const ValueRule* rule = nullptr;  // kLeaf, kOpen
    int index = 0;                    // kLeaf of scalars: which; kKey: position in ObjectRule::keys
    uint32_t begin = 0, end = 0;      // tokens; kClose: end, of the whole value
    int parent = -1;                  // the event before, -1: none
  };

  int Append(Event event) {
    events_.push_back(event);
    return static_cast<int>(events_.size()) - 1;
  }
  size_t size() const { return events_.size(); }
  /// Forgets events after `size`: those of a step that was only tried.
  void Truncate(size_t size) { events_.resize(size); }
  void Clear() { events_.clear(); }

  /// The value whose first event is `first` (an index into the chain that ends at `last`); open arrays and objects end
  /// with what is there. `tokens` is everything emitted.
  Value Build(int first, int last, std::span<const TokenId> tokens, const Tokenizer& tokenizer) const;

 private:
  struct Reader;
  std::vector<Event> events_;
};

}  // namespace needle
