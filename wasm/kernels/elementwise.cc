// SPDX-License-Identifier: Apache-2.0
// What is left between two matrices: softmax's exponentials, gates and residuals, means.
#include "kernels/kernels.h"
#include "kernels/math.h"

namespace needle {

float MaxOf(const float* x, int n) {
  float top = x[0];
  int i = 0;
  if (n >= 4) {
    F32x4 best = Load4(x);
    for (i = 4; i + 4 <= n; i += 4) best = Max4(Load4(x + i), best);
    for (int lane = 0; lane < 4; ++lane) top = best[lane] > top ? best[lane] : top;
  }
  for (; i < n; ++i) top = x[i] > top ? x[i] : top;
  return top;
}

float ExpRow(float* x, int n) {
  // Padding far below any score turns into exact zeros, so that the sum is the same as without it.
  const int padded = (n + 3) & ~3;
  for (int i = n; i < padded; ++i) x[i] = -3.0e38f;
  const F32x4 top = Splat4(MaxOf(x, padded));
  const ExpTerms terms = LoadExpTerms();
  F32x4 sum = Splat4(0.0f);
  NEEDLE_KEEP_LOOP
  for (int i = 0; i < padded; i += 4) {
    const F32x4 e = Exp4(Load4(x + i) - top, terms);
    Store4(x + i, e);
    sum = sum + e;
  }
  return SumLanes(sum);
}

float SumExp(const float* x, int n, float top) {
  const ExpTerms terms = LoadExpTerms();
  F32x4 sum = Splat4(0.0f);
  int i = 0;
  NEEDLE_KEEP_LOOP
  for (; i + 4 <= n; i += 4) sum = sum + Exp4(Load4(x + i) - Splat4(top), terms);
  if (i < n) {
    F32x4 rest = Splat4(-3.0e38f);  // exponentials of 0
    for (int lane = 0; i + lane < n; ++lane) rest[lane] = x[i + lane];
    sum = sum + Exp4(rest - Splat4(top), terms);
  }
  return SumLanes(sum);
}

void AddScaled(float* x, const float* y, float factor, int n) {
  for (int i = 0; i < n; i += 4) Store4(x + i, Load4(x + i) + Splat4(factor) * Load4(y + i));
}

void AddScaledSums(float* x, int32_t* sums, float factor, int n) {
  for (int i = 0; i < n; i += 4) {
    I32x4 sum;
    std::memcpy(&sum, sums + i, sizeof sum);
    Store4(x + i, Load4(x + i) + Splat4(factor) * __builtin_convertvector(sum, F32x4));
    std::memset(sums + i, 0, sizeof sum);
  }
}

void Scale(float* x, float factor, int n) {
  for (int i = 0; i < n; i += 4) Store4(x + i, Load4(x + i) * Splat4(factor));
}

void MeanRows(const float* x, int rows, int cols, float* y) {
  for (int i = 0; i < cols; i += 4) {
    F32x4 sum = Splat4(0.0f);
    for (int r = 0; r < rows; ++r) sum = sum + Load4(x + static_cast<size_t>(r) * cols + i);
    Store4(y + i, sum / Splat4(static_cast<float>(rows)));
  }
}

}  // namespace needle
