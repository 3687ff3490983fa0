// SPDX-License-Identifier: Apache-2.0
// The primitives of isa.h in plain C++, for native tests, sanitizers, fuzzers and tools. Compilers turn the loops into
// whatever the machine has.
#pragma once

#include "kernels/lanes.h"

namespace needle {

inline constexpr const char* kIsaName = "scalar";

struct Act16 {
  int8_t v[16];
};

NEEDLE_INLINE Act16 LoadAct(const int8_t* p) {
  Act16 a;
  std::memcpy(a.v, p, 16);
  return a;
}

NEEDLE_INLINE I32x4 DotAcc(I32x4 acc, const Act16& a, const uint8_t* u) {
  int32_t sum[4] = {0, 0, 0, 0};
  for (int i = 0; i < 16; ++i) sum[i / 4] += static_cast<int32_t>(a.v[i]) * static_cast<int32_t>(u[i]);
  return acc + I32x4{sum[0], sum[1], sum[2], sum[3]};
}

NEEDLE_INLINE int32_t SumLanesI(I32x4 a) { return a[0] + a[1] + a[2] + a[3]; }
NEEDLE_INLINE I32x4 SumLanes4(I32x4 a, I32x4 b, I32x4 c, I32x4 d) {
  return I32x4{SumLanesI(a), SumLanesI(b), SumLanesI(c), SumLanesI(d)};
}

NEEDLE_INLINE void LoadInt8AsFloat(const int8_t* p, F32x4 out[4]) {
  for (int i = 0; i < 4; ++i)
    out[i] = F32x4{static_cast<float>(p[4 * i]), static_cast<float>(p[4 * i + 1]), static_cast<float>(p[4 * i + 2]),
                   static_cast<float>(p[4 * i + 3])};
}

NEEDLE_INLINE void StoreRounded(int8_t* p, const F32x4 x[4]) {
  for (int i = 0; i < 4; ++i) {
    const I32x4 r = RoundToInt4(x[i]);
    for (int j = 0; j < 4; ++j) p[4 * i + j] = static_cast<int8_t>(r[j]);
  }
}

}  // namespace needle
