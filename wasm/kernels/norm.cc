// SPDX-License-Identifier: Apache-2.0
// ZCRMSNorm and rotary positions.
#include "kernels/kernels.h"
#include "kernels/lanes.h"

namespace needle {

void RmsNorm(const float* x, const float* g, int rows, int cols, float* y) {
  static constexpr float kOne = 1.0f;
  const F32x4 one = Splat4(Opaque(kOne));
  for (int r = 0; r < rows; ++r, x += cols, y += cols) {
    const float mean = DotF32(x, x, cols) / static_cast<float>(cols);
    const F32x4 inv = Splat4(1.0f / __builtin_sqrtf(mean + 1e-6f));
    for (int i = 0; i < cols; i += 4) Store4(y + i, (Load4(x + i) * inv) * (one + Load4(g + i)));
  }
}

void Rope(float* x, int heads, int head_dim, const float* cos, const float* sin) {
  const int half = head_dim / 2;
  for (int h = 0; h < heads; ++h, x += head_dim) {
    for (int i = 0; i < half; i += 4) {
      const F32x4 a = Load4(x + i), b = Load4(x + half + i), c = Load4(cos + i), s = Load4(sin + i);
      Store4(x + i, a * c - b * s);
      Store4(x + half + i, b * c + a * s);
    }
  }
}

}  // namespace needle
