// SPDX-License-Identifier: Apache-2.0
// exp, log and sigmoid of our own: the C library's differ in their last bits between platforms, and "the same bytes in
// every build" would end there. Accurate to about 1e-7 relative.
#pragma once

#include "kernels/lanes.h"

namespace needle {

/// What Exp4 multiplies and adds, loaded once for many calls (lanes.h says why).
struct ExpTerms {
  F32x4 low, log2e, ln2_high, ln2_low, magic, c7, c6, c5, c4, c3, half, one;
};

inline ExpTerms LoadExpTerms() {
  // ln 2 in two parts; n times the first is exact
  static constexpr float kTerms[] = {-87.0f,      1.44269504f, 0.693359375f, -2.12194440e-4f, kRoundMagic, 1.0f / 5040,
                                     1.0f / 720, 1.0f / 120,  1.0f / 24,    1.0f / 6,        0.5f,        1.0f};
  const auto splat = [](int i) { return Splat4(Opaque(kTerms[i])); };
  return {splat(0), splat(1), splat(2), splat(3), splat(4), splat(5), splat(6), splat(7), splat(8), splat(9), splat(10), splat(11)};
}

/// exp(x) for x <= 88, exactly 0 below -87.
/// x = n ln 2 + r with |r| <= ln 2 / 2; exp(r) by its Taylor series to r^7 (the next term is below 6e-9), times 2^n.
NEEDLE_INLINE F32x4 Exp4(F32x4 x, const ExpTerms& t) {
  const F32x4 in = Max4(x, t.low);
  const F32x4 shifted = in * t.log2e + t.magic;  // n in its low bits, as in RoundToInt4
  const F32x4 n = shifted - t.magic;
  const F32x4 r = (in - n * t.ln2_high) - n * t.ln2_low;
  F32x4 p = t.c7;
  p = p * r + t.c6;
  p = p * r + t.c5;
  p = p * r + t.c4;
  p = p * r + t.c3;
  p = p * r + t.half;
  p = p * r + t.one;
  p = p * r + t.one;
  const F32x4 power = reinterpret_cast<F32x4>((reinterpret_cast<I32x4>(shifted) << 23) + reinterpret_cast<I32x4>(t.one));
  return reinterpret_cast<F32x4>(reinterpret_cast<I32x4>(p * power) & ~(x < t.low));
}

inline float Exp(float x) { return Exp4(Splat4(x < 88.0f ? x : 88.0f), LoadExpTerms())[0]; }

inline float Sigmoid(float x) { return 1.0f / (1.0f + Exp(-x)); }

/// Natural logarithm of a positive normal number; -87.33 for anything smaller.
/// x = 2^n m with m in [sqrt 1/2, sqrt 2); s = (m - 1) / (m + 1); log m = 2 (s + s^3/3 + s^5/5 + s^7/7 + s^9/9).
inline float Log(float x) {
  if (!(x > 1.17549435e-38f)) return -87.33654f;
  int32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  const int32_t n = (bits - 0x3F3504F3) >> 23;  // 0x3F3504F3 = sqrt 1/2
  bits -= n * (1 << 23);
  float m;
  std::memcpy(&m, &bits, sizeof m);
  const float s = (m - 1.0f) / (m + 1.0f), s2 = s * s;
  const float series = 1.0f + s2 * (1.0f / 3 + s2 * (1.0f / 5 + s2 * (1.0f / 7 + s2 * (1.0f / 9))));
  return 2.0f * s * series + static_cast<float>(n) * 0.69314718f;
}

/// Exact, for finite halves of either sign.
inline float FloatFromHalf(uint16_t h) {
  const uint32_t bits = static_cast<uint32_t>(h & 0x7FFF) << 13;
  float x;
  std::memcpy(&x, &bits, sizeof x);
  x *= 5.192296858534828e33f;  // 2^112
  return (h & 0x8000) ? -x : x;
}

}  // namespace needle
