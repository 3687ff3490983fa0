// SPDX-License-Identifier: Apache-2.0
#include "router/sampler.h"

#include <algorithm>

#include "kernels/kernels.h"
#include "kernels/math.h"

namespace needle {
namespace {

/// log sum exp(x - highest)
float LogSumExp(std::span<const float> logits, float highest) {
  return highest + Log(SumExp(logits.data(), static_cast<int>(logits.size()), highest));
}

float Highest(std::span<const float> logits) { return MaxOf(logits.data(), static_cast<int>(logits.size())); }

}  // namespace

Choice ChooseGreedy(std::span<const TokenId> tokens, std::span<const float> logits) {
  const float highest = Highest(logits);
  const auto found = std::find(logits.begin(), logits.end(), highest);
  const auto best = found == logits.end() ? 0 : found - logits.begin();  // a broken model's NaN equals nothing
  return {tokens[static_cast<size_t>(best)], highest, highest - LogSumExp(logits, highest)};
}

float LogProbability(std::span<const TokenId> tokens, std::span<const float> logits, TokenId token) {
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] == token) return logits[i] - LogSumExp(logits, Highest(logits));
  }
  return -87.0f;
}

}  // namespace needle
