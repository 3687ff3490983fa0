// SPDX-License-Identifier: Apache-2.0
// The integer products and the packing of their weights against the obvious version: tails, extremes, and independence of
// how many rows come at once.
#include "kernels/kernels.h"
#include "kernels/quant_layout.h"
#include "noise.h"
#include "reference_kernels.h"
#include "test_main.h"

using namespace needle;
using namespace needle_test;

namespace {

struct Packed {
  std::vector<uint8_t> bytes;
  std::vector<float> scale;
  Q7View view;
  Packed(const std::vector<uint8_t>& u, int rows, int cols) : bytes(PackedSize(rows, cols)), scale(Floats(rows, 9)) {
    PackQ7(u.data(), rows, cols, bytes.data());
    view = {bytes.data(), scale.data(), rows, cols};
  }
};

void CheckGemm(int rows, int out, int cols, bool extreme) {
  auto u = Units(static_cast<size_t>(out) * cols, 3);
  auto x = Floats(static_cast<size_t>(rows) * cols, 5);
  if (extreme) {
    for (size_t i = 0; i < u.size(); ++i) u[i] = (i / 7) % 2 ? 127 : 1;
    for (size_t i = 0; i < x.size(); ++i) x[i] = (i / 7) % 2 ? 1e30f : -1e30f;
  }
  const auto a = needle_test::QuantizeRows(x, rows, cols);
  const Packed w(u, out, cols);
  const auto expected = needle_test::Gemm(a, u, w.scale, rows, out, cols);
  std::vector<float> y(expected.size());
  GemmQ8Q7({a.q.data(), a.scale.data(), a.sum.data(), rows}, w.view, y.data());
  CHECK(Same(y, expected));
  std::vector<float> parts(expected.size());
  const int panels = w.view.num_panels(), cut = panels / 2;
  GemmQ8Q7({a.q.data(), a.scale.data(), a.sum.data(), rows}, w.view, cut, panels, parts.data());
  GemmQ8Q7({a.q.data(), a.scale.data(), a.sum.data(), rows}, w.view, 0, cut, parts.data());
  CHECK(Same(parts, expected));
  for (int r = 0; r < rows; ++r) {
    const Q8Rows row{a.q.data() + r * cols, a.scale.data() + r, a.sum.data() + r, 1};
    std::vector<float> one(out), want(expected.begin() + r * out, expected.begin() + (r + 1) * out);
    GemmQ8Q7(row, w.view, one.data());
    CHECK(Same(one, want));
    for (const int left_out : {0, 2, 3, 11}) {  // all rows, every other one, ..., nearly all
      std::vector<int32_t> ids;
      for (int o = 0; o < out; ++o)
        if (left_out == 0 || (left_out == 11 ? o % 11 != 9 : o % left_out == 1)) ids.push_back(o);
      std::vector<float> some(ids.size());
      GatherGemvQ8Q7(row, w.view, ids.data(), static_cast<int>(ids.size()), some.data());
      for (size_t i = 0; i < ids.size(); ++i) CHECK(some[i] == want[ids[i]]);
    }
  }
}

/// GemmQ8Q4 of random or of extreme codes against the reference of the same codes expanded.
void CheckGemmQ4(int rows, int out, int cols, bool extreme) {
  auto codes = Units(static_cast<size_t>(out) * cols / 2, 3), multipliers = Units(static_cast<size_t>(out) * cols / 64, 4);
  auto x = Floats(static_cast<size_t>(rows) * cols, 5);
  for (auto& m : multipliers) m = extreme ? 0x77 : m & 0x77;
  if (extreme) {
    for (auto& c : codes) c = 0;  // all -8
    for (size_t i = 0; i < x.size(); ++i) x[i] = i % 64 < 32 ? -1.0f : 1.0f;
  }
  std::vector<uint8_t> u(static_cast<size_t>(out) * cols), packed(PackedSizeQ4(out, cols));
  for (int o = 0; o < out; ++o)
    needle_test::ExpandQ4Row(codes.data() + o * cols / 2, multipliers.data() + o * cols / 64, cols, u.data() + o * cols);
  PackQ4(codes.data(), multipliers.data(), out, cols, packed.data());
  const auto a = needle_test::QuantizeRows(x, rows, cols);
  const auto scale = Floats(out, 9);
  const auto expected = needle_test::Gemm(a, u, scale, rows, out, cols);
  const Q8Rows input{a.q.data(), a.scale.data(), a.sum.data(), rows};
  const Q4View w{packed.data(), scale.data(), out, cols};
  std::vector<int32_t> zeros(static_cast<size_t>(rows) * cols / 32);
  GroupZeros(a.q.data(), rows, cols, zeros.data());
  std::vector<float> y(expected.size());
  const int cut = w.num_panels() / 2;
  GemmQ8Q4(input, zeros.data(), w, cut, w.num_panels(), y.data());
  GemmQ8Q4(input, zeros.data(), w, 0, cut, y.data());
  CHECK(Same(y, expected));
}

}  // namespace

