// SPDX-License-Identifier: Apache-2.0
// GrammarVocab: one walk of the vocabulary per state of the any-string automaton.
#include "grammar/grammar_vocab.h"

#include <algorithm>

#include "base/noinline.h"

namespace needle {

NEEDLE_NOINLINE std::shared_ptr<const GrammarVocab> GrammarVocab::Make(const Tokenizer& tokenizer) {
  std::shared_ptr<GrammarVocab> vocab(new GrammarVocab(tokenizer));
  vocab->any_string_ = std::make_shared<const ByteDfa>(ByteDfa::AnyString());
  const ByteDfa& any = *vocab->any_string_;
  vocab->any_masks_.resize(any.num_states());
  for (size_t state = 0; state < any.num_states(); ++state) {
    TokenMask& mask = vocab->any_masks_[state];
    mask.Reset(tokenizer.vocab_size());
    vocab->Walk(
        static_cast<ByteDfa::State>(state),
        [&](ByteDfa::State* s, uint8_t byte) { return (*s = any.Next(*s, byte)) != ByteDfa::kDead; },
        [&](TokenId token, ByteDfa::State) { mask.Allow(token); });
    mask.Finish();
  }
  for (TokenId id = 0; id < tokenizer.vocab_size(); ++id) {
    const auto text = tokenizer.PieceText(id);
    const auto length = std::count_if(text.begin(), text.end(), [](char c) { return BeginsCodePoint(static_cast<uint8_t>(c)); });
    vocab->max_code_points_ = std::max(vocab->max_code_points_, static_cast<uint32_t>(length));
  }
  const auto minus_five = tokenizer.Encode("-5");
  vocab->space_minus_is_piece_ = !minus_five.empty() && tokenizer.PieceText(minus_five[0]) == " -";
  return vocab;
}

}  // namespace needle
