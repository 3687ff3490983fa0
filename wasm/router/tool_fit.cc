// SPDX-License-Identifier: Apache-2.0
#include "router/tool_fit.h"

#include <algorithm>

#include "kernels/kernels.h"
#include "kernels/math.h"

namespace needle {

std::vector<float> ToolFit(const ToolSet& tools, std::span<const float> vector, std::string_view request,
                           const FitWeights& weights) {
  std::vector<float> fit = tools.words().Scores(request);
  for (size_t i = 0; i < fit.size(); ++i) {
    const float cosine = DotF32(tools.tools()[i].vector.data(), vector.data(), static_cast<int>(vector.size()));
    fit[i] = static_cast<float>(weights.vector) * cosine + static_cast<float>(weights.words) * fit[i];
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
