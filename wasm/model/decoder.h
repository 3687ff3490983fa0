// SPDX-License-Identifier: Apache-2.0
// The decoder: tokens written so far -> what may come next. Several tokens at once are one batched step (that is how
// runs forced by the grammar are appended) and leave exactly the state that one at a time would.
#pragma once

#include <span>
#include <vector>

#include "model/encoder.h"

namespace needle {

/// What the decoder has written, as keys and values. Copyable: a copy is a branch.
class DecoderState {
 public:
  explicit DecoderState(const Model& model);
  void Reset();
  int position() const { return position_; }

 private:
  friend Status DecodeTokens(const Model&, ToolSpan, const QueryEncoding&, DecoderState&, std::span<const TokenId>,
                             std::span<float>, Scratch&);
  std::vector<KvCache> self_;                // [dec_layers]
  std::vector<std::vector<float>> last_key_; // [dec_layers][kv_heads * hd], unsmeared: the next token's key needs it
  int position_ = 0;
};

/// Appends `tokens` (at least one; the first ever is <s>) and writes final_norm(x) of the LAST one to hidden [d].
/// kTruncated when the positions are used up; the state is unchanged then.
Status DecodeTokens(const Model& model, ToolSpan tools, const QueryEncoding& query, DecoderState& state,
                    std::span<const TokenId> tokens, std::span<float> hidden, Scratch& scratch);

/// logits[i] = hidden . E[only[i]]; with `only` empty of all tokens, logits [vocab]. The same numbers either way.
void Logits(const Model& model, std::span<const float> hidden, std::span<const TokenId> only, float* logits,
            Scratch& scratch);

}  // namespace needle
