// SPDX-License-Identifier: Apache-2.0
// What both wasm builds share of isa.h: everything but the dot product.
#pragma once

#include <wasm_simd128.h>

#include "kernels/lanes.h"

namespace needle {

NEEDLE_INLINE int32_t SumLanesI(I32x4 a) { return a[0] + a[1] + a[2] + a[3]; }

// A 4 x 4 transpose of int32 lanes, folded into the additions.
NEEDLE_INLINE I32x4 SumLanes4(I32x4 a, I32x4 b, I32x4 c, I32x4 d) {
  const I32x4 ab_lo = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_hi = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const I32x4 cd_lo = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_hi = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  const I32x4 ab = ab_lo + ab_hi, cd = cd_lo + cd_hi;  // {a0+a2, b0+b2, a1+a3, b1+b3}
  return __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
}

typedef int16_t I16x8 __attribute__((vector_size(16)));

NEEDLE_INLINE I16x8 LoadWide(const int8_t* p) { return (I16x8)wasm_i16x8_load8x8(p); }

NEEDLE_INLINE I32x4 DotPairs(I32x4 acc, I16x8 a, const int16_t* pair) {
  return acc + (I32x4)wasm_i32x4_dot_i16x8((v128_t)a, wasm_v128_load32_splat(pair));
}

NEEDLE_INLINE void ExpandNibbles(const uint8_t* codes, const uint8_t* table, uint8_t* first, uint8_t* second) {
  const v128_t pairs = wasm_v128_load(codes), values = wasm_v128_load(table);
  const v128_t low = wasm_i8x16_swizzle(values, wasm_v128_and(pairs, wasm_i8x16_const_splat(15)));
  const v128_t high = wasm_i8x16_swizzle(values, wasm_u8x16_shr(pairs, 4));
  wasm_v128_store(first, wasm_i8x16_shuffle(low, high, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
  wasm_v128_store(second, wasm_i8x16_shuffle(low, high, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31));
}

NEEDLE_INLINE void StoreNarrow8(int8_t* p, const I32x4 x[4]) {
  const v128_t lo = wasm_i16x8_narrow_i32x4((v128_t)x[0], (v128_t)x[1]);
  const v128_t hi = wasm_i16x8_narrow_i32x4((v128_t)x[2], (v128_t)x[3]);
  wasm_v128_store(p, wasm_i8x16_narrow_i16x8(lo, hi));
}

NEEDLE_INLINE void StoreNarrow16(int16_t* p, const I32x4 x[2]) {
  wasm_v128_store(p, wasm_i16x8_narrow_i32x4((v128_t)x[0], (v128_t)x[1]));
}

}  // namespace needle
