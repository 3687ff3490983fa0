// SPDX-License-Identifier: Apache-2.0
// Every kernel but the integer products (gemm_test.cc) against its obvious version: tails, extremes, and independence of how many
// rows come at once.
#include "kernels/kernels.h"

#include "kernels/math.h"
#include "noise.h"
#include "reference_kernels.h"
#include "test_main.h"

using namespace needle;
using namespace needle_test;

TEST(QuantizeRowsRoundsHalfToEvenAndClamps) {
  std::vector<float> x(32, 0.0f);
  x[0] = 127.0f; x[1] = 0.5f; x[2] = 1.5f; x[3] = -2.5f; x[4] = -127.0f; x[5] = 126.5f;
  int8_t q[32];
  float scale[2];
  int32_t sum[2];
  QuantizeRows(x.data(), 2, 16, q, scale, sum);
  CHECK_EQ(int(q[0]), 127);
  CHECK_EQ(int(q[1]), 0);
  CHECK_EQ(int(q[2]), 2);
  CHECK_EQ(int(q[3]), -2);
  CHECK_EQ(int(q[4]), -127);
  CHECK_EQ(int(q[5]), 126);
  CHECK_EQ(sum[0], 126);
  CHECK_EQ(scale[0], 1.0f);
  CHECK_EQ(scale[1], 0.0f);  // a row of zeros
  CHECK_EQ(sum[1], 0);
}

TEST(QuantizeRowsMatchesReference) {
  for (float size : {1e-30f, 1.0f, 3e4f, 3e38f}) {
    const auto x = Floats(6 * 128, 17, size);
    const auto want = needle_test::QuantizeRows(x, 6, 128);
    std::vector<int8_t> q(x.size());
    std::vector<float> scale(6);
    std::vector<int32_t> sum(6);
    QuantizeRows(x.data(), 6, 128, q.data(), scale.data(), sum.data());
    CHECK(q == want.q);
    CHECK(Same(scale, want.scale));
    CHECK(sum == want.sum);
  }
}

TEST(QuantizeRowsOfNonFiniteNumbersStaysInRange) {
  std::vector<float> x(16, 1.0f);
  x[3] = HUGE_VALF;
  x[4] = NAN;
  int8_t q[16];
  float scale;
  int32_t sum;
  QuantizeRows(x.data(), 1, 16, q, &scale, &sum);
  for (int8_t v : q) CHECK(v >= -127);
}

TEST(GemmF32KeepsOneOrderWhateverTheBlocking) {
  const int rows = 5, out = 11, in = 64;
  const auto x = Floats(rows * in, 1), w = Floats(out * in, 2);
  std::vector<float> y(rows * out);
  GemmF32(x.data(), rows, w.data(), out, in, y.data());
  for (int r = 0; r < rows; ++r)
    for (int o = 0; o < out; ++o) CHECK_EQ(y[r * out + o], needle_test::Dot(&x[r * in], &w[o * in], in));
  const int32_t ids[] = {10, 0, 3};
  float some[3];
  GatherGemvF32(x.data(), w.data(), in, ids, 3, some);
  for (int i = 0; i < 3; ++i) CHECK_EQ(some[i], y[ids[i]]);
}

TEST(ExpLogAndSigmoidAreAccurate) {
  for (double x = -86.9; x < 87.9; x += 0.0371) {
    const double want = std::exp(static_cast<double>(static_cast<float>(x)));
    CHECK(std::fabs(Exp(static_cast<float>(x)) - want) <= 2.5e-7 * want);
  }
  CHECK_EQ(Exp(0.0f), 1.0f);
  CHECK_EQ(Exp(-88.0f), 0.0f);
  CHECK_EQ(Exp(-HUGE_VALF), 0.0f);
  CHECK_EQ(Sigmoid(0.0f), 0.5f);
  CHECK_NEAR(Sigmoid(-3.0f), 0.04742587317756678, 1e-8);
  for (float x = 1e-30f; x < 1e30f; x *= 1.37f)
    CHECK_NEAR(Log(x), std::log(static_cast<double>(x)), 4e-7 + 2e-7 * std::fabs(std::log(x)));
  CHECK_EQ(Log(1.0f), 0.0f);
}

TEST(HalvesBecomeFloatsExactly) {
  CHECK_EQ(FloatFromHalf(0x0001), 5.9604645e-8f);  // subnormal
  CHECK_EQ(FloatFromHalf(0x3C00), 1.0f);
  CHECK_EQ(FloatFromHalf(0x3555), 0.33325195f);
  CHECK_EQ(FloatFromHalf(0x7BFF), 65504.0f);
  CHECK_EQ(FloatFromHalf(0xC000), -2.0f);
}

