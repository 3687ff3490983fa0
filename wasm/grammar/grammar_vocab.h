// SPDX-License-Identifier: Apache-2.0
// What the grammar needs to know of a vocabulary, computed once per model and shared by every compiled tool and
// matcher: the automaton of any string, its masks, and how a minus sign is tokenised.
#pragma once

#include <memory>
#include <vector>

#include "grammar/byte_dfa.h"
#include "grammar/token_mask.h"
#include "tokenizer/tokenizer.h"

namespace needle {

class GrammarVocab {
 public:
  /// `tokenizer` must outlive the vocabulary and whatever is compiled with it.
  static std::shared_ptr<const GrammarVocab> Make(const Tokenizer& tokenizer);

  const Tokenizer& tokenizer() const { return tokenizer_; }
  const std::shared_ptr<const ByteDfa>& any_string() const { return any_string_; }
  /// Tokens that any string allows in a state of any_string().
  const TokenMask& AnyStringMask(ByteDfa::State state) const { return any_masks_[state]; }
  /// No piece is longer, in code points.
  uint32_t max_code_points() const { return max_code_points_; }
  /// `-5` begins with one piece "▁-" (true) or with "▁" and "-" (false).
  bool space_minus_is_piece() const { return space_minus_is_piece_; }

  /// Calls token(id, state) for every token along whose bytes step(state*, byte) stays true from `start`. A single byte
  /// that is also a BPE piece comes as that piece only: one text, one token, as the tokenizer has it.
  template <class State, class Step, class Token>
  void Walk(const State& start, Step step, Token token) const {
    Walk(TokenTrie::kRoot, start, step, token);
  }

 private:
  explicit GrammarVocab(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}

  template <class State, class Step, class Token>
  void Walk(TokenTrie::NodeIdx node, const State& state, Step& step, Token& token) const {
    for (const TokenTrie::Edge& edge : tokenizer_.trie().Edges(node)) {
      State next = state;
      if (!step(&next, edge.byte)) continue;
      const auto tokens = tokenizer_.trie().Tokens(edge.node);
      if (!tokens.empty()) token(tokens.back(), next);
      Walk(edge.node, next, step, token);  // as deep as the longest piece: at most 255
    }
  }

  const Tokenizer& tokenizer_;
  std::shared_ptr<const ByteDfa> any_string_;
  std::vector<TokenMask> any_masks_;  // [states of any_string_]
  uint32_t max_code_points_ = 1;
  bool space_minus_is_piece_ = false;
};

}  // namespace needle
