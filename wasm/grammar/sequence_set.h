// SPDX-License-Identifier: Apache-2.0
// A set of token sequences read token by token: tool names, keys, enum values. A sorted list does what a trie does,
// with less memory: the sequences that share a prefix lie together. One sequence may be a prefix of another.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tokenizer/special_tokens.h"

namespace needle {

class SequenceSet {
 public:
  /// The sequences that begin with what was read: entries [lo, hi), depth tokens long so far.
  struct Cursor {
    uint32_t lo = 0, hi = 0, depth = 0;
    bool operator==(const Cursor&) const = default;
  };

  /// `index` is the caller's name for the sequence.
  void Add(std::vector<TokenId> tokens, int index);
  /// Sorts; returns the index of a sequence that stands here twice, or -1.
  int Finish();

  Cursor Start() const { return {0, static_cast<uint32_t>(entries_.size()), 0}; }

  /// False, and the cursor is spoilt, when no sequence goes on with the token.
  bool Advance(Cursor* cursor, TokenId token) const;

  /// Calls token(id) for every next token of a sequence whose index passes keep(index); a token may come twice.
  template <class Keep, class Token>
  void Next(const Cursor& cursor, Keep keep, Token token) const {
    for (uint32_t i = cursor.lo; i < cursor.hi; ++i) {
      const Entry& entry = entries_[i];
      if (entry.tokens.size() > cursor.depth && keep(entry.index)) token(entry.tokens[cursor.depth]);
    }
  }

  /// Calls index(i) for every sequence whose next token this is.
  template <class Index>
  void Under(const Cursor& cursor, TokenId token, Index index) const {
    for (uint32_t i = cursor.lo; i < cursor.hi; ++i) {
      const Entry& entry = entries_[i];
      if (entry.tokens.size() > cursor.depth && entry.tokens[cursor.depth] == token) index(entry.index);
    }
  }

  /// True when some sequence that passes keep(index) can still be read from here, or is complete.
  template <class Keep>
  bool Any(const Cursor& cursor, Keep keep) const {
    for (uint32_t i = cursor.lo; i < cursor.hi; ++i) {
      if (keep(entries_[i].index)) return true;
    }
    return false;
  }

  /// The index of the sequence that ends here and passes keep(index), or -1.
  template <class Keep>
  int Complete(const Cursor& cursor, Keep keep) const {
    for (uint32_t i = cursor.lo; i < cursor.hi && entries_[i].tokens.size() == cursor.depth; ++i) {
      if (keep(entries_[i].index)) return entries_[i].index;
    }
    return -1;
  }

 private:
  struct Entry {
    std::vector<TokenId> tokens;
    int index;
  };
  std::vector<Entry> entries_;  // sorted by tokens, then index
};

}  // namespace needle
