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

// Before a loop that must stay one. Unrolled, wasm engines load far ahead of what their registers hold: half the speed.
#if defined(__clang__)
#define NEEDLE_KEEP_LOOP _Pragma("clang loop unroll(disable)")
#else
#define NEEDLE_KEEP_LOOP
#endif

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

// 1.5 * 2^23: adding it leaves the nearest integer (half to even) in the low bits of the sum, for |x| < 2^22.
inline constexpr float kRoundMagic = 12582912.0f;

/// x, hidden from the compiler. A vector that it knows to be constant is built anew, of three or four instructions, wherever it
/// is used in wasm; a splat of this stays in a register.
NEEDLE_INLINE float Opaque(const float& x) { return *const_cast<const volatile float*>(&x); }

/// `magic` is kRoundMagic in every lane.
NEEDLE_INLINE I32x4 RoundToInt4(F32x4 x, F32x4 magic) {
  return reinterpret_cast<I32x4>(x + magic) - reinterpret_cast<I32x4>(magic);
}

}  // namespace needle
