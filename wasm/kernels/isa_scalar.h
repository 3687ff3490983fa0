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

NEEDLE_INLINE I16x8 LoadWide(const int8_t* p) { return Widen8<I8x8>(p); }

NEEDLE_INLINE I32x4 DotPairs(I32x4 acc, I16x8 a, const int16_t* pair) {
  const I32x4 both = reinterpret_cast<I32x4>(a);
  return acc + ((both << 16) >> 16) * pair[0] + (both >> 16) * pair[1];
}

NEEDLE_INLINE void ExpandNibbles(const uint8_t* codes, const uint8_t* table, uint8_t* first, uint8_t* second) {
  for (int i = 0; i < 16; ++i) {
    uint8_t* out = i < 8 ? first + 2 * i : second + 2 * (i - 8);
    out[0] = table[codes[i] & 15];
    out[1] = table[codes[i] >> 4];
  }
}

NEEDLE_INLINE void StoreRounded(int8_t* p, const F32x4 x[4]) {
  for (int i = 0; i < 4; ++i) {
    const I32x4 r = RoundToInt4(x[i]);
    for (int j = 0; j < 4; ++j) p[4 * i + j] = static_cast<int8_t>(r[j]);
  }
}

NEEDLE_INLINE void StoreRounded16(int16_t* p, const F32x4 x[2]) {
  for (int i = 0; i < 2; ++i) {
    const I32x4 r = RoundToInt4(x[i]);
    for (int j = 0; j < 4; ++j) p[4 * i + j] = static_cast<int16_t>(r[j]);
  }
}

}  // namespace needle
