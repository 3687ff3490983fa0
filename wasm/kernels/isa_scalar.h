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

struct Quad {
  I16x8 v;
};

NEEDLE_INLINE Quad LoadQuad(const int8_t* p) { return {I16x8{p[0], p[1], p[2], p[3], p[0], p[1], p[2], p[3]}}; }

NEEDLE_INLINE I16x8 LoadPair(const int32_t* p) {
  const I32x4 four = {*p, *p, *p, *p};
  return reinterpret_cast<I16x8>(four);
}

NEEDLE_INLINE I16x8 AddPairs(I16x8 acc, const Quad& a, const uint8_t* c) {
  const I16x8 lo = a.v * Widen8<U8x8>(c), hi = a.v * Widen8<U8x8>(c + 8);
  return acc + __builtin_shufflevector(lo, hi, 0, 2, 4, 6, 8, 10, 12, 14) +
         __builtin_shufflevector(lo, hi, 1, 3, 5, 7, 9, 11, 13, 15);
}

NEEDLE_INLINE I32x4 MultiplyPairs(I32x4 acc, I16x8 x, I16x8 y) {
  const I32x4 a = reinterpret_cast<I32x4>(x), b = reinterpret_cast<I32x4>(y);
  return acc + ((a << 16) >> 16) * ((b << 16) >> 16) + (a >> 16) * (b >> 16);
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

NEEDLE_INLINE void StoreNarrow8(int8_t* p, const I32x4 x[4]) {
  for (int i = 0; i < 16; ++i) p[i] = static_cast<int8_t>(x[i / 4][i % 4]);
}

NEEDLE_INLINE void StoreNarrow16(int16_t* p, const I32x4 x[2]) {
  for (int i = 0; i < 8; ++i) p[i] = static_cast<int16_t>(x[i / 4][i % 4]);
}

}  // namespace needle
