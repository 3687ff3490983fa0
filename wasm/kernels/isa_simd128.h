// SPDX-License-Identifier: Apache-2.0
// Baseline wasm SIMD: activations are widened to int16 once per use, weights while they are loaded, and
// i32x4.dot_i16x8_s does eight products an instruction.
#pragma once

#include "kernels/isa_wasm.h"

namespace needle {

inline constexpr const char* kIsaName = "simd128";

struct Act16 {
  v128_t lo, hi;  // int16 x 8 each
};

NEEDLE_INLINE Act16 LoadAct(const int8_t* p) { return {wasm_i16x8_load8x8(p), wasm_i16x8_load8x8(p + 8)}; }

NEEDLE_INLINE I32x4 DotAcc(I32x4 acc, const Act16& a, const uint8_t* u) {
  const v128_t lo = wasm_i32x4_dot_i16x8(a.lo, wasm_u16x8_load8x8(u));
  const v128_t hi = wasm_i32x4_dot_i16x8(a.hi, wasm_u16x8_load8x8(u + 8));
  return acc + (I32x4)lo + (I32x4)hi;
}

}  // namespace needle
