// SPDX-License-Identifier: Apache-2.0
// Greedy choice among the tokens that the grammar allows.
#pragma once

#include <span>

#include "tokenizer/special_tokens.h"

namespace needle {

struct Choice {
  TokenId token = 0;
  float logit = 0;
  float log_p = 0;  // under the mask: log softmax over the allowed tokens
};

/// The largest logit; of equal ones the lower token id. `tokens` ascend, `logits` [tokens.size()], at least one.
Choice ChooseGreedy(std::span<const TokenId> tokens, std::span<const float> logits);

/// log softmax of one of the tokens, -87 when it is not among them.
float LogProbability(std::span<const TokenId> tokens, std::span<const float> logits, TokenId token);

}  // namespace needle
