// SPDX-License-Identifier: Apache-2.0
#include "router/sampler.h"

#include "kernels/math.h"

namespace needle {
namespace {

/// log sum exp(x - highest), summed from the first to the last in every build.
float LogSumExp(std::span<const float> logits, float highest) {
  float sum = 0;
  for (const float x : logits) sum += Exp(x - highest);
  return highest + Log(sum);
}

float Highest(std::span<const float> logits) {
  float highest = logits[0];
  for (const float x : logits) highest = x > highest ? x : highest;
  return highest;
}

}  // namespace

Choice ChooseGreedy(std::span<const TokenId> tokens, std::span<const float> logits) {
  size_t best = 0;
  for (size_t i = 1; i < logits.size(); ++i) {
    if (logits[i] > logits[best]) best = i;
  }
  return {tokens[best], logits[best], logits[best] - LogSumExp(logits, logits[best])};
}

float LogProbability(std::span<const TokenId> tokens, std::span<const float> logits, TokenId token) {
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] == token) return logits[i] - LogSumExp(logits, Highest(logits));
  }
  return -87.0f;
}

}  // namespace needle
