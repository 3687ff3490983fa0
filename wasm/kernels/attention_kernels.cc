// SPDX-License-Identifier: Apache-2.0
// The two halves of attention over one block of keys: scores, and the weighted sum of values. Written once over a
// source of sixteen numbers at a time, f32 or int8; a few rows of queries share what was loaded and widened.
#include "kernels/isa.h"
#include "kernels/kernels.h"
#include "kernels/math.h"

namespace needle {
namespace {

NEEDLE_INLINE void LoadSixteen(const float* p, F32x4 out[4]) {
  for (int i = 0; i < 4; ++i) out[i] = Load4(p + 4 * i);
}
NEEDLE_INLINE void LoadSixteen(const int8_t* p, F32x4 out[4]) { LoadInt8AsFloat(p, out); }

NEEDLE_INLINE F32x4 HalfScales(const uint16_t* p) {
  return F32x4{FloatFromHalf(p[0]), FloatFromHalf(p[1]), FloatFromHalf(p[2]), FloatFromHalf(p[3])};
}

/// Lanes = four keys; R rows of queries.
template <int R, class T>
void ScoreRows(const float* const* q, const T* k, const uint16_t* k_scale, int num_keys, int head_dim, float factor,
               float* const* scores) {
  for (int t = 0; t < num_keys; t += 4, k += 4 * head_dim) {
    F32x4 acc[R];
    for (int r = 0; r < R; ++r) acc[r] = Splat4(0.0f);
    for (int j = 0; j < head_dim; j += 4) {
      F32x4 four[4];  // [j .. j + 3], lanes = keys
      LoadSixteen(k + 4 * j, four);
      for (int r = 0; r < R; ++r)
        for (int i = 0; i < 4; ++i) acc[r] = acc[r] + Splat4(q[r][j + i]) * four[i];
    }
    for (int r = 0; r < R; ++r) {
      if (k_scale) acc[r] = acc[r] * HalfScales(k_scale + t);
      Store4(scores[r] + t, acc[r] * Splat4(factor));
    }
  }
}

/// Sixteen numbers of the head from `v` on, lanes = those numbers; R rows of weights.
template <int R, class T>
void ValueRows(const float* const* p, const T* v, const uint16_t* v_scale, int num_keys, int head_dim, int at,
               float* const* out) {
  F32x4 acc[R][4];
  for (int r = 0; r < R; ++r)
    for (int i = 0; i < 4; ++i) acc[r][i] = Load4(out[r] + at + 4 * i);
  v += at;
  for (int t = 0; t < num_keys; ++t, v += head_dim) {
    F32x4 four[4];
    LoadSixteen(v, four);
    for (int r = 0; r < R; ++r) {
      const F32x4 weight = Splat4(v_scale ? p[r][t] * FloatFromHalf(v_scale[t]) : p[r][t]);
      for (int i = 0; i < 4; ++i) acc[r][i] = acc[r][i] + weight * four[i];
    }
  }
  for (int r = 0; r < R; ++r)
    for (int i = 0; i < 4; ++i) Store4(out[r] + at + 4 * i, acc[r][i]);
}

template <class T>
void ScoreAny(const float* const* q, int rows, const T* k, const uint16_t* k_scale, int num_keys, int head_dim,
              float factor, float* const* scores) {
  switch (rows) {
    case 1: return ScoreRows<1>(q, k, k_scale, num_keys, head_dim, factor, scores);
    case 2: return ScoreRows<2>(q, k, k_scale, num_keys, head_dim, factor, scores);
    case 3: return ScoreRows<3>(q, k, k_scale, num_keys, head_dim, factor, scores);
    default: return ScoreRows<4>(q, k, k_scale, num_keys, head_dim, factor, scores);
  }
}

template <class T>
void ValueAny(const float* const* p, int rows, const T* v, const uint16_t* v_scale, int num_keys, int head_dim,
              float* const* out) {
  for (int at = 0; at < head_dim; at += 16) {
    int r = 0;  // pairs: four rows would spill on machines with sixteen vector registers
    for (; r + 2 <= rows; r += 2) ValueRows<2>(p + r, v, v_scale, num_keys, head_dim, at, out + r);
    if (r < rows) ValueRows<1>(p + r, v, v_scale, num_keys, head_dim, at, out + r);
  }
}

}  // namespace

void ScoreKeys(const float* const* q, int rows, const KvView& kv, int kv_head, int head_dim, float factor,
               float* const* scores) {
  const size_t head = static_cast<size_t>(kv_head) * kv.capacity;
  if (kv.k8)
    return ScoreAny(q, rows, kv.k8 + head * head_dim, kv.k_scale + head, kv.num_keys, head_dim, factor, scores);
  ScoreAny(q, rows, kv.k + head * head_dim, nullptr, kv.num_keys, head_dim, factor, scores);
}

void AccumulateValues(const float* const* p, int rows, const KvView& kv, int kv_head, int head_dim, float* const* out) {
  const size_t head = static_cast<size_t>(kv_head) * kv.capacity;
  if (kv.v8) return ValueAny(p, rows, kv.v8 + head * head_dim, kv.v_scale + head, kv.num_keys, head_dim, out);
  ValueAny(p, rows, kv.v + head * head_dim, nullptr, kv.num_keys, head_dim, out);
}

}  // namespace needle
