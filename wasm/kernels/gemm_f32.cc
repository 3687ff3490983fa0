// SPDX-License-Identifier: Apache-2.0
// f32 matrices: what files without quantisation run on, and what the f32 engine is compared with PyTorch by. Blocked
// four weight rows at a time; each dot product keeps the order of lanes.h whatever the blocking.
#include "kernels/kernels.h"
#include "kernels/lanes.h"

namespace needle {
namespace {

template <int N>
NEEDLE_INLINE void DotRows(const float* x, const float* w, int in, float* y) {
  F32x4 acc[N];
  for (int j = 0; j < N; ++j) acc[j] = Splat4(0.0f);
  for (int k = 0; k < in; k += 4) {
    const F32x4 a = Load4(x + k);
    for (int j = 0; j < N; ++j) acc[j] = acc[j] + a * Load4(w + static_cast<size_t>(j) * in + k);
  }
  for (int j = 0; j < N; ++j) y[j] = SumLanes(acc[j]);
}

}  // namespace

float DotF32(const float* a, const float* b, int n) {
  float y;
  DotRows<1>(a, b, n, &y);
  return y;
}

void GemmF32(const float* x, int rows, const float* w, int out, int in, float* y) {
  int o = 0;
  for (; o + 4 <= out; o += 4)
    for (int r = 0; r < rows; ++r)
      DotRows<4>(x + static_cast<size_t>(r) * in, w + static_cast<size_t>(o) * in, in,
                 y + static_cast<size_t>(r) * out + o);
  for (; o < out; ++o)
    for (int r = 0; r < rows; ++r)
      DotRows<1>(x + static_cast<size_t>(r) * in, w + static_cast<size_t>(o) * in, in,
                 y + static_cast<size_t>(r) * out + o);
}

void GatherGemvF32(const float* x, const float* w, int in, const int32_t* rows, int count, float* y) {
  for (int i = 0; i < count; ++i) DotRows<1>(x, w + static_cast<size_t>(rows[i]) * in, in, y + i);
}

}  // namespace needle
