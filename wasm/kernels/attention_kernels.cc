// SPDX-License-Identifier: Apache-2.0
// The two halves of attention over one block of keys: scores, and the weighted sum of values. In f32 over what a block
// has just computed; in integers over the tools' caches, where most of the work lies: int8 keys and values against
// queries and weights of 15 bits, eight products an instruction and no conversion on the way. A few rows of queries
// share what was loaded and widened.
#include <algorithm>

#include "base/noinline.h"
#include "kernels/isa.h"
#include "kernels/kernels.h"

namespace needle {
namespace {

/// Calls F<R>(), R = rows (1 to 4).
#define NEEDLE_FOR_ROWS(rows, call) \
  switch (rows) {                   \
    case 1: call(1); break;         \
    case 2: call(2); break;         \
    case 3: call(3); break;         \
    default: call(4); break;        \
  }

/// The scores behind the last key are far below any other, so that their weights are exact zeros.
NEEDLE_INLINE void MaskPadding(float* const* scores, int rows, int num_keys) {
  for (int r = 0; r < rows; ++r)
    for (int t = num_keys; t % 4 != 0; ++t) scores[r][t] = kMaskedScore;
}

/// Lanes = four keys; R rows of queries.
template <int R>
NEEDLE_NOINLINE void ScoreRowsF32(const float* const* q, const float* k, int num_keys, int head_dim, float factor,
                                  float* const* scores) {
  for (int t = 0; t < num_keys; t += 4, k += 4 * head_dim) {
    F32x4 acc[R];
    for (int r = 0; r < R; ++r) acc[r] = Splat4(0.0f);
    for (int j = 0; j < head_dim; ++j) {
      const F32x4 keys = Load4(k + 4 * j);
      for (int r = 0; r < R; ++r) acc[r] = acc[r] + Splat4(q[r][j]) * keys;
    }
    for (int r = 0; r < R; ++r) Store4(scores[r] + t, acc[r] * Splat4(factor));
  }
}

/// G groups of four keys from key `t` on; R rows of queries; D numbers a head, constant so that the loads of a
/// step have their place in the instruction.
template <int R, int G, int D>
NEEDLE_INLINE void ScoreGroupsQ8(const Q16Rows& q, const int8_t* k, const float* k_scale, float factor, int t,
                                 float* const* scores) {
  I32x4 acc[R][G];
  for (int r = 0; r < R; ++r)
    for (int g = 0; g < G; ++g) acc[r][g] = I32x4{0, 0, 0, 0};
  k += static_cast<size_t>(t) * D;
  NEEDLE_KEEP_LOOP
  for (int j = 0; j < D; j += 4) {
    for (int i = j; i < j + 4; i += 2) {
      I16x8 keys[G];  // {k_t[i], k_t[i + 1]} of four keys
      for (int g = 0; g < G; ++g) keys[g] = LoadWide(k + 4 * i + 4 * g * D);
      for (int r = 0; r < R; ++r)
        for (int g = 0; g < G; ++g) acc[r][g] = DotPairs(acc[r][g], keys[g], q.q[r] + i);
    }
  }
  for (int g = 0; g < G; ++g) {
    const F32x4 scale = Load4(k_scale + t + 4 * g);
    for (int r = 0; r < R; ++r)
      Store4(scores[r] + t + 4 * g,
             (__builtin_convertvector(acc[r][g], F32x4) * Splat4(q.scale[r] * factor)) * scale);
  }
}

template <int R, int D>
NEEDLE_NOINLINE void ScoreRowsQ8(const Q16Rows& q, const int8_t* k, const float* k_scale, int num_keys, float factor, float* const* scores) {
  constexpr int kGroups = R <= 2 ? 4 : 2;  // as many sums as fit into the registers beside what they are made of
  int t = 0;
  for (; t + 4 * (kGroups - 1) < num_keys; t += 4 * kGroups) ScoreGroupsQ8<R, kGroups, D>(q, k, k_scale, factor, t, scores);
  for (; t < num_keys; t += 4) ScoreGroupsQ8<R, 1, D>(q, k, k_scale, factor, t, scores);
}

/// Sixteen numbers of the head from `at` on, lanes = those numbers; R rows of weights.
template <int R>
NEEDLE_INLINE void ValueRowsF32(const float* const* p, const float* v, int num_keys, int head_dim, int at,
                                float* const* out) {
  F32x4 acc[R][4];
  for (int r = 0; r < R; ++r)
    for (int i = 0; i < 4; ++i) acc[r][i] = Load4(out[r] + at + 4 * i);
  v += at;
  for (int t = 0; t < num_keys; ++t, v += head_dim)
    for (int r = 0; r < R; ++r)
      for (int i = 0; i < 4; ++i) acc[r][i] = acc[r][i] + Splat4(p[r][t]) * Load4(v + 4 * i);
  for (int r = 0; r < R; ++r)
    for (int i = 0; i < 4; ++i) Store4(out[r] + at + 4 * i, acc[r][i]);
}

/// The same in integers, two keys at a time; D numbers a head.
template <int R, int D>
NEEDLE_INLINE void ValueRowsQ8(const int16_t* const* w, const int8_t* v, int num_keys, int at, int32_t* const* sums) {
  I32x4 acc[R][4];
  for (int r = 0; r < R; ++r) std::memcpy(acc[r], sums[r] + at, sizeof acc[r]);
  v += 2 * at;
  const auto add = [&](int t, const int8_t* pair) __attribute__((always_inline)) {
    for (int i = 0; i < 4; ++i) {
      const I16x8 pairs = LoadWide(pair + 8 * i);  // {v_t[j], v_t+1[j]} of four j
      for (int r = 0; r < R; ++r) acc[r][i] = DotPairs(acc[r][i], pairs, w[r] + t);
    }
  };
  int t = 0;
  for (; t + 2 < num_keys; t += 4, v += 4 * D) {
    add(t, v);
    add(t + 2, v + 2 * D);
  }
  if (t < num_keys) add(t, v);
  for (int r = 0; r < R; ++r) std::memcpy(sums[r] + at, acc[r], sizeof acc[r]);
}

}  // namespace

void QuantizeQ16(const float* x, int n, int16_t* q, float* scale) {
  const float amax = MaxAbs(x, n);
  const F32x4 inv = Splat4(amax > 0.0f ? kQ16Max / amax : 0.0f), hi = Splat4(Opaque(kQ16Max)), lo = -hi;
  const F32x4 magic = Splat4(Opaque(kRoundMagic));
  for (int i = 0; i < n; i += 8) {
    const I32x4 y[2] = {RoundToInt4(Min4(Max4(Load4(x + i) * inv, lo), hi), magic),
                        RoundToInt4(Min4(Max4(Load4(x + i + 4) * inv, lo), hi), magic)};
    StoreNarrow16(q + i, y);
  }
  *scale = amax / kQ16Max;
}

void ScoreKeysF32(const float* const* q, int rows, const KvView& kv, int kv_head, int head_dim, float factor,
                  float* const* scores) {
  const float* k = kv.k + static_cast<size_t>(kv_head) * kv.capacity * head_dim;
#define NEEDLE_CALL(R) ScoreRowsF32<R>(q, k, kv.num_keys, head_dim, factor, scores)
  NEEDLE_FOR_ROWS(rows, NEEDLE_CALL)
#undef NEEDLE_CALL
  MaskPadding(scores, rows, kv.num_keys);
}

void ScoreKeysQ8(const Q16Rows& q, int rows, const KvView& kv, int kv_head, int head_dim, float factor,
                 float* const* scores) {
  const size_t head = static_cast<size_t>(kv_head) * kv.capacity;
#define NEEDLE_CALL(R)                                                                                        \
  head_dim == 64 ? ScoreRowsQ8<R, 64>(q, kv.k8 + head * 64, kv.k_scale + head, kv.num_keys, factor, scores) \
                 : ScoreRowsQ8<R, 32>(q, kv.k8 + head * 32, kv.k_scale + head, kv.num_keys, factor, scores)
  NEEDLE_FOR_ROWS(rows, NEEDLE_CALL)
#undef NEEDLE_CALL
  MaskPadding(scores, rows, kv.num_keys);
}

void ScaleWeights(float* p, const float* v_scale, int num_keys) {
  for (int t = 0; t < num_keys; t += 4) Store4(p + t, Load4(p + t) * Load4(v_scale + t));
}

NEEDLE_NOINLINE void AccumulateValuesF32(const float* const* p, int rows, const KvView& kv, int kv_head, int head_dim,
                                         float* const* out) {
  const float* v = kv.v + static_cast<size_t>(kv_head) * kv.capacity * head_dim;
  for (int at = 0; at < head_dim; at += 16) {
    int r = 0;  // pairs: four rows would spill on machines with sixteen vector registers
    for (; r + 2 <= rows; r += 2) ValueRowsF32<2>(p + r, v, kv.num_keys, head_dim, at, out + r);
    if (r < rows) ValueRowsF32<1>(p + r, v, kv.num_keys, head_dim, at, out + r);
  }
}

namespace {

template <int D>
NEEDLE_NOINLINE void ValuesQ8(const int16_t* const* w, int rows, const int8_t* v, int num_keys, int32_t* const* sums) {
  for (int at = 0; at < D; at += 16) {
    int r = 0;
    for (; r + 2 <= rows; r += 2) ValueRowsQ8<2, D>(w + r, v, num_keys, at, sums + r);
    if (r < rows) ValueRowsQ8<1, D>(w + r, v, num_keys, at, sums + r);
  }
}

}  // namespace

void AccumulateValuesQ8(const int16_t* const* w, int rows, const KvView& kv, int kv_head, int first, int num_keys,
                        int head_dim, int32_t* const* sums) {
  const int8_t* v = kv.v8 + (static_cast<size_t>(kv_head) * kv.capacity + first) * head_dim;
  head_dim == 64 ? ValuesQ8<64>(w, rows, v, num_keys, sums) : ValuesQ8<32>(w, rows, v, num_keys, sums);
}

}  // namespace needle
