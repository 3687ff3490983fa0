// SPDX-License-Identifier: Apache-2.0
// The kernels at the shapes of the network, what the machine could do at best, and two ways to do the same without any
// kernel, as functions that JavaScript calls with a clock in its hand (runtime/kernels.mjs). A module of its own with
// no imports, never part of the package. Natively the same file is a library for instruction_count.cc.
//
//   prepare       fills activations [rows, cols] and `matrices` matrices [out, cols], as a network's layers lie in memory
//   run_kernel    every matrix times all rows, by the engine's kernel; run_reference, run_plain: the same without it
//   run_attention a layer's attention over tools, int8 keys and values
//   peak_dot      the build's dot product on registers and L1 alone: the most multiply-adds that this runtime reaches
//   peak_read     reads the matrices' bytes and does nothing with them
#include <algorithm>
#include <vector>

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
  std::vector<uint8_t> u;       // [out, cols] of the first matrix, as rows
  std::vector<uint8_t> packed;  // [matrices] packed
  std::vector<float> scale;     // [out]
  needle_test::Quantized a;     // [rows, cols]
  std::vector<float> y;         // [rows, out]

  Q7View matrix(int i) const { return {packed.data() + i * PackedSize(out, cols), scale.data(), out, cols}; }
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
Attention attention;

std::vector<float> Noise(size_t n) {
  std::vector<float> x(n);
  uint32_t state = 1;
  for (auto& v : x) v = static_cast<float>((state = state * 1664525u + 1013904223u) >> 8) / 8388608.0f - 1.0f;
  return x;
}

void Multiply(int matrix) {
  const Products& p = products;
  p.rows == 1 ? GemvQ8Q7(p.input(), p.matrix(matrix), products.y.data())
              : GemmQ8Q7(p.input(), p.matrix(matrix), products.y.data());
}

}  // namespace

BENCH_EXPORT void prepare(int rows, int out, int cols, int matrices) {
  Products& p = products;
  p = Products{rows, out, cols, matrices, std::vector<uint8_t>(static_cast<size_t>(out) * cols),
               std::vector<uint8_t>(PackedSize(out, cols) * matrices), Noise(out),
               needle_test::QuantizeRows(Noise(static_cast<size_t>(rows) * cols), rows, cols),
               std::vector<float>(static_cast<size_t>(rows) * out)};
  for (size_t i = 0; i < p.u.size(); ++i) p.u[i] = static_cast<uint8_t>(1 + i * 2654435761u % 127);
  for (int i = 0; i < matrices; ++i) PackQ7(p.u.data(), out, cols, p.packed.data() + i * PackedSize(out, cols));
}

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
          const uint8_t* w = p.packed.data() + i * PackedSize(p.out, p.cols) + static_cast<size_t>(o) * p.cols;
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

// The best blocks of sums that registers hold, over operands that lie in L1: with the relaxed dot 6 x 2 over bytes,
// without it 4 x 2 over numbers that are 16 bits wide already.
#if defined(__wasm_relaxed_simd__)
constexpr int kBlockRows = 6, kStep = 16;
alignas(16) int8_t dot_a[kBlockRows * kDepth], dot_b[2 * kDepth];
NEEDLE_INLINE I32x4 Dot(I32x4 acc, v128_t a, v128_t b) {
  return (I32x4)wasm_i32x4_relaxed_dot_i8x16_i7x16_add(a, b, (v128_t)acc);
}
#else
constexpr int kBlockRows = 4, kStep = 8;
alignas(16) int16_t dot_a[kBlockRows * kDepth], dot_b[2 * kDepth];
NEEDLE_INLINE I32x4 Dot(I32x4 acc, v128_t a, v128_t b) { return acc + (I32x4)wasm_i32x4_dot_i16x8(a, b); }
#endif

}  // namespace

/// Multiply-adds of one repetition of peak_dot.
BENCH_EXPORT int peak_dot_macs() { return kBlockRows * 2 * kDepth; }

BENCH_EXPORT void peak_dot(int repeats) {
  for (int r = 0; r < repeats; ++r) {
    KEEP(dot_a);
    KEEP(dot_b);
    I32x4 acc[kBlockRows * 2] = {};
    for (int k = 0; k < kDepth; k += kStep) {
      const v128_t b[2] = {wasm_v128_load(dot_b + k), wasm_v128_load(dot_b + kDepth + k)};
#pragma clang loop unroll(full)
      for (int i = 0; i < kBlockRows; ++i) {
        const v128_t a = wasm_v128_load(dot_a + i * kDepth + k);
        acc[2 * i] = Dot(acc[2 * i], a, b[0]);
        acc[2 * i + 1] = Dot(acc[2 * i + 1], a, b[1]);
      }
    }
    I32x4 all = acc[0];
    for (int i = 1; i < kBlockRows * 2; ++i) all += acc[i];
    wasm_v128_store(sink, (v128_t)all);
    KEEP(sink);
  }
}

/// Bytes of one repetition of peak_read: all matrices.
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
