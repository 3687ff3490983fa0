// SPDX-License-Identifier: Apache-2.0
// SequenceSet: sorting, and narrowing a cursor.
#include "grammar/sequence_set.h"

#include <algorithm>

namespace needle {

void SequenceSet::Add(std::vector<TokenId> tokens, int index) { entries_.push_back({std::move(tokens), index}); }

int SequenceSet::Finish() {
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return a.tokens != b.tokens ? a.tokens < b.tokens : a.index < b.index;
  });
  const auto twice = std::adjacent_find(entries_.begin(), entries_.end(),
                                        [](const Entry& a, const Entry& b) { return a.tokens == b.tokens; });
  return twice == entries_.end() ? -1 : (twice + 1)->index;
}

bool SequenceSet::Advance(Cursor* cursor, TokenId token) const {
  // Entries shorter than depth + 1 sort first in [lo, hi); the rest is sorted by its token at depth.
  uint32_t lo = cursor->lo;
  while (lo < cursor->hi && (entries_[lo].tokens.size() <= cursor->depth || entries_[lo].tokens[cursor->depth] < token)) {
    ++lo;
  }
  uint32_t hi = lo;
  while (hi < cursor->hi && entries_[hi].tokens[cursor->depth] == token) ++hi;
  *cursor = {lo, hi, cursor->depth + 1};
  return lo < hi;
}

}  // namespace needle
