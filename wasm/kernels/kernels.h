// SPDX-License-Identifier: Apache-2.0
// The contract of every kernel: what goes in, in which layout, how it rounds. Kernels know nothing of networks, files
// or errors; sizes were validated when the model was loaded.
//
// Names: operation, activation type, weight type. f32; q8 = int8, symmetric, one scale a row; q7, q4 = quant_layout.h.
// Every row of a result depends on that row of the input alone and is computed in one fixed order, so that results do
// not depend on how many rows are passed at once, and are the same bytes in every build.
// `cols` is a multiple of 16 (of q4 matrices: of 64), head_dim of 16; nothing needs to be aligned; output buffers do not overlap inputs.
#pragma once

#include <cstdint>

#include "kernels/quant_layout.h"

namespace needle {

/// A matrix [rows, cols] as packed by PackQ7 or ExpandQ4 (quant_layout.h).
struct Q7View {
  const uint8_t* packed = nullptr;  // [ceil(rows / 8)][cols / 16][8][16]
  const float* scale = nullptr;     // [rows]
  int rows = 0;
  int cols = 0;

  int num_panels() const { return (rows + kPanelRows - 1) / kPanelRows; }
};

/// A matrix [rows, cols] as packed by PackQ4.
struct Q4View {
  const uint8_t* packed = nullptr;  // [ceil(rows / 8)][cols / 32][kQ4Group]
  const float* scale = nullptr;     // [rows]
  int rows = 0;
  int cols = 0;

