// SPDX-License-Identifier: Apache-2.0
// Whether any tool is called at all. A small network calls too readily where many tools stand before it; how near the
// nearest of them is to the request says more (models/EXPERIMENTS.md). So the odds of <call> against <none> are a logistic
// fit over both, made on held-out requests (models/needle_models/fit_odds.py) and kept in the model file.
#pragma once

#include <array>

#include "format/model_config.h"
#include "router/tool_fit.h"

namespace needle {

/// [log odds of the network, highest cosine, log(tools)]; more tools than the fit has seen count as that many.
using CallOddsFeatures = std::array<float, 3>;

/// `network`: log p(call) - log p(none). `nearness` of at least one tool.
CallOddsFeatures ComputeCallOdds(float network, const ToolNearness& nearness);

/// log odds = w . f + b
float CallOdds(const CallOddsFeatures& features, const CallOddsFit& fit);

}  // namespace needle