TEST(GemmQ4MatchesReferenceAtEveryTail) {
  for (int rows = 1; rows <= 9; ++rows)
    for (int out : {1, 7, 8, 9, 24, 37}) CheckGemmQ4(rows, out, 128, false);
  CheckGemmQ4(12, 64, 512, false);
}

TEST(GemmQ4IsExactAtExtremes) {
  CheckGemmQ4(5, 16, 512, true);
  CheckGemmQ4(1, 8, 2048, true);
}

TEST(GroupsAtTheirLargestKeepTheirSumsInSixteenBits) {
  // Every activation and every code at the end that makes the largest sums: a lane's is 16 * 127 * 8, its zero -that.
  const std::vector<int8_t> q(64, -127);
  int32_t zeros[2];
  GroupZeros(q.data(), 1, 64, zeros);
  const uint32_t half = 16 * 127 * 8;
  CHECK_EQ(static_cast<uint32_t>(zeros[0]), half << 16 | half);
  CHECK_EQ(zeros[1], zeros[0]);
}

TEST(GemmMatchesReferenceAtEveryTail) {
  for (int rows = 1; rows <= 14; ++rows)
    for (int out : {1, 7, 8, 9, 24, 37}) CheckGemm(rows, out, 64, false);
  CheckGemm(5, 16, 16, false);
}

TEST(GemmIsExactAtExtremes) {
  CheckGemm(7, 16, 512, true);
  CheckGemm(1, 8, 2048, true);
}

TEST(Q4RowsExpandToTheDocumentedUnits) {
  std::vector<uint8_t> codes(32), multipliers(1), u(64);
  for (int i = 0; i < 64; ++i) codes[i / 2] |= static_cast<uint8_t>((i % 16) << (4 * (i & 1)));
  multipliers[0] = 0x72;  // m = 3 for inputs 0..31, m = 8 for 32..63
  std::vector<uint8_t> packed(PackedSize(1, 64));
  ExpandQ4(codes.data(), multipliers.data(), 1, 64, packed.data());
  for (int i = 0; i < 64; ++i) CHECK_EQ(int(packed[i / 16 * kPanelStep + i % 16]), 64 + (i < 32 ? 3 : 8) * (i % 16 - 8));
}

TEST(Q4MatricesArePackedAsTheirRowsExpandedAre) {
  for (const auto& [rows, cols] : {std::pair{1, 64}, {8, 128}, {11, 192}, {17, 64}}) {
    const auto codes = Units(rows * cols / 2, 5), multipliers = Units(rows * cols / 64, 6);
    std::vector<uint8_t> u(static_cast<size_t>(rows * cols)), expected(PackedSize(rows, cols)), packed(expected.size());
    for (int r = 0; r < rows; ++r)
      needle_test::ExpandQ4Row(codes.data() + r * cols / 2, multipliers.data() + r * cols / 64, cols, u.data() + r * cols);
    PackQ7(u.data(), rows, cols, expected.data());
    ExpandQ4(codes.data(), multipliers.data(), rows, cols, packed.data());
    CHECK(packed == expected);
    for (int r = rows; r % kPanelRows != 0; ++r)  // what fills up the last panel
      for (int i = 0; i < cols; ++i) CHECK_EQ(int(packed[PanelOffset(r, cols) + i / 16 * kPanelStep + i % 16]), kQuantZero);
  }
}

TEST(UnpackedRowIsThePackedRow) {
  const auto u = Units(11 * 48, 4);
  const Packed w(u, 11, 48);
  std::vector<float> y(48);
  UnpackRowQ7(w.view, 9, 3.0f, y.data());
  for (int i = 0; i < 48; ++i) CHECK_EQ(y[i], (w.scale[9] * static_cast<float>(u[9 * 48 + i] - 64)) * 3.0f);
}
