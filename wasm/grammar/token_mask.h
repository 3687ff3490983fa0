// SPDX-License-Identifier: Apache-2.0
// The set of tokens that the grammar allows next. Most positions allow one token (forced: no logits needed) or a
// handful (logits of a few rows), strings allow thousands; the mask serves all three without looking at 8192 bits.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tokenizer/special_tokens.h"

namespace needle {

class TokenMask {
 public:
  static constexpr size_t kMaxListed = 512;

  void Reset(int vocab_size) {
    words_.assign((static_cast<size_t>(vocab_size) + 63) / 64, 0);
    listed_.clear();
    count_ = 0;
  }

  void Allow(TokenId token) {
    uint64_t& word = words_[static_cast<size_t>(token) / 64];
    const uint64_t bit = uint64_t{1} << (token % 64);
    if (word & bit) return;
    word |= bit;
    ++count_;
    if (listed_.size() < kMaxListed) listed_.push_back(token);
  }

  /// Everything that `other` allows; both over the same vocabulary.
  void AllowAll(const TokenMask& other) {
    if (other.count_ <= kMaxListed) {
      for (TokenId token : other.listed_) Allow(token);
      return;
    }
    count_ = 0;
    for (size_t i = 0; i < words_.size(); ++i) {
      words_[i] |= other.words_[i];
      count_ += static_cast<size_t>(__builtin_popcountll(words_[i]));
    }
  }

  bool Allows(TokenId token) const {
    return token >= 0 && static_cast<size_t>(token) / 64 < words_.size() &&
           (words_[static_cast<size_t>(token) / 64] >> (token % 64) & 1);
  }
  size_t count() const { return count_; }

  /// The forced token, when exactly one is allowed.
  std::optional<TokenId> Single() const {
    return count_ == 1 ? std::optional<TokenId>(listed_[0]) : std::nullopt;
  }

  /// All allowed tokens by ascending id, when they are at most kMaxListed; otherwise empty, see words().
  std::span<const TokenId> Listed() const {
    return count_ <= kMaxListed ? std::span<const TokenId>(listed_) : std::span<const TokenId>();
  }
  /// Bit id % 64 of word id / 64.
  std::span<const uint64_t> words() const { return words_; }

  /// All allowed tokens by ascending id, however many.
  void AppendTo(std::vector<TokenId>* out) const {
    for (size_t i = 0; i < words_.size(); ++i) {
      for (uint64_t word = words_[i]; word != 0; word &= word - 1) {
        out->push_back(static_cast<TokenId>(i * 64 + static_cast<size_t>(__builtin_ctzll(word))));
      }
    }
  }

  /// Puts the list into order; the builder calls it once.
  void Finish() {
    if (count_ <= kMaxListed) std::sort(listed_.begin(), listed_.end());
  }

 private:
  std::vector<uint64_t> words_;    // [ceil(vocab / 64)]
  std::vector<TokenId> listed_;    // complete while count_ <= kMaxListed
  size_t count_ = 0;
};

}  // namespace needle
