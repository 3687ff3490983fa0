// SPDX-License-Identifier: Apache-2.0
#include "router/tool_fit.h"

#include <algorithm>

#include "kernels/kernels.h"
#include "kernels/math.h"

namespace needle {

ToolNearness Nearness(const ToolSet& tools, std::span<const float> vector, std::string_view request) {
  ToolNearness nearness;
  for (const ToolEntry& tool : tools.tools()) {
    nearness.cosine.push_back(DotF32(tool.vector.data(), vector.data(), static_cast<int>(vector.size())));
  }
  nearness.words = tools.words().Scores(request);
  return nearness;
}

std::vector<float> ToolFit(const ToolNearness& nearness, const FitWeights& weights) {
  std::vector<float> fit;
  for (size_t i = 0; i < nearness.cosine.size(); ++i) {
    fit.push_back(static_cast<float>(weights.vector) * nearness.cosine[i] + static_cast<float>(weights.words) * nearness.words[i]);
  }
  return fit;
}

std::vector<float> NameBias(std::span<const TokenId> tokens, std::span<const float> fit,
                            const std::function<std::vector<int>(TokenId)>& tools_under) {
  const float highest = *std::max_element(fit.begin(), fit.end());
  std::vector<float> bias;
  for (const TokenId token : tokens) {
    float share = 0;
    for (const int tool : tools_under(token)) share += Exp(fit[static_cast<size_t>(tool)] - highest);
    bias.push_back(Log(std::max(share, 1e-30f)));
  }
  return bias;
}

}  // namespace needle
