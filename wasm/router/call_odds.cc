// SPDX-License-Identifier: Apache-2.0
#include "router/call_odds.h"

#include <algorithm>

#include "kernels/math.h"

namespace needle {
namespace {

constexpr float kSure = 12.0f;       // odds that a logistic fit should not look beyond
constexpr size_t kMostTools = 40;    // models/needle_models/fit_odds.py

}  // namespace

CallOddsFeatures ComputeCallOdds(float network, const ToolNearness& nearness) {
  const std::vector<float>& cosine = nearness.cosine;
  return {std::clamp(network, -kSure, kSure), *std::max_element(cosine.begin(), cosine.end()),
          Log(static_cast<float>(std::min(cosine.size(), kMostTools)))};
}

float CallOdds(const CallOddsFeatures& features, const CallOddsFit& fit) {
  float odds = static_cast<float>(fit.b);
  for (size_t i = 0; i < features.size(); ++i) odds += static_cast<float>(fit.w[i]) * features[i];
  return odds;
}

}  // namespace needle
