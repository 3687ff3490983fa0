// SPDX-License-Identifier: Apache-2.0
// Relaxed SIMD: sixteen products an instruction. i32x4.relaxed_dot_i8x16_i7x16_add is exact only while its second
// operand stays in 0..127 (how the top bit is read is up to the machine), which is why weights are unsigned with a zero
// point of 64 and never leave that range: q4 gives 0..120, q7 1..127. Then its result is the integer that the other
// builds compute. No relaxed madd anywhere: it gains nothing here and would change floats.
#pragma once

#include "kernels/isa_wasm.h"

namespace needle {

inline constexpr const char* kIsaName = "relaxed";

struct Act16 {
  v128_t v;  // int8 x 16
};

NEEDLE_INLINE Act16 LoadAct(const int8_t* p) { return {wasm_v128_load(p)}; }

NEEDLE_INLINE I32x4 DotAcc(I32x4 acc, const Act16& a, const uint8_t* u) {
  return (I32x4)wasm_i32x4_relaxed_dot_i8x16_i7x16_add(a.v, wasm_v128_load(u), (v128_t)acc);
}

struct Quad {
  v128_t v;  // int8 x 4, four times
};

NEEDLE_INLINE Quad LoadQuad(const int8_t* p) { return {wasm_v128_load32_splat(p)}; }
NEEDLE_INLINE I16x8 LoadPair(const int32_t* p) { return (I16x8)wasm_v128_load32_splat(p); }

NEEDLE_INLINE I16x8 AddPairs(I16x8 acc, const Quad& a, const uint8_t* c) {
  return acc + (I16x8)wasm_i16x8_relaxed_dot_i8x16_i7x16(a.v, wasm_v128_load(c));
}

NEEDLE_INLINE I32x4 MultiplyPairs(I32x4 acc, I16x8 x, I16x8 y) {
  return acc + (I32x4)wasm_i32x4_dot_i16x8((v128_t)x, (v128_t)y);
}

}  // namespace needle
