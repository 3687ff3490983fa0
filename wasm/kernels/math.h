// SPDX-License-Identifier: Apache-2.0
// exp, log and sigmoid of our own: the C library's differ in their last bits between platforms, and "the same bytes in
// every build" would end there. Accurate to about 1e-7 relative.
#pragma once

#include "kernels/lanes.h"

namespace needle {

/// exp(x), exactly 0 below -87 and constant above 88.
/// x = n ln 2 + r with |r| <= ln 2 / 2; exp(r) by its Taylor series to r^7 (the next term is below 6e-9), times 2^n.
NEEDLE_INLINE F32x4 Exp4(F32x4 x) {
  const F32x4 in = Min4(Max4(x, Splat4(-87.0f)), Splat4(88.0f));
  const F32x4 n = Round4(in * Splat4(1.44269504f));
  // ln 2 in two parts; n times the first is exact
  const F32x4 r = (in - n * Splat4(0.693359375f)) - n * Splat4(-2.12194440e-4f);
  F32x4 p = Splat4(1.0f / 5040);
  p = p * r + Splat4(1.0f / 720);
  p = p * r + Splat4(1.0f / 120);
  p = p * r + Splat4(1.0f / 24);
  p = p * r + Splat4(1.0f / 6);
  p = p * r + Splat4(0.5f);
  p = p * r + Splat4(1.0f);
  p = p * r + Splat4(1.0f);
  const F32x4 power = reinterpret_cast<F32x4>((RoundToInt4(n) + 127) << 23);
  return x < Splat4(-87.0f) ? Splat4(0.0f) : p * power;
}

inline float Exp(float x) { return Exp4(Splat4(x))[0]; }

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
