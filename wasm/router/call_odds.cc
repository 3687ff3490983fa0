// SPDX-License-Identifier: Apache-2.0
#include "router/call_odds.h"

#include <algorithm>

#include "kernels/math.h"

namespace needle {
namespace {

constexpr float kSure = 12.0f;  // odds that a logistic fit should not look beyond

float Highest(const std::vector<float>& values) { return *std::max_element(values.begin(), values.end()); }

}  // namespace

CallOddsFeatures ComputeCallOdds(float network, const ToolNearness& nearness) {
  return {std::clamp(network, -kSure, kSure), Highest(nearness.cosine), Highest(nearness.words),
          Log(static_cast<float>(nearness.cosine.size()))};
}

float CallOdds(const CallOddsFeatures& features, const CallOddsFit& fit) {
  float odds = static_cast<float>(fit.b);
  for (size_t i = 0; i < features.size(); ++i) odds += static_cast<float>(fit.w[i]) * features[i];
  return odds;
}

}  // namespace needle
