// SPDX-License-Identifier: Apache-2.0
// Picks the one instruction set of this build. The three headers define the same few inline primitives over eight-bit
// integers; whatever is float lives in lanes.h, once. Kernels are written once, over both.
//
//   Act16                     sixteen int8 activations, in the form that the dot product wants
//   LoadAct(p)                -> Act16 from int8[16]
//   DotAcc(acc, a, u)         acc + a . u over sixteen products, spread over the four lanes in some way: only the sum
//                             of all lanes has a meaning, and it is exact; u points to uint8[16], each 0..127
//   SumLanes4(a, b, c, d)     -> {sum of a's lanes, of b's, of c's, of d's}
//   SumLanesI(a)              -> sum of the lanes
//   LoadQuad(p)               -> Quad: int8[4], four times. This and the next three only where kHasPairSums (kernels.h)
//   LoadPair(p)               -> I16x8: the two int16 of an int32 at p, four times
//   AddPairs(acc, a, c)       acc[2r] + a[0] c[4r] + a[1] c[4r + 1], acc[2r + 1] + a[2] c[4r + 2] + a[3] c[4r + 3]; c points
//                             to uint8[16], each 0..15; wraps as int16 does, so a sum that fits in the end is exact
//   MultiplyPairs(acc, x, y)  acc[r] + x[2r] y[2r] + x[2r + 1] y[2r + 1], exact
//   LoadWide(p)               int8[8] -> I16x8
//   DotPairs(acc, a, pair)    acc + {a0 b0 + a1 b1, a2 b0 + a3 b1, ...}: four sums of two products with the two int16
//                             at `pair`; exact
//   ExpandNibbles(codes, table, first, second)
//                             the 32 nibbles of uint8[16] at `codes`, low ones first, looked up in uint8[16] at `table`:
//                             uint8[16] at `first`, uint8[16] at `second`
//   StoreNarrow8(p, x)        four I32x4 within -127..127 -> int8[16]
//   StoreNarrow16(p, x)       two I32x4 within int16 -> int16[8]
#pragma once

#if defined(__wasm_relaxed_simd__)
#include "kernels/isa_relaxed.h"
#elif defined(__wasm_simd128__)
#include "kernels/isa_simd128.h"
#else
#include "kernels/isa_scalar.h"
#endif