  int num_panels() const { return (rows + kPanelRows - 1) / kPanelRows; }
};

/// Rows of int8 activations; y . w needs their sums, because weights carry a zero point.
struct Q8Rows {
  const int8_t* q = nullptr;       // [rows, cols]
  const float* scale = nullptr;    // [rows]
  const int32_t* sum = nullptr;    // [rows]
  int rows = 0;
};

/// Whether this build has GemmQ8Q4. With SIMD128 alone a product of int16 is as many instructions as the dot product.
#if defined(__wasm_simd128__) && !defined(__wasm_relaxed_simd__)
inline constexpr bool kHasPairSums = false;
#else
inline constexpr bool kHasPairSums = true;
#endif
/// Whether this machine multiplies faster by GemmQ8Q4 than by GemmQ8Q7 what both can. Always the same answer.
bool PairSumsPay();

// --- quantize_rows.cc
/// amax = max |x|; a = round_half_even(x * (127 / amax)), clamped; scale = amax / 127; a row of zeros gives zeros.
void QuantizeRows(const float* x, int rows, int cols, int8_t* q, float* scale, int32_t* sum);

// --- pack_q7.cc
/// Interleaves u [rows, cols] (1..127, or 0..120) into panels; rows beyond the last are filled with the zero point.
void PackQ7(const uint8_t* u, int rows, int cols, uint8_t* packed);
/// The same of u = 64 + m * (c - 8): codes [rows, cols / 2], multipliers [rows, cols / 64]; cols is a multiple of 64.
void ExpandQ4(const uint8_t* codes, const uint8_t* multipliers, int rows, int cols, uint8_t* packed);
/// The same codes and multipliers, kept apart, for GemmQ8Q4; PackedSizeQ4(rows, cols) bytes.
void PackQ4(const uint8_t* codes, const uint8_t* multipliers, int rows, int cols, uint8_t* packed);
/// One row back as f32: y[i] = (scale * (u - 64)) * factor.
void UnpackRowQ7(const Q7View& w, int row, float factor, float* y);

// --- gemm_q7.cc: y[r, o] = (w.scale[o] * x.scale[r]) * float(sum_i a * u - 64 * sum_i a)
/// Any number of rows; y is [x.rows, w.rows]. Only the panels of [first, last): that many eights of y's columns.
void GemmQ8Q7(const Q8Rows& x, const Q7View& w, int first_panel, int last_panel, float* y);
inline void GemmQ8Q7(const Q8Rows& x, const Q7View& w, float* y) { GemmQ8Q7(x, w, 0, w.num_panels(), y); }
/// One row against the chosen rows of w only (logits under a mask), ascending: y[i] belongs to rows[i].
void GatherGemvQ8Q7(const Q8Rows& x, const Q7View& w, const int32_t* rows, int count, float* y);

// --- gemm_q4.cc: y[r, o] = (w.scale[o] * x.scale[r]) * float(sum_i a * m * (c - 8)), the same numbers as by gemm_q7.cc
/// zeros [rows, cols / 32]: what the codes' zero point takes away in each group of inputs, as GemmQ8Q4 wants it.
void GroupZeros(const int8_t* q, int rows, int cols, int32_t* zeros);
/// Any number of rows; panels as above. Both only where kHasPairSums.
void GemmQ8Q4(const Q8Rows& x, const int32_t* zeros, const Q4View& w, int first_panel, int last_panel, float* y);

// --- gemm_f32.cc: w is [out, in] as in the file
void GemmF32(const float* x, int rows, const float* w, int out, int in, float* y);
void GatherGemvF32(const float* x, const float* w, int in, const int32_t* rows, int count, float* y);

// --- norm.cc
/// y = x * (1 / sqrt(mean(x^2) + 1e-6)) * (1 + g), row by row; y may be x.
void RmsNorm(const float* x, const float* g, int rows, int cols, float* y);
/// Rotates heads of one position in place: x1' = x1 cos - x2 sin, x2' = x2 cos + x1 sin, x1 the first half of a head.
void Rope(float* x, int heads, int head_dim, const float* cos, const float* sin);

// --- elementwise.cc
/// x[i] = exp(x[i] - max x); returns the sum. Writes up to n rounded up to a multiple of 4 (zeros there).
float ExpRow(float* x, int n);
/// The highest of x, n >= 1, and the sum of exp(x[i] - top).
float MaxOf(const float* x, int n);
float SumExp(const float* x, int n, float top);
void AddScaled(float* x, const float* y, float factor, int n);  // x += factor * y; n a multiple of 4
void AddScaledSums(float* x, int32_t* sums, float factor, int n);  // x += factor * sums; sums = 0; n a multiple of 4
void Scale(float* x, float factor, int n);                      // n a multiple of 4
float DotF32(const float* a, const float* b, int n);            // n a multiple of 4
float MaxAbs(const float* x, int n);                            // n a multiple of 4
/// mean of rows, summed from the first to the last
void MeanRows(const float* x, int rows, int cols, float* y);

// --- attention_kernels.cc
/// Keys and values of one block, all kv heads; f32, or int8 with one f32 scale a key. Four keys' j-th number lie side by
/// side, in int8 their j-th and next; int8 values lie in pairs of keys. What lies behind the last key is zero.
struct KvView {
  const float* k = nullptr;        // [kv_heads][capacity / 4][head_dim][4]
  const float* v = nullptr;        // [kv_heads][capacity][head_dim]
  const int8_t* k8 = nullptr;      // [kv_heads][capacity / 4][head_dim / 2][4][2]
  const int8_t* v8 = nullptr;      // [kv_heads][capacity / 2][head_dim][2]
  const float* k_scale = nullptr;  // [kv_heads][capacity]
  const float* v_scale = nullptr;
  int num_keys = 0;
  int capacity = 0;                // a multiple of 4
};
inline constexpr int kAttentionRows = 4;         // rows of queries that share one pass over the keys
inline constexpr float kMaskedScore = -3.0e38f;  // its exponential is 0
inline constexpr float kQ16Max = 16383.0f;
/// Of values, at most so many keys may be summed in int32: 1024 * 16383 * 127 < 2^31.
inline constexpr int kMaxKeysOfSum = 1024;

/// A few rows of int16, one scale each.
struct Q16Rows {
  const int16_t* q[kAttentionRows];
  float scale[kAttentionRows];
};
/// q = round_half_even(x * (16383 / max |x|)); scale = max |x| / 16383. n is a multiple of 4; x and q have
/// room for a multiple of 8.
void QuantizeQ16(const float* x, int n, int16_t* q, float* scale);

/// scores[r][t] = (q[r] . k_t) * factor, summed over j from the first to the last; masked up to a multiple of 4 keys.
/// 1 <= rows <= 4; head_dim is 32 or 64.
void ScoreKeysF32(const float* const* q, int rows, const KvView& kv, int kv_head, int head_dim, float factor,
                  float* const* scores);
/// scores[r][t] = (float(q[r] . k8_t) * (q.scale[r] * factor)) * k_scale_t; masked likewise.
void ScoreKeysQ8(const Q16Rows& q, int rows, const KvView& kv, int kv_head, int head_dim, float factor,
                 float* const* scores);
/// p[t] *= v_scale[t], up to a multiple of 4 keys.
void ScaleWeights(float* p, const float* v_scale, int num_keys);
/// out[r] += sum_t p[r][t] * v_t, over t from the first to the last.
void AccumulateValuesF32(const float* const* p, int rows, const KvView& kv, int kv_head, int head_dim,
                         float* const* out);
/// sums[r] += sum_t w[r][t] * v8_t over `num_keys` keys from `first` on; `first` is even, w[r][0] is that key's.
void AccumulateValuesQ8(const int16_t* const* w, int rows, const KvView& kv, int kv_head, int first, int num_keys,
                        int head_dim, int32_t* const* sums);

}  // namespace needle
