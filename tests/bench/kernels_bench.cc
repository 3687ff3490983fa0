// SPDX-License-Identifier: Apache-2.0
// The kernels at the shapes of the network, what the machine could do at best, and two ways to do the same without any
// kernel, as functions that JavaScript calls with a clock in its hand (runtime/kernels.mjs). A module of its own with
// no imports, never part of the package. Natively the same file is a library for instruction_count.cc.
//
//   use_pair_sums whether matrices are prepared for GemmQ8Q4; at first as the engine does on this machine (pair_sums_pay)
//   prepare       fills activations [rows, cols] and `matrices` matrices [out, cols], as a network's layers lie in memory
//   run_kernel    every matrix times all rows, by the engine's kernel; run_reference, run_plain: the same without it
//   run_attention a layer's attention over tools, int8 keys and values
//   peak_dot      the build's dot product on registers and L1 alone: the most multiply-adds that this runtime reaches
//   peak_read     reads the matrices' bytes and does nothing with them
#include <algorithm>
#include <vector>

#include "kernels/aligned.h"
#include "kernels/isa.h"
#include "kernels/kernels.h"
#include "kernels/quant_layout.h"
#include "model/attention.h"
#include "reference_kernels.h"

using namespace needle;

#define BENCH_EXPORT extern "C" __attribute__((used, visibility("default")))

namespace {

/// What the compiler must believe to be read and changed, so that no repetition is dropped.
#define KEEP(pointer) asm volatile("" : : "r"(pointer) : "memory")

struct Products {
  int rows = 0, out = 0, cols = 0, matrices = 0;
  std::vector<uint8_t> u;          // [out, cols] of the first matrix, as rows
  bool pair_sums = false;
  AlignedVector<uint8_t> packed;   // [matrices], in the form that the kernel takes
  std::vector<float> scale;        // [out]
  needle_test::Quantized a;        // [rows, cols]
  std::vector<float> y;            // [rows, out]
  std::vector<int32_t> zeros;      // [rows, cols / 32]

  size_t bytes() const { return pair_sums ? PackedSizeQ4(out, cols) : PackedSize(out, cols); }  // of one
  Q7View matrix(int i) const { return {packed.data() + i * bytes(), scale.data(), out, cols}; }
  Q4View matrix_q4(int i) const { return {packed.data() + i * bytes(), scale.data(), out, cols}; }
  Q8Rows input() const { return {a.q.data(), a.scale.data(), a.sum.data(), rows}; }
};

/// One layer's attention over the cached keys and values of tools.
struct Attention {
  ModelConfig config;
  std::vector<KvCache> tools;
  Scratch scratch;
  int rows = 0;
};

Products products;
bool with_pair_sums = PairSumsPay();
Attention attention;

std::vector<float> Noise(size_t n) {
  std::vector<float> x(n);
  uint32_t state = 1;
  for (auto& v : x) v = static_cast<float>((state = state * 1664525u + 1013904223u) >> 8) / 8388608.0f - 1.0f;
  return x;
}

void Multiply(int matrix) {
  Products& p = products;
  if (!p.pair_sums) return GemmQ8Q7(p.input(), p.matrix(matrix), p.y.data());
  if constexpr (kHasPairSums) {
    const Q4View w = p.matrix_q4(matrix);
    GroupZeros(p.a.q.data(), p.rows, p.cols, p.zeros.data());
    GemmQ8Q4(p.input(), p.zeros.data(), w, 0, w.num_panels(), p.y.data());
  }
}

}  // namespace

