// SPDX-License-Identifier: Apache-2.0
// What the tiles of both integer products share: loops unrolled by the compiler, and the end of a panel.
#pragma once

#include <cstdint>
#include <cstring>
#include <utility>

#include "kernels/lanes.h"
#include "kernels/quant_layout.h"

namespace needle {

template <int N, class F>
NEEDLE_INLINE void Unroll(F&& f) {
  [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
    (f(std::integral_constant<int, I>{}), ...);
  }(std::make_integer_sequence<int, N>{});
}

/// y[0..n) of one row of activations against one panel: what the zero point added is taken away, then scales.
NEEDLE_INLINE void FinishPanel(const int32_t* sums, int32_t zero, float a_scale, const float* w_scale, int n,
                               float* y) {
  if (n == kPanelRows) {
    for (int j = 0; j < kPanelRows; j += 4) {
      I32x4 acc;
      std::memcpy(&acc, sums + j, sizeof acc);
      Store4(y + j, (Load4(w_scale + j) * Splat4(a_scale)) * __builtin_convertvector(acc - zero, F32x4));
    }
  } else {
    for (int j = 0; j < n; ++j) y[j] = (w_scale[j] * a_scale) * static_cast<float>(sums[j] - zero);
  }
}

}  // namespace needle
