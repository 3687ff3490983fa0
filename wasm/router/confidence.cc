// SPDX-License-Identifier: Apache-2.0
#include "router/confidence.h"

#include <algorithm>

#include "kernels/math.h"

namespace needle {
namespace {

/// Tokens [begin, end] that exist, the one at `end` being what followed.
float SumWithEnd(std::span<const float> log_p, uint32_t begin, uint32_t end) {
  float sum = 0;
  for (uint32_t i = begin; i <= end && i < log_p.size(); ++i) sum += log_p[i];
  return sum;
}

struct ValueScores {
  float lowest = 0, sum = 0;
  int count = 0;
};

/// Leaves only: the tokens of an array or object are those of its items.
void AddValue(const Value& value, std::span<const float> log_p, ValueScores* scores) {
  if (value.kind == Value::kArray) {
    for (const Value& item : value.items) AddValue(item, log_p, scores);
  } else if (value.kind == Value::kObject) {
    for (const Member& member : value.members) AddValue(member.value, log_p, scores);
  } else {
    const float score = SumWithEnd(log_p, value.begin, value.end);
    scores->lowest = std::min(scores->lowest, score);
    scores->sum += score;
    ++scores->count;
  }
}

}  // namespace

ConfidenceFeatures ComputeFeatures(const CallTrace& trace, std::span<const float> log_p, float log_p_call,
                                   int num_considered) {
  ConfidenceFeatures f{};
  f[0] = log_p_call;
  ValueScores scores;
  for (const Call& call : trace.calls) {
    f[1] = std::min(f[1], SumWithEnd(log_p, call.name_begin, call.name_end));
    AddValue(call.arguments, log_p, &scores);
  }
  f[2] = scores.lowest;
  if (scores.count > 0) f[3] = scores.sum / static_cast<float>(scores.count);
  f[4] = Log(static_cast<float>(std::max(1, num_considered)));
  f[5] = static_cast<float>(trace.calls.size());
  return f;
}

double Confidence(const ConfidenceFeatures& features, bool is_none, const Calibration& calibration) {
  const LogisticFit& fit = is_none ? calibration.none : calibration.call;
  float z = static_cast<float>(fit.b);
  for (size_t i = 0; i < features.size(); ++i) z += static_cast<float>(fit.w[i]) * features[i];
  return static_cast<int>(Sigmoid(z) * 10000.0f + 0.5f) / 10000.0;
}

}  // namespace needle
