// SPDX-License-Identifier: Apache-2.0
#include "model/attention.h"

#include <algorithm>

namespace needle {
namespace {

// Multiplications from which on other threads are asked to help: some tenths of a millisecond of work. Asking takes a few
// microseconds, but on a busy machine a thread may be waited for; requests of usual length are not worth that.
constexpr int64_t kLargeMacs = 8 << 20;

bool IsLarge(int64_t macs, const Scratch& s) { return macs >= kLargeMacs && s.threads && s.threads->size() > 1; }

}  // namespace

Q8Rows LinearInput::Quantized() {
  if (!quantized_) QuantizeRows(x_, rows_, cols_, s_.q8.data(), s_.q8_scale.data(), s_.q8_sum.data());
  quantized_ = true;
  return {s_.q8.data(), s_.q8_scale.data(), s_.q8_sum.data(), rows_};
}

const int32_t* LinearInput::Zeros() {
  if constexpr (kHasPairSums) {
    if (!has_zeros_) GroupZeros(s_.q8.data(), rows_, cols_, s_.q8_zeros.data());
  }
  has_zeros_ = true;
  return s_.q8_zeros.data();
}

template <class F>
void LinearInput::OverPanels(const Matrix& w, F multiply) {
  const int panels = (w.rows + kPanelRows - 1) / kPanelRows;
  if (!IsLarge(static_cast<int64_t>(rows_) * w.rows * w.cols, s_)) return multiply(0, panels);
  const int pieces = 2 * s_.threads->size();
  s_.threads->Run(pieces, [&](int i, int) { multiply(panels * i / pieces, panels * (i + 1) / pieces); });
}

void LinearInput::Apply(const Matrix& w, float* y) {
  if (w.form == Matrix::Form::kF32) return GemmF32(x_, rows_, w.f32.data(), w.rows, w.cols, y);
  const Q8Rows x = Quantized();
  if (w.form == Matrix::Form::kQ7)
    return OverPanels(w, [&, view = w.q7()](int first, int last) { GemmQ8Q7(x, view, first, last, y); });
  if constexpr (kHasPairSums) {
    const int32_t* zeros = Zeros();
    OverPanels(w, [&, view = w.q4()](int first, int last) { GemmQ8Q4(x, zeros, view, first, last, y); });
  }
}

void LinearInput::ApplyChosen(const Matrix& w, std::span<const int32_t> chosen, float* y) {
  const int count = static_cast<int>(chosen.size());
  if (w.form == Matrix::Form::kF32) return GatherGemvF32(x_, w.f32.data(), w.cols, chosen.data(), count, y);
  GatherGemvQ8Q7(Quantized(), w.q7(), chosen.data(), count, y);
}

namespace {

void RotateRows(const Weights& all, const ModelConfig& c, int heads, int n, Positions at, float* x) {
  if (!at.rotate) return;
  const int half = c.head_dim / 2;
  for (int t = 0; t < n; ++t) {
    const size_t position = static_cast<size_t>(at.first + t % at.block) * half;
    Rope(x + static_cast<size_t>(t) * heads * c.head_dim, heads, c.head_dim, all.rope_cos.data() + position,
         all.rope_sin.data() + position);
  }
}

/// k_t += s_h * k_{t-1} (both unsmeared on the right), hence from the last row to the first.
void SmearKeys(const AttentionWeights& w, const ModelConfig& c, int n, int block, const float* previous, float* k) {
  for (int t = n - 1; t >= 0; --t) {
    float* row = k + static_cast<size_t>(t) * c.kv_size();
    const float* before = t % block > 0 ? row - c.kv_size() : previous;
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
    SmearKeys(w, c, n, at.block, previous, s.k.data());
    if (last) std::copy_n(unsmeared, c.kv_size(), last);
  }
  RmsNorm(s.k.data(), w.k_norm.data(), n * c.kv_heads, c.head_dim, s.k.data());
  RotateRows(all, c, c.kv_heads, n, at, s.k.data());
}

namespace {

/// Where the scores of the segments lie in a row: each begins at a multiple of 4. Int8 segments come first.
struct ScoreRow {
  int size = 0;       // of all segments
  int size_int8 = 0;  // of the int8 ones
  int stride = 0;     // between two rows
};

constexpr int Padded(int num_keys) { return (num_keys + 3) & ~3; }

ScoreRow LayOut(const std::vector<KvView>& segments) {
  ScoreRow row;
  for (const KvView& kv : segments) {
    row.size += Padded(kv.num_keys);
    if (kv.k8) row.size_int8 = row.size;
  }
  row.stride = (row.size + 7) & ~7;  // QuantizeQ16 works on eight at a time
  return row;
}

/// Query rows that read the same kv head.
struct QueryTile {
  int rows = 0;
  const float* q[kAttentionRows];
  float* out[kAttentionRows];
};

void ScoreTile(const ModelConfig& c, int kv_head, const QueryTile& tile, const ScoreRow& row,
               const std::vector<KvView>& segments, ScoreScratch& s) {
  const float factor = 1.0f / __builtin_sqrtf(static_cast<float>(c.head_dim));
  alignas(16) int16_t q16[kAttentionRows][64];  // head_dim is at most 64
  Q16Rows q{};
  float* scores[kAttentionRows];
  for (int r = 0; r < tile.rows; ++r) {
    scores[r] = s.scores.data() + r * row.stride;
    q.q[r] = q16[r];
    if (row.size_int8 > 0) QuantizeQ16(tile.q[r], c.head_dim, q16[r], &q.scale[r]);
  }
  for (const KvView& kv : segments) {
    kv.k8 ? ScoreKeysQ8(q, tile.rows, kv, kv_head, c.head_dim, factor, scores)
          : ScoreKeysF32(tile.q, tile.rows, kv, kv_head, c.head_dim, factor, scores);
    for (int r = 0; r < tile.rows; ++r) scores[r] += Padded(kv.num_keys);
  }
}

/// out = sum over the int8 segments, in integers: weights times scales as int16, all with one scale a row.
void SumInt8Values(const ModelConfig& c, int kv_head, const QueryTile& tile, const ScoreRow& row,
               const std::vector<KvView>& segments, ScoreScratch& s) {
  int32_t sums[kAttentionRows][64];
  float scale[kAttentionRows];
  const int16_t* w[kAttentionRows];
  int32_t* sum_rows[kAttentionRows];
  for (int r = 0; r < tile.rows; ++r) {
    float* p = s.scores.data() + r * row.stride;
    for (const KvView& kv : segments) {
      if (!kv.k8) break;
      ScaleWeights(p, kv.v_scale + static_cast<size_t>(kv_head) * kv.capacity, kv.num_keys);
      p += Padded(kv.num_keys);
    }
    int16_t* weights = s.weights.data() + r * row.stride;
    QuantizeQ16(s.scores.data() + r * row.stride, row.size_int8, weights, &scale[r]);
    w[r] = weights;
    sum_rows[r] = sums[r];
    std::fill_n(sums[r], c.head_dim, 0);
  }
  const auto flush = [&] {
    for (int r = 0; r < tile.rows; ++r) AddScaledSums(tile.out[r], sums[r], scale[r], c.head_dim);
  };
  int used = 0;
  for (const KvView& kv : segments) {
    if (!kv.k8) break;
    for (int first = 0; first < kv.num_keys;) {
      const int n = std::min(kv.num_keys - first, kMaxKeysOfSum - used);
      AccumulateValuesQ8(w, tile.rows, kv, kv_head, first, n, c.head_dim, sum_rows);
      for (int r = 0; r < tile.rows; ++r) w[r] += Padded(n);
      first += n;
      used += Padded(n);
      if (used < kMaxKeysOfSum) continue;
      flush();
      used = 0;
    }
  }
  if (used > 0) flush();
}

void AttendTile(const ModelConfig& c, int kv_head, const QueryTile& tile, const ScoreRow& row,
               const std::vector<KvView>& segments, ScoreScratch& s) {
  ScoreTile(c, kv_head, tile, row, segments, s);
  float inverse[kAttentionRows];
  const float* p[kAttentionRows];
  for (int r = 0; r < tile.rows; ++r) {
    float* scores = s.scores.data() + r * row.stride;
    inverse[r] = 1.0f / ExpRow(scores, row.size);
    p[r] = scores + row.size_int8;
    std::fill_n(tile.out[r], c.head_dim, 0.0f);
  }
  if (row.size_int8 > 0) SumInt8Values(c, kv_head, tile, row, segments, s);
  for (const KvView& kv : segments) {
    if (kv.k8) continue;
    AccumulateValuesF32(p, tile.rows, kv, kv_head, c.head_dim, tile.out);
    for (int r = 0; r < tile.rows; ++r) p[r] += Padded(kv.num_keys);
  }
  for (int r = 0; r < tile.rows; ++r) Scale(tile.out[r], inverse[r], c.head_dim);
}

/// All query rows of [first, first + n) that read one kv head.
void AttendHead(const ModelConfig& c, int kv_head, int first, int n, const ScoreRow& row, ScoreScratch& score,
                Scratch& s) {
  const size_t room = static_cast<size_t>(kAttentionRows) * row.stride;
  if (score.scores.size() < room) score.scores.resize(room);
  if (row.size_int8 > 0 && score.weights.size() < room) score.weights.resize(room);
  const int group = c.heads / c.kv_heads;
  QueryTile tile;
  for (int i = 0; i < n * group; ++i) {
    const size_t at =
        static_cast<size_t>(first + i / group) * c.q_size() + (kv_head * group + i % group) * c.head_dim;
    tile.q[tile.rows] = s.q.data() + at;
    tile.out[tile.rows] = s.attended.data() + at;
    if (++tile.rows < kAttentionRows && i + 1 < n * group) continue;
    AttendTile(c, kv_head, tile, row, s.segments, score);
    tile.rows = 0;
  }
}

}  // namespace

void Attend(const ModelConfig& c, int first, int n, Scratch& s) {
  const ScoreRow row = LayOut(s.segments);
  const bool is_large = IsLarge(int64_t{2} * n * row.size * c.q_size(), s);
  const size_t threads = is_large ? static_cast<size_t>(s.threads->size()) : 1;
  if (s.score.size() < threads) s.score.resize(threads);
  const auto attend = [&](int kv_head, int thread) {
    AttendHead(c, kv_head, first, n, row, s.score[static_cast<size_t>(thread)], s);
  };
  if (is_large) return s.threads->Run(c.kv_heads, attend);
  for (int kv_head = 0; kv_head < c.kv_heads; ++kv_head) attend(kv_head, 0);
}

void AddGated(const AttentionWeights& w, const ModelConfig& c, int n, Scratch& s) {
  LinearInput attended(s.attended.data(), n, c.q_size(), s);
  attended.Apply(w.o, s.y.data());
  AddScaled(s.x.data(), s.y.data(), w.gate, n * c.d_model);
}

void EmbedTokens(const Matrix& embed, std::span<const int32_t> tokens, float* x) {
  const float factor = __builtin_sqrtf(static_cast<float>(embed.cols));
  for (const int32_t token : tokens) {
    if (embed.form == Matrix::Form::kQ7) {
      UnpackRowQ7(embed.q7(), token, factor, x);
    } else {
      std::copy_n(embed.f32.data() + static_cast<size_t>(token) * embed.cols, embed.cols, x);
      Scale(x, factor, embed.cols);
    }
    x += embed.cols;
  }
}

}  // namespace needle
