// SPDX-License-Identifier: Apache-2.0
// The primitives of isa.h without any instruction set of its own, for native tests, sanitizers, fuzzers and tools:
// plain C++ and the compilers' vector extension, little-endian.
#pragma once

#include "kernels/lanes.h"

namespace needle {

inline constexpr const char* kIsaName = "scalar";

typedef int8_t I8x8 __attribute__((vector_size(8)));
typedef uint8_t U8x8 __attribute__((vector_size(8)));
typedef int16_t I16x8 __attribute__((vector_size(16)));

struct Act16 {
  I16x8 lo, hi;
};

template <class V>
NEEDLE_INLINE I16x8 Widen8(const void* p) {
  V v;
  std::memcpy(&v, p, sizeof v);
  return __builtin_convertvector(v, I16x8);
}

NEEDLE_INLINE Act16 LoadAct(const int8_t* p) { return {Widen8<I8x8>(p), Widen8<I8x8>(p + 8)}; }

// A product is at most 127 * 127 = 16129, so two of them still fit into 16 bits; then both halves of each 32 are added.
NEEDLE_INLINE I32x4 DotAcc(I32x4 acc, const Act16& a, const uint8_t* u) {
  const I16x8 pairs = a.lo * Widen8<U8x8>(u) + a.hi * Widen8<U8x8>(u + 8);
  const I32x4 both = reinterpret_cast<I32x4>(pairs);
  return acc + (both >> 16) + ((both << 16) >> 16);
}

NEEDLE_INLINE int32_t SumLanesI(I32x4 a) { return a[0] + a[1] + a[2] + a[3]; }
NEEDLE_INLINE I32x4 SumLanes4(I32x4 a, I32x4 b, I32x4 c, I32x4 d) {
  return I32x4{SumLanesI(a), SumLanesI(b), SumLanesI(c), SumLanesI(d)};
}

NEEDLE_INLINE void LoadInt8AsFloat(const int8_t* p, F32x4 out[4]) {
  for (int i = 0; i < 4; i += 2) {
    // each 16-bit number twice, so that a shift by 16 leaves it sign-extended in 32 bits
    const I16x8 w = Widen8<I8x8>(p + 4 * i);
    const I16x8 lo = __builtin_shufflevector(w, w, 0, 0, 1, 1, 2, 2, 3, 3);
    const I16x8 hi = __builtin_shufflevector(w, w, 4, 4, 5, 5, 6, 6, 7, 7);
    out[i] = __builtin_convertvector(reinterpret_cast<I32x4>(lo) >> 16, F32x4);
    out[i + 1] = __builtin_convertvector(reinterpret_cast<I32x4>(hi) >> 16, F32x4);
  }
}

NEEDLE_INLINE void StoreRounded(int8_t* p, const F32x4 x[4]) {
  for (int i = 0; i < 4; ++i) {
    const I32x4 r = RoundToInt4(x[i]);
    for (int j = 0; j < 4; ++j) p[4 * i + j] = static_cast<int8_t>(r[j]);
  }
}

}  // namespace needle
