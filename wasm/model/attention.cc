// SPDX-License-Identifier: Apache-2.0
#include "model/attention.h"

#include <algorithm>

namespace needle {

Q8Rows LinearInput::Quantized() {
  if (!quantized_) QuantizeRows(x_, rows_, cols_, s_.q8.data(), s_.q8_scale.data(), s_.q8_sum.data());
  quantized_ = true;
  return {s_.q8.data(), s_.q8_scale.data(), s_.q8_sum.data(), rows_};
}

void LinearInput::Apply(const Matrix& w, float* y) {
  if (!w.quantized) return GemmF32(x_, rows_, w.f32.data(), w.rows, w.cols, y);
  rows_ == 1 ? GemvQ8Q7(Quantized(), w.view(), y) : GemmQ8Q7(Quantized(), w.view(), y);
}

void LinearInput::ApplyChosen(const Matrix& w, std::span<const int32_t> chosen, float* y) {
  const int count = static_cast<int>(chosen.size());
  if (!w.quantized) return GatherGemvF32(x_, w.f32.data(), w.cols, chosen.data(), count, y);
  GatherGemvQ8Q7(Quantized(), w.view(), chosen.data(), count, y);
}

namespace {

void RotateRows(const Weights& all, const ModelConfig& c, int heads, int n, Positions at, float* x) {
  if (!at.rotate) return;
  const int half = c.head_dim / 2;
  for (int t = 0; t < n; ++t) {
    const size_t position = static_cast<size_t>(at.first + t) * half;
    Rope(x + static_cast<size_t>(t) * heads * c.head_dim, heads, c.head_dim, all.rope_cos.data() + position,
         all.rope_sin.data() + position);
  }
}

/// k_t += s_h * k_{t-1} (both unsmeared on the right), hence from the last row to the first.
void SmearKeys(const AttentionWeights& w, const ModelConfig& c, int n, const float* previous, float* k) {
  for (int t = n - 1; t >= 0; --t) {
    float* row = k + static_cast<size_t>(t) * c.kv_size();
    const float* before = t > 0 ? row - c.kv_size() : previous;
    if (!before) continue;
    for (int h = 0; h < c.kv_heads; ++h)
      AddScaled(row + h * c.head_dim, before + h * c.head_dim, w.smear[h], c.head_dim);
  }
}

}  // namespace

void ProjectQueries(const AttentionWeights& w, const Weights& all, const ModelConfig& c, LinearInput& in, int n,
                    Positions at, Scratch& s) {
  in.Apply(w.q, s.q.data());
  RmsNorm(s.q.data(), w.q_norm.data(), n * c.heads, c.head_dim, s.q.data());
  RotateRows(all, c, c.heads, n, at, s.q.data());
}

void ProjectKeysValues(const AttentionWeights& w, const Weights& all, const ModelConfig& c, LinearInput& in, int n,
                       Positions at, const float* previous, float* last, Scratch& s) {
  in.Apply(w.k, s.k.data());
  in.Apply(w.v, s.v.data());
  if (!w.smear.empty()) {
    const float* last_row = s.k.data() + static_cast<size_t>(n - 1) * c.kv_size();
    float* unsmeared =
        s.attended.data();  // free until Attend; `last` may be `previous`, so it is written after its use
    if (last) std::copy_n(last_row, c.kv_size(), unsmeared);
    SmearKeys(w, c, n, previous, s.k.data());
    if (last) std::copy_n(unsmeared, c.kv_size(), last);
  }
  RmsNorm(s.k.data(), w.k_norm.data(), n * c.kv_heads, c.head_dim, s.k.data());
  RotateRows(all, c, c.kv_heads, n, at, s.k.data());
}

namespace {

/// Up to four query rows that read the same kv head.
void AttendTile(const ModelConfig& c, int kv_head, const float* const* q, int rows, float* const* out, size_t stride,
                int num_keys, Scratch& s) {
  const float factor = 1.0f / __builtin_sqrtf(static_cast<float>(c.head_dim));
  float* scores[kAttentionRows];
  const float* p[kAttentionRows];
  for (int r = 0; r < rows; ++r) p[r] = scores[r] = s.scores.data() + r * stride;
  for (const KvView& kv : s.segments) {  // in order: the padding behind a segment is overwritten by the next one
    ScoreKeys(q, rows, kv, kv_head, c.head_dim, factor, scores);
    for (int r = 0; r < rows; ++r) scores[r] += kv.num_keys;
  }
  float inverse[kAttentionRows];
  for (int r = 0; r < rows; ++r) {
    inverse[r] = 1.0f / ExpRow(s.scores.data() + r * stride, num_keys);
    std::fill_n(out[r], c.head_dim, 0.0f);
  }
  for (const KvView& kv : s.segments) {
    AccumulateValues(p, rows, kv, kv_head, c.head_dim, out);
    for (int r = 0; r < rows; ++r) p[r] += kv.num_keys;
  }
  for (int r = 0; r < rows; ++r) Scale(out[r], inverse[r], c.head_dim);
}

}  // namespace

void Attend(const ModelConfig& c, int first, int n, Scratch& s) {
  int num_keys = 0;
  for (const KvView& kv : s.segments) num_keys += kv.num_keys;
  const size_t stride = static_cast<size_t>((num_keys + 3) & ~3) + 4;
  if (s.scores.size() < kAttentionRows * stride) s.scores.resize(kAttentionRows * stride);
  const int group = c.heads / c.kv_heads;
  for (int kv_head = 0; kv_head < c.kv_heads; ++kv_head) {
    const float* q[kAttentionRows];
    float* out[kAttentionRows];
    int rows = 0;
    for (int i = 0; i < n * group; ++i) {
      const size_t at =
          static_cast<size_t>(first + i / group) * c.q_size() + (kv_head * group + i % group) * c.head_dim;
      q[rows] = s.q.data() + at;
      out[rows] = s.attended.data() + at;
      if (++rows < kAttentionRows && i + 1 < n * group) continue;
      AttendTile(c, kv_head, q, rows, out, stride, num_keys, s);
      rows = 0;
    }
  }
}

void AddGated(const AttentionWeights& w, const ModelConfig& c, int n, Scratch& s) {
  LinearInput attended(s.attended.data(), n, c.q_size(), s);
  attended.Apply(w.o, s.y.data());
  AddScaled(s.x.data(), s.y.data(), w.gate, n * c.d_model);
}

void EmbedTokens(const Matrix& embed, std::span<const int32_t> tokens, float* x) {
  const float factor = __builtin_sqrtf(static_cast<float>(embed.cols));
  for (const int32_t token : tokens) {
    if (embed.quantized) {
      UnpackRowQ7(embed.view(), token, factor, x);
    } else {
      std::copy_n(embed.f32.data() + static_cast<size_t>(token) * embed.cols, embed.cols, x);
      Scale(x, factor, embed.cols);
    }
    x += embed.cols;
  }
}

}  // namespace needle
