// SPDX-License-Identifier: Apache-2.0
// Text to tokens and back, token for token what SentencePiece gives for the same model (tests/golden/tokenizer.txt).
// A façade over vocab, normalizer, bpe and token_trie; immutable after Parse, so one serves every session.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "tokenizer/special_tokens.h"
#include "tokenizer/token_trie.h"
#include "tokenizer/vocab.h"

namespace needle {

class Tokenizer {
 public:
  /// Reads the model file's "tokenizer" tensor; keeps no pointer into `bytes`.
  static Result<Tokenizer> Parse(std::span<const uint8_t> bytes);

  int vocab_size() const { return vocab_.size(); }

  /// A text of more bytes certainly has more than so many tokens: for limits that need no tokens to be counted.
  size_t MaxBytes(size_t tokens) const { return vocab_.MaxBytes(tokens); }

  /// Tokens of one segment, dummy prefix included. Empty text has none. Never a control token.
  std::vector<TokenId> Encode(std::string_view text) const;

  /// The same, and the byte offset in `text` at which each token starts: a token of the dummy prefix alone starts at 0,
  /// and so does the first token of the text; the byte tokens of a character start at its bytes.
  void EncodeWithOffsets(std::string_view text, std::vector<TokenId>* ids, std::vector<uint32_t>* begins) const;

  /// A token's text: U+2581 as a space, a byte piece as its byte, control tokens as nothing. Valid as long as *this.
  std::string_view PieceText(TokenId id) const { return vocab_.PieceText(id); }

  /// Texts joined, ONE leading space stripped. May be malformed UTF-8 if the tokens are.
  std::string Decode(std::span<const TokenId> ids) const;

  /// Every BPE and byte piece by its bytes.
  const TokenTrie& trie() const { return trie_; }

 private:
  explicit Tokenizer(Vocab vocab) : vocab_(std::move(vocab)), trie_(vocab_) {}

  Vocab vocab_;
  TokenTrie trie_;
};

}  // namespace needle
