// SPDX-License-Identifier: Apache-2.0
// The vocabulary: the model file's "tokenizer" bytes as pieces with their text, and the way back from text to id.
// Layout of the bytes: u32 LE version = 1, u32 LE count, then per piece, in id order: u8 type, u8 length, the piece as
// SentencePiece spells it. Written by models/needle_models/tokenizer_bytes.py.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "tokenizer/special_tokens.h"

namespace needle {

class Vocab {
 public:
  static constexpr TokenId kNotFound = -1;

  /// Checks every length once; afterwards all accessors are safe for ids in [0, size()).
  static Result<Vocab> Parse(std::span<const uint8_t> bytes);

  int size() const { return static_cast<int>(ends_.size()); }

  /// What the token stands for: U+2581 shown as a space, a byte piece as its byte, control tokens as nothing.
  std::string_view PieceText(TokenId id) const {
    const uint32_t begin = id == 0 ? 0 : ends_[static_cast<size_t>(id) - 1];
    return std::string_view(text_).substr(begin, ends_[static_cast<size_t>(id)] - begin);
  }

  /// A longer text has more than so many tokens: none stands for more than the longest piece, and only U+2581, three
  /// bytes that are read as a space, is shorter than it looks.
  size_t MaxBytes(size_t tokens) const { return 3 * tokens * std::max<size_t>(longest_, 1); }

  /// The BPE piece (never a byte or control token) with exactly this text, or kNotFound.
  TokenId Find(std::string_view piece_text) const;

 private:
  void BuildIndex();

  std::string text_;            // all piece texts, one after another
  std::vector<uint32_t> ends_;  // [count] end of each piece's text in text_
  std::vector<TokenId> slots_;  // [power of two] open addressing on HashOf(text); kNotFound where empty
  size_t longest_ = 0;          // bytes of the longest BPE piece: anything longer need not be looked up
};

}  // namespace needle
