// SPDX-License-Identifier: Apache-2.0
// How well each tool fits a request before a word is decoded, and how that counts when a tool's name is chosen. The
// decoder of a small network picks badly among tools that it has never met; its retrieval vectors and shared words
// choose far better (models/EXPERIMENTS.md), so the two are multiplied: P(tool) ~ P(name | network) * exp(fit).
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "format/model_config.h"
#include "router/tool_set.h"

namespace needle {

/// How near each tool is to a request: both [tools].
struct ToolNearness {
  std::vector<float> cosine;  // of the retrieval vectors
  std::vector<float> words;   // BM25
};

/// `vector` is the request's, [retrieval_dim], of length 1.
ToolNearness Nearness(const ToolSet& tools, std::span<const float> vector, std::string_view request);

/// [tools]: weights.vector * cosine + weights.words * BM25.
std::vector<float> ToolFit(const ToolNearness& nearness, const FitWeights& weights);

/// What is added to the log probabilities of the tokens that may go on with a name: the log of the share of exp(fit)
/// that lies under each. `tools_under` gives the tools that a token leads to; `fit` [tools].
std::vector<float> NameBias(std::span<const TokenId> tokens, std::span<const float> fit,
                            const std::function<std::vector<int>(TokenId)>& tools_under);

}  // namespace needle