BENCH_EXPORT void prepare(int rows, int out, int cols, int matrices) {
  Products& p = products;
  p = Products{};
  p.rows = rows, p.out = out, p.cols = cols, p.matrices = matrices;
  p.scale = Noise(out);
  p.a = needle_test::QuantizeRows(Noise(static_cast<size_t>(rows) * cols), rows, cols);
  p.y.resize(static_cast<size_t>(rows) * out);
  p.zeros.resize(static_cast<size_t>(rows) * cols / kQuantGroup);
  std::vector<uint8_t> codes(static_cast<size_t>(out) * cols / 2), multipliers(static_cast<size_t>(out) * cols / 64);
  for (size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<uint8_t>(i * 2654435761u >> 13);
  for (size_t i = 0; i < multipliers.size(); ++i) multipliers[i] = static_cast<uint8_t>(i * 2654435761u >> 13 & 0x77);
  p.u.resize(static_cast<size_t>(out) * cols);
  for (int o = 0; o < out; ++o)
    needle_test::ExpandQ4Row(codes.data() + static_cast<size_t>(o) * cols / 2, multipliers.data() + o * cols / 64, cols,
                             p.u.data() + static_cast<size_t>(o) * cols);
  p.pair_sums = with_pair_sums;
  p.packed.resize(p.bytes() * matrices);
  for (int i = 0; i < matrices; ++i)
    (p.pair_sums ? PackQ4 : ExpandQ4)(codes.data(), multipliers.data(), out, cols, p.packed.data() + i * p.bytes());
}

BENCH_EXPORT int pair_sums_pay() { return PairSumsPay(); }
BENCH_EXPORT void use_pair_sums(int yes) { with_pair_sums = kHasPairSums && yes; }

/// 1 if the kernel's result is the reference's, bit for bit.
BENCH_EXPORT int is_right() {
  Multiply(products.matrices - 1);
  const Products& p = products;
  return p.y == needle_test::Gemm(p.a, p.u, p.scale, p.rows, p.out, p.cols);
}

BENCH_EXPORT void run_kernel(int repeats) {
  for (int r = 0; r < repeats; ++r)
    for (int i = 0; i < products.matrices; ++i) {
      Multiply(i);
      KEEP(products.y.data());
    }
}

BENCH_EXPORT void run_reference(int repeats) {
  for (int r = 0; r < repeats; ++r)
    for (int i = 0; i < products.matrices; ++i) {
      const auto y = needle_test::Gemm(products.a, products.u, products.scale, products.rows, products.out, products.cols);
      KEEP(y.data());
    }
}

/// What one writes first: int8 rows along int8 rows, for the compiler to make fast.
BENCH_EXPORT void run_plain(int repeats) {
  const Products& p = products;
  for (int r = 0; r < repeats; ++r)
    for (int i = 0; i < p.matrices; ++i) {
      for (int t = 0; t < p.rows; ++t)
        for (int o = 0; o < p.out; ++o) {
          const int8_t* a = p.a.q.data() + static_cast<size_t>(t) * p.cols;
          const uint8_t* w = p.u.data() + static_cast<size_t>(o) * p.cols;
          int32_t sum = 0;
          for (int k = 0; k < p.cols; ++k) sum += a[k] * w[k];
          products.y[static_cast<size_t>(t) * p.out + o] =
              p.scale[o] * p.a.scale[t] * static_cast<float>(sum - kQuantZero * p.a.sum[t]);
        }
      KEEP(products.y.data());
    }
}

/// A row of logits: the chosen rows of the first matrix, every `stride`-th.
BENCH_EXPORT void run_gather(int stride, int repeats) {
  std::vector<int32_t> chosen;
  for (int o = 0; o < products.out; o += stride) chosen.push_back(o);
  for (int r = 0; r < repeats; ++r) {
    GatherGemvQ8Q7(products.input(), products.matrix(0), chosen.data(), static_cast<int>(chosen.size()), products.y.data());
    KEEP(products.y.data());
  }
}

BENCH_EXPORT void run_quantize(int repeats) {
  static std::vector<float> x;
  const Products& p = products;
  if (x.size() != p.a.q.size()) x = Noise(p.a.q.size());
  static std::vector<int8_t> q;
  q.resize(x.size());
  std::vector<float> scale(p.rows);
  std::vector<int32_t> sum(p.rows);
  for (int r = 0; r < repeats; ++r) {
    QuantizeRows(x.data(), p.rows, p.cols, q.data(), scale.data(), sum.data());
    KEEP(q.data());
  }
}

/// `tools` blocks of 48 keys, in int8 as tools have them, seen by `rows` tokens of the 26M network.
BENCH_EXPORT void prepare_attention(int rows, int tools) {
  constexpr int kKeys = 48;
  ModelConfig& c = attention.config;
  c.d_model = 512, c.heads = 8, c.kv_heads = 4, c.head_dim = 64;
  const auto kv = Noise(static_cast<size_t>(kKeys) * c.kv_size());
  attention.tools.assign(tools, KvCache(c.kv_heads, c.head_dim, true));
  for (KvCache& cache : attention.tools) cache.Append(kv.data(), kv.data(), kKeys);
  attention.rows = rows;
  attention.scratch.Reserve(c, rows);
  const auto q = Noise(static_cast<size_t>(rows) * c.q_size());
  std::copy(q.begin(), q.end(), attention.scratch.q.begin());
}

BENCH_EXPORT void run_attention(int repeats) {
  Scratch& s = attention.scratch;
  for (int r = 0; r < repeats; ++r) {
    s.segments.clear();
    for (const KvCache& cache : attention.tools) s.segments.push_back(cache.view());
    Attend(attention.config, 0, attention.rows, s);
    KEEP(s.attended.data());
  }
}

#if defined(__wasm_simd128__)
namespace {

constexpr int kDepth = 512;
alignas(16) int32_t sink[4];

// The best blocks of sums that registers hold, over operands that lie in L1: with the relaxed dot 6 x 2 over bytes, or
// 4 x 2 of pairs in 16 bits; without it 4 x 2 over numbers that are 16 bits wide already.
alignas(16) int8_t dot_a[6 * 2 * kDepth], dot_b[2 * 2 * kDepth];

template <int kRows, class Dot>
NEEDLE_INLINE void RunPeak(int repeats, int bytes, Dot dot) {
  for (int r = 0; r < repeats; ++r) {
    KEEP(dot_a);
    KEEP(dot_b);
    v128_t acc[kRows * 2] = {};
    for (int k = 0; k < bytes; k += 16) {
      const v128_t b[2] = {wasm_v128_load(dot_b + k), wasm_v128_load(dot_b + bytes + k)};
#pragma clang loop unroll(full)
      for (int i = 0; i < kRows; ++i) {
        const v128_t a = wasm_v128_load(dot_a + i * bytes + k);
        acc[2 * i] = dot(acc[2 * i], a, b[0]);
        acc[2 * i + 1] = dot(acc[2 * i + 1], a, b[1]);
      }
    }
    v128_t all = acc[0];
    for (int i = 1; i < kRows * 2; ++i) all = wasm_v128_xor(all, acc[i]);
    wasm_v128_store(sink, all);
    KEEP(sink);
  }
}

#if defined(__wasm_relaxed_simd__)
int PeakRows() { return PairSumsPay() ? 4 : 6; }
void RunPeakDot(int repeats) {
  if (PairSumsPay())
    RunPeak<4>(repeats, kDepth, [](v128_t acc, v128_t a, v128_t b) __attribute__((always_inline)) {
      return wasm_i16x8_add(acc, wasm_i16x8_relaxed_dot_i8x16_i7x16(a, b));
    });
  else
    RunPeak<6>(repeats, kDepth, [](v128_t acc, v128_t a, v128_t b) __attribute__((always_inline)) {
      return wasm_i32x4_relaxed_dot_i8x16_i7x16_add(a, b, acc);
    });
}
#else
int PeakRows() { return 4; }
void RunPeakDot(int repeats) {
  RunPeak<4>(repeats, 2 * kDepth, [](v128_t acc, v128_t a, v128_t b) __attribute__((always_inline)) {
    return wasm_i32x4_add(acc, wasm_i32x4_dot_i16x8(a, b));
  });
}
#endif

}  // namespace

/// Multiply-adds of one repetition of peak_dot.
BENCH_EXPORT int peak_dot_macs() { return PeakRows() * 2 * kDepth; }
BENCH_EXPORT void peak_dot(int repeats) { RunPeakDot(repeats); }

/// Bytes of one repetition of peak_read: all matrices, as the kernel reads them.
BENCH_EXPORT int peak_read_bytes() { return static_cast<int>(products.packed.size()); }

BENCH_EXPORT void peak_read(int repeats) {
  const uint8_t *begin = products.packed.data(), *end = begin + products.packed.size();
  for (int r = 0; r < repeats; ++r) {
    KEEP(begin);
    v128_t acc[8] = {};
    for (const uint8_t* p = begin; p < end; p += 128) {
#pragma clang loop unroll(full)
      for (int i = 0; i < 8; ++i) acc[i] = wasm_v128_or(acc[i], wasm_v128_load(p + 16 * i));
    }
    for (int i = 1; i < 8; ++i) acc[0] = wasm_v128_or(acc[0], acc[i]);
    wasm_v128_store(sink, acc[0]);
    KEEP(sink);
  }
}
#endif
