// SPDX-License-Identifier: Apache-2.0
// Slow, obvious kernels: the definition that the fast ones are checked against. Never part of the library.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace needle_test {

struct Quantized {
  std::vector<int8_t> q;
  std::vector<float> scale;
  std::vector<int32_t> sum;
};

inline Quantized QuantizeRows(const std::vector<float>& x, int rows, int cols) {
  Quantized out{std::vector<int8_t>(x.size()), std::vector<float>(rows), std::vector<int32_t>(rows)};
  for (int r = 0; r < rows; ++r) {
    float amax = 0;
    for (int i = 0; i < cols; ++i) amax = std::max(amax, std::fabs(x[r * cols + i]));
    const float inv = amax > 0 ? 127.0f / amax : 0.0f;
    for (int i = 0; i < cols; ++i) {
      const float y = std::clamp(std::nearbyint(x[r * cols + i] * inv), -127.0f, 127.0f);
      out.q[r * cols + i] = static_cast<int8_t>(y);
      out.sum[r] += static_cast<int32_t>(y);
    }
    out.scale[r] = amax / 127.0f;
  }
  return out;
}

/// u = 64 + m * (c - 8) of one row: codes [cols / 2], multipliers m - 1 [cols / 64], low nibbles first -> u [cols].
inline void ExpandQ4Row(const uint8_t* codes, const uint8_t* multipliers, int cols, uint8_t* u) {
  for (int i = 0; i < cols; ++i) {
    const int group = i / 32;
    const int c = codes[i / 2] >> (4 * (i & 1)) & 15, m = (multipliers[group / 2] >> (4 * (group & 1)) & 15) + 1;
    u[i] = static_cast<uint8_t>(64 + m * (c - 8));
  }
}

/// y[r][o] = (w_scale[o] * a_scale[r]) * float(sum a * (u - 64)); u [out, cols] unpacked.
inline std::vector<float> Gemm(const Quantized& a, const std::vector<uint8_t>& u, const std::vector<float>& w_scale,
                               int rows, int out, int cols) {
  std::vector<float> y(static_cast<size_t>(rows) * out);
  for (int r = 0; r < rows; ++r)
    for (int o = 0; o < out; ++o) {
      int64_t acc = 0;
      for (int i = 0; i < cols; ++i) acc += a.q[r * cols + i] * (static_cast<int>(u[o * cols + i]) - 64);
      y[r * out + o] = (w_scale[o] * a.scale[r]) * static_cast<float>(acc);
    }
  return y;
}

/// Sum in the order that every float reduction of the engine has: lane i % 4, then (0 + 1) + (2 + 3).
inline float Dot(const float* a, const float* b, int n) {
  float lane[4] = {0, 0, 0, 0};
  for (int i = 0; i < n; ++i) lane[i % 4] += a[i] * b[i];
  return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

}  // namespace needle_test