TEST(NormAndRopeFollowTheirFormulas) {
  const auto x = Floats(3 * 64, 7, 5.0f), g = Floats(64, 8, 0.3f);
  std::vector<float> y(x.size());
  RmsNorm(x.data(), g.data(), 3, 64, y.data());
  for (int r = 0; r < 3; ++r) {
    double square = 0;
    for (int i = 0; i < 64; ++i) square += double(x[r * 64 + i]) * x[r * 64 + i];
    const double inv = 1 / std::sqrt(square / 64 + 1e-6);
    for (int i = 0; i < 64; ++i) CHECK_NEAR(y[r * 64 + i], (1 + g[i]) * x[r * 64 + i] * inv, 1e-6);
  }
  auto z = Floats(2 * 32, 11);
  const auto before = z;
  const auto cos = Floats(16, 12), sin = Floats(16, 13);
  Rope(z.data(), 2, 32, cos.data(), sin.data());
  for (int h = 0; h < 2; ++h)
    for (int i = 0; i < 16; ++i) {
      const float a = before[h * 32 + i], b = before[h * 32 + 16 + i];
      CHECK_EQ(z[h * 32 + i], a * cos[i] - b * sin[i]);
      CHECK_EQ(z[h * 32 + 16 + i], b * cos[i] + a * sin[i]);
    }
}

TEST(ExpRowIgnoresItsPadding) {
  for (int n = 1; n <= 9; ++n) {
    auto x = Floats(12, 20 + n, 4.0f);
    const auto before = x;
    const float sum = ExpRow(x.data(), n);
    double want = 0;
    const float top = *std::max_element(before.begin(), before.begin() + n);
    for (int i = 0; i < n; ++i) {
      CHECK_EQ(x[i], Exp(before[i] - top));
      want += x[i];
    }
    CHECK_NEAR(sum, want, 1e-5);
    for (int i = n; i < ((n + 3) & ~3); ++i) CHECK_EQ(x[i], 0.0f);
  }
}

namespace {

/// A block of keys and values of one head, [t][head_dim], laid out as KvView says.
template <int kHeadDim>
struct Block {
  int keys, capacity;
  std::vector<float> k, v, k_rows, v_rows, k_scale, v_scale;
  std::vector<int8_t> k8, v8, k8_rows, v8_rows;

  explicit Block(int num_keys) : keys(num_keys), capacity((num_keys + 3) & ~3) {
    const size_t n = static_cast<size_t>(capacity) * kHeadDim;
    k_rows = Floats(n, 1), v_rows = Floats(n, 2);
    k_scale = Floats(capacity, 4), v_scale = Floats(capacity, 5);
    k.resize(n), v = v_rows, k8.resize(n), v8.resize(n), k8_rows.resize(n), v8_rows.resize(n);
    for (float& s : k_scale) s = std::fabs(s) + 0.01f;
    for (int t = 0; t < capacity; ++t) {
      if (t >= keys) k_scale[t] = v_scale[t] = 0;
      v_scale[t] = std::fabs(v_scale[t]);
      for (int j = 0; j < kHeadDim; ++j) {
        const int at = t * kHeadDim + j;
        k8_rows[at] = t < keys ? static_cast<int8_t>(k_rows[at] * 127) : 0;
        v8_rows[at] = t < keys ? static_cast<int8_t>(v_rows[at] * 127) : 0;
        k[(t / 4 * kHeadDim + j) * 4 + t % 4] = k_rows[at];
        k8[((t / 4 * kHeadDim + j / 2 * 2) * 4) + t % 4 * 2 + j % 2] = k8_rows[at];
        v8[(t / 2 * kHeadDim + j) * 2 + t % 2] = v8_rows[at];
      }
    }
  }
  KvView F32() const { return {k.data(), v.data(), nullptr, nullptr, nullptr, nullptr, keys, capacity}; }
  KvView Q8() const { return {nullptr, nullptr, k8.data(), v8.data(), k_scale.data(), v_scale.data(), keys, capacity}; }
};

template <int kDim>
void CheckScores() {
  const auto q = Floats(4 * kDim, 3);
  for (int keys = 1; keys <= 21; ++keys) {
    const Block<kDim> b(keys);
    for (int rows = 1; rows <= 4; ++rows) {
      std::vector<float> f32(4 * b.capacity), q8(4 * b.capacity);
      const float* qs[4];
      float *fs[4], *is[4];
      int16_t q16[4][kDim];
      Q16Rows ints;
      for (int r = 0; r < 4; ++r) {
        qs[r] = &q[r * kDim], fs[r] = &f32[r * b.capacity], is[r] = &q8[r * b.capacity];
        ints.q[r] = q16[r];
        QuantizeQ16(qs[r], kDim, q16[r], &ints.scale[r]);
      }
      ScoreKeysF32(qs, rows, b.F32(), 0, kDim, 0.5f, fs);
      ScoreKeysQ8(ints, rows, b.Q8(), 0, kDim, 0.5f, is);
      for (int r = 0; r < rows; ++r)
        for (int t = 0; t < b.capacity; ++t) {
          if (t >= keys) {
            CHECK_EQ(fs[r][t], kMaskedScore);
            CHECK_EQ(is[r][t], kMaskedScore);
            continue;
          }
          float acc = 0;
          int64_t sum = 0;
          for (int j = 0; j < kDim; ++j) {
            acc += qs[r][j] * b.k_rows[t * kDim + j];
            sum += q16[r][j] * b.k8_rows[t * kDim + j];
          }
          CHECK_EQ(fs[r][t], acc * 0.5f);
          CHECK_EQ(is[r][t], (static_cast<float>(sum) * (ints.scale[r] * 0.5f)) * b.k_scale[t]);
        }
    }
  }
}

template <int kDim>
void CheckValues() {
  for (int keys = 1; keys <= 13; ++keys) {
    const Block<kDim> b(keys);
    auto p = Floats(4 * b.capacity, 6);
    std::vector<int16_t> w(4 * b.capacity + 8);
    for (size_t i = 0; i < p.size(); ++i) w[i] = static_cast<int16_t>(std::fabs(p[i]) * 16383);
    for (int rows = 1; rows <= 4; ++rows) {
      std::vector<float> out(4 * kDim, 0.25f);
      std::vector<int32_t> whole(4 * kDim, 7), cut(4 * kDim, 7);
      const float* ps[4];
      const int16_t *ws[4], *rest[4];
      float* os[4];
      int32_t *hs[4], *cs[4];
      for (int r = 0; r < 4; ++r) {
        ps[r] = &p[r * b.capacity], ws[r] = &w[r * b.capacity], rest[r] = ws[r] + 4;
        os[r] = &out[r * kDim], hs[r] = &whole[r * kDim], cs[r] = &cut[r * kDim];
      }
      AccumulateValuesF32(ps, rows, b.F32(), 0, kDim, os);
      AccumulateValuesQ8(ws, rows, b.Q8(), 0, 0, keys, kDim, hs);
      AccumulateValuesQ8(ws, rows, b.Q8(), 0, 0, std::min(keys, 4), kDim, cs);
      if (keys > 4) AccumulateValuesQ8(rest, rows, b.Q8(), 0, 4, keys - 4, kDim, cs);
      CHECK(whole == cut);
      for (int r = 0; r < rows; ++r)
        for (int j = 0; j < kDim; ++j) {
          float acc = 0.25f;
          int64_t sum = 7;
          for (int t = 0; t < keys; ++t) {
            acc += ps[r][t] * b.v_rows[t * kDim + j];
            sum += ws[r][t] * b.v8_rows[t * kDim + j];
          }
          CHECK_EQ(os[r][j], acc);
          CHECK_EQ(hs[r][j], sum);
        }
    }
  }
}

}  // namespace

