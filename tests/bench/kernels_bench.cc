// SPDX-License-Identifier: Apache-2.0
// Speed of the kernels at the shapes of the 26M network: median and spread of N runs, after a check of the result
// against the obvious version. Native or wasm (em++ with the flags of one variant, run under node):
//   kernel  shape  GMAC/s (median, slowest, fastest)
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "kernels/isa.h"
#include "kernels/kernels.h"
#include "kernels/quant_layout.h"
#include "reference_kernels.h"

using namespace needle;

namespace {

constexpr int kRuns = 21;

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::vector<float> Noise(size_t n) {
  std::vector<float> x(n);
  uint32_t state = 1;
  for (auto& v : x) v = static_cast<float>((state = state * 1664525u + 1013904223u) >> 8) / 8388608.0f - 1.0f;
  return x;
}

/// Times `run`, whose work is `macs` multiply-adds, and prints a line. Every run repeats until it takes a millisecond.
template <class F>
void Time(const char* kernel, const char* shape, double macs, F&& run) {
  int repeats = 1;
  for (double begin = Seconds(); run(), Seconds() - begin < 1e-3;) ++repeats;
  std::vector<double> rates;
  for (int i = 0; i < kRuns; ++i) {
    const double begin = Seconds();
    for (int j = 0; j < repeats; ++j) run();
    rates.push_back(macs * repeats / (Seconds() - begin) / 1e9);
  }
  std::sort(rates.begin(), rates.end());
  std::printf("%-16s %-22s %7.1f  (%.1f to %.1f)\n", kernel, shape, rates[kRuns / 2], rates.front(), rates.back());
}

bool BenchGemm(int rows, int out, int cols) {
  std::vector<uint8_t> u(static_cast<size_t>(out) * cols), packed(PackedSize(out, cols));
  for (size_t i = 0; i < u.size(); ++i) u[i] = static_cast<uint8_t>(1 + i * 2654435761u % 127);
  PackQ7(u.data(), out, cols, packed.data());
  const auto scale = Noise(out);
  const auto a = needle_test::QuantizeRows(Noise(static_cast<size_t>(rows) * cols), rows, cols);
  const Q8Rows x{a.q.data(), a.scale.data(), a.sum.data(), rows};
  const Q7View w{packed.data(), scale.data(), out, cols};
  std::vector<float> y(static_cast<size_t>(rows) * out);
  GemmQ8Q7(x, w, y.data());
  if (y != needle_test::Gemm(a, u, scale, rows, out, cols)) return std::printf("GemmQ8Q7 is wrong\n"), false;
  char shape[32];
  std::snprintf(shape, sizeof shape, "%d x %d x %d", rows, out, cols);
  Time(rows == 1 ? "GemvQ8Q7" : "GemmQ8Q7", shape, double(rows) * out * cols, [&] { GemmQ8Q7(x, w, y.data()); });
  return true;
}

void BenchAttention(int rows, int keys, int head_dim) {
  const auto q = Noise(static_cast<size_t>(rows) * head_dim);
  std::vector<int8_t> kv(static_cast<size_t>(keys) * head_dim, 3);
  std::vector<uint16_t> scales(keys, 0x2000);
  const KvView view{nullptr, nullptr, kv.data(), kv.data(), scales.data(), scales.data(), keys, keys};
  std::vector<float> scores(static_cast<size_t>(rows) * (keys + 4)), out(q.size());
  const float *qs[kAttentionRows], *ps[kAttentionRows];
  float *ss[kAttentionRows], *os[kAttentionRows];
  for (int r = 0; r < rows; ++r) {
    qs[r] = &q[r * head_dim];
    ps[r] = ss[r] = &scores[r * (keys + 4)];
    os[r] = &out[r * head_dim];
  }
  char shape[32];
  std::snprintf(shape, sizeof shape, "%d x %d keys x %d", rows, keys, head_dim);
  const double macs = double(rows) * keys * head_dim;
  Time("ScoreKeys q8", shape, macs, [&] { ScoreKeys(qs, rows, view, 0, head_dim, 1.0f, ss); });
  Time("Values q8", shape, macs, [&] { AccumulateValues(ps, rows, view, 0, head_dim, os); });
}

}  // namespace

int main() {
  std::printf("isa %s; GMAC/s: median (slowest to fastest) of %d runs\n", kIsaName, kRuns);
  for (int rows : {1, 2, 6, 20, 60, 240})
    for (int out : {256, 512})
      if (!BenchGemm(rows, out, 512)) return 1;
  if (!BenchGemm(1, 8192, 512)) return 1;
  for (int rows : {1, 2, 4}) BenchAttention(rows, 960, 64);
  return 0;
}
