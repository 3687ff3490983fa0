// SPDX-License-Identifier: Apache-2.0
// Activations to int8: the only place where the integer engine rounds between two matrices.
#include "kernels/isa.h"
#include "kernels/kernels.h"

namespace needle {

float MaxAbs(const float* x, int n) {
  F32x4 high = Splat4(0.0f), low = high;  // and not |x|, whose mask would be built for every four numbers (lanes.h)
  for (int i = 0; i < n; i += 4) {
    const F32x4 four = Load4(x + i);
    high = Max4(four, high);
    low = Min4(four, low);
  }
  high = Max4(-low, high);  // of two zeros the positive one
  const float a = high[0] > high[1] ? high[0] : high[1], b = high[2] > high[3] ? high[2] : high[3];
  return a > b ? a : b;
}

void QuantizeRows(const float* x, int rows, int cols, int8_t* q, float* scale, int32_t* sum) {
  const F32x4 magic = Splat4(Opaque(kRoundMagic));
  for (int r = 0; r < rows; ++r, x += cols, q += cols) {
    const float amax = MaxAbs(x, cols);
    const F32x4 inv = Splat4(amax > 0.0f ? 127.0f / amax : 0.0f);
    static constexpr float kMax = 127.0f;
    const F32x4 hi = Splat4(Opaque(kMax)), lo = -hi;
    I32x4 total = {0, 0, 0, 0};
    for (int i = 0; i < cols; i += 16) {
      I32x4 y[4];
      for (int j = 0; j < 4; ++j) {
        y[j] = RoundToInt4(Min4(Max4(Load4(x + i + 4 * j) * inv, lo), hi), magic);
        total += y[j];
      }
      StoreNarrow8(q + i, y);
    }
    scale[r] = amax / 127.0f;
    sum[r] = SumLanesI(total);
  }
}

}  // namespace needle
