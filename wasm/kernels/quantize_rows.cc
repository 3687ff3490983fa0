// SPDX-License-Identifier: Apache-2.0
// Activations to int8: the only place where the integer engine rounds between two matrices.
#include "kernels/isa.h"
#include "kernels/kernels.h"

namespace needle {

float MaxAbs(const float* x, int n) {
  F32x4 best = Splat4(0.0f);
  for (int i = 0; i < n; i += 4) best = Max4(Abs4(Load4(x + i)), best);
  const float a = best[0] > best[1] ? best[0] : best[1], b = best[2] > best[3] ? best[2] : best[3];
  return a > b ? a : b;
}

void QuantizeRows(const float* x, int rows, int cols, int8_t* q, float* scale, int32_t* sum) {
  for (int r = 0; r < rows; ++r, x += cols, q += cols) {
    const float amax = MaxAbs(x, cols);
    const F32x4 inv = Splat4(amax > 0.0f ? 127.0f / amax : 0.0f);
    const F32x4 hi = Splat4(127.0f), lo = Splat4(-127.0f);
    I32x4 total = {0, 0, 0, 0};
    for (int i = 0; i < cols; i += 16) {
      F32x4 y[4];
      for (int j = 0; j < 4; ++j) {
        y[j] = Min4(Max4(Load4(x + i + 4 * j) * inv, lo), hi);
        total += RoundToInt4(y[j]);
      }
      StoreRounded(q + i, y);
    }
    scale[r] = amax / 127.0f;
    sum[r] = SumLanesI(total);
  }
}

}  // namespace needle
