// SPDX-License-Identifier: Apache-2.0
// Four float lanes by the compilers' vector extension, which g++ and clang lower to SSE, NEON or wasm SIMD128. One
// source for every build, and only operations that IEEE 754 defines to the bit (add, subtract, multiply, divide,
// compare, square root): together with -ffp-contract=off that is why a native build and the wasm builds give the same
// floats. The order of a sum is part of each function's meaning: element i goes to lane i % 4, and lanes meet as (0 +
// 1) + (2 + 3).
#pragma once

#include <cstdint>
#include <cstring>

#define NEEDLE_INLINE inline __attribute__((always_inline))

namespace needle {

typedef float F32x4 __attribute__((vector_size(16)));
typedef int32_t I32x4 __attribute__((vector_size(16)));

NEEDLE_INLINE F32x4 Load4(const float* p) {
  F32x4 v;
  std::memcpy(&v, p, sizeof v);  // no alignment assumed
  return v;
}
NEEDLE_INLINE void Store4(float* p, F32x4 v) { std::memcpy(p, &v, sizeof v); }
NEEDLE_INLINE F32x4 Splat4(float x) { return F32x4{x, x, x, x}; }
NEEDLE_INLINE float SumLanes(F32x4 v) { return (v[0] + v[1]) + (v[2] + v[3]); }

// A NaN in `a` gives `b`: the same answer everywhere, unlike the instruction sets' own minimum and maximum.
NEEDLE_INLINE F32x4 Max4(F32x4 a, F32x4 b) { return a > b ? a : b; }
NEEDLE_INLINE F32x4 Min4(F32x4 a, F32x4 b) { return a < b ? a : b; }
NEEDLE_INLINE F32x4 Abs4(F32x4 a) { return reinterpret_cast<F32x4>(reinterpret_cast<I32x4>(a) & 0x7fffffff); }

// 1.5 * 2^23: adding it leaves the nearest integer (half to even) in the low bits of the sum, for |x| < 2^22.
inline constexpr float kRoundMagic = 12582912.0f;
inline constexpr int32_t kRoundMagicBits = 0x4B400000;

NEEDLE_INLINE F32x4 Round4(F32x4 x) { return (x + Splat4(kRoundMagic)) - Splat4(kRoundMagic); }
NEEDLE_INLINE I32x4 RoundToInt4(F32x4 x) {
  return reinterpret_cast<I32x4>(x + Splat4(kRoundMagic)) - kRoundMagicBits;
}

}  // namespace needle