TEST(ScoresAreDotProductsAndMaskedBehindTheLastKey) {
  CheckScores<32>();
  CheckScores<64>();
}

TEST(ValuesAreWeightedSumsWhateverTheRowsAndTheCut) {
  CheckValues<32>();
  CheckValues<64>();
}

TEST(SumsOfExponentialsAndHighestsAreThoseOfAnyLength) {
  for (int n = 1; n <= 13; ++n) {
    const auto x = Floats(n, 9);
    float top = x[0];
    for (const float v : x) top = std::max(top, v);
    double sum = 0;
    for (const float v : x) sum += std::exp(static_cast<double>(v) - top);
    CHECK_EQ(MaxOf(x.data(), n), top);
    CHECK_NEAR(SumExp(x.data(), n, top), sum, 1e-5);
  }
}

TEST(SumsOfValuesStayExactAtTheLargestBlock) {
  constexpr int kDim = 32;
  const std::vector<int8_t> v8(kMaxKeysOfSum * kDim, -127);
  const std::vector<int16_t> w(kMaxKeysOfSum, static_cast<int16_t>(kQ16Max));
  const KvView kv{nullptr, nullptr, nullptr, v8.data(), nullptr, nullptr, kMaxKeysOfSum, kMaxKeysOfSum};
  std::vector<int32_t> sums(kDim);
  const int16_t* ws[] = {w.data()};
  int32_t* out[] = {sums.data()};
  AccumulateValuesQ8(ws, 1, kv, 0, 0, kMaxKeysOfSum, kDim, out);
  for (const int32_t sum : sums) CHECK_EQ(sum, -127 * 16383 * kMaxKeysOfSum);
}

TEST(Q16RowsRoundHalfToEvenAndKeepTheirLargest) {
  std::vector<float> x(16, 0.0f);
  x[0] = 16383.0f; x[1] = 0.5f; x[2] = 1.5f; x[3] = -2.5f; x[4] = -16383.0f;
  int16_t q[16];
  float scale;
  QuantizeQ16(x.data(), 4, q, &scale);
  CHECK_EQ(scale, 1.0f);
  CHECK_EQ(int(q[0]), 16383);
  CHECK_EQ(int(q[1]), 0);
  CHECK_EQ(int(q[2]), 2);
  CHECK_EQ(int(q[3]), -2);
  QuantizeQ16(x.data() + 8, 4, q, &scale);
  CHECK_EQ(scale, 0.0f);
  CHECK_EQ(int(q[0]), 0);
}
