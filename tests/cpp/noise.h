// SPDX-License-Identifier: Apache-2.0
// Numbers that look like nothing in particular, the same in every run, and equality to the bit.
#pragma once

#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

namespace needle_test {

inline std::vector<float> Floats(size_t n, unsigned seed, float size = 1.0f) {
  std::mt19937 rng(seed);
  std::vector<float> x(n);
  for (auto& v : x) v = (static_cast<float>(rng() >> 8) / 8388608.0f - 1.0f) * size;
  return x;
}

inline std::vector<uint8_t> Units(size_t n, unsigned seed) {
  std::mt19937 rng(seed);
  std::vector<uint8_t> u(n);
  for (auto& v : u) v = static_cast<uint8_t>(1 + rng() % 127);
  return u;
}

inline bool Same(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace needle_test
