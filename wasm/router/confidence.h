// SPDX-License-Identifier: Apache-2.0
// How sure the network was, and what that has been worth: sigmoid(w . f + b) over a few log probabilities, with w and b
// fitted on held-out requests (models/needle_models/calibrate.py) and kept in the model file.
#pragma once

#include <array>
#include <span>

#include "format/model_config.h"
#include "grammar/call_trace.h"

namespace needle {

/// [log p(call), lowest log p(name), lowest log p(value), mean log p(value), log(tools considered), number of calls]
using ConfidenceFeatures = std::array<float, 6>;

/// `log_p` [emitted tokens]: log probability of each under the grammar mask, 0 for forced ones. `log_p_call`: that of
/// <call> as the first token (call_odds.h), whatever was chosen. A name or value counts with the token that ends it.
ConfidenceFeatures ComputeFeatures(const CallTrace& trace, std::span<const float> log_p, float log_p_call,
                                   int num_considered);

/// The calibrated confidence, 0..1, rounded to 4 places so that it prints alike everywhere.
double Confidence(const ConfidenceFeatures& features, bool is_none, const Calibration& calibration);

}  // namespace needle
