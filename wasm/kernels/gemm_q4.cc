// SPDX-License-Identifier: Apache-2.0
// int8 activations times 4-bit codes whose groups of 32 inputs share a multiplier. On processors without a dot product of
// bytes (x86 before VNNI), and on those where a browser does not use it, the relaxed dot product that sums in 32 bits is
// five instructions, the one that sums pairs in 16 is one. A code has so few bits that the pairs of a whole group can be
// added up in 16: |sum of 16 a (c - 8)| <= 16 * 127 * 8 = 16,256 a lane. Then one product with the multipliers makes
// int32 of them: two instructions and a quarter for sixteen products.
//
// A tile = R rows of activations times the 8 rows of a panel, lanes = rows of the panel.
#include "base/noinline.h"
#include "kernels/isa.h"
#include "kernels/kernels.h"
#include "kernels/quant_layout.h"
#include "kernels/tile.h"

namespace needle {

#if defined(__wasm_relaxed_simd__)
/// The specification leaves open how the second operand's top bit is read and where sums saturate, and that tells the
/// instructions apart: 4 * 127 * 255 as one sum of 32 bits by VNNI, 2 * 32767 by pmaddubsw, -4 * 127 on ARM.
bool PairSumsPay() {
  static const bool pay = [] {
    const volatile int8_t a = 127;
    const volatile uint8_t u = 255;
    const I32x4 dot = (I32x4)wasm_i32x4_relaxed_dot_i8x16_i7x16_add(wasm_i8x16_splat(a), wasm_u8x16_splat(u), wasm_i32x4_const_splat(0));
    return dot[0] == 2 * 32767;
  }();
  return pay;
}
#else
bool PairSumsPay() { return false; }
#endif

#if !defined(__wasm_simd128__) || defined(__wasm_relaxed_simd__)  // kHasPairSums

namespace {

constexpr int kTileRows = 4;

/// sums[i][j] = sum over the depth of a[i] . m (c - 8)[j]
template <int R>
NEEDLE_INLINE void TileSums(const int8_t* a, const int32_t* zeros, const Q4View& w, const uint8_t* panel,
                            int32_t (*sums)[kPanelRows]) {
  const int cols = w.cols, groups = cols / kQuantGroup;
  I32x4 acc[R][2];
  Unroll<R>([&](auto i) __attribute__((always_inline)) { acc[i][0] = acc[i][1] = I32x4{0, 0, 0, 0}; });
  for (int g = 0; g < groups; ++g) {
    I16x8 pairs[R][2];
    Unroll<R>([&](auto i) __attribute__((always_inline)) { pairs[i][0] = pairs[i][1] = LoadPair(zeros + i * groups + g); });
    NEEDLE_KEEP_LOOP
    for (int k = 0; k < kQuantGroup; k += 2 * kQ4Step, a += 2 * kQ4Step, panel += 2 * kPanelRows * kQ4Step) {
      Unroll<2>([&](auto step) __attribute__((always_inline)) {
        Unroll<R>([&](auto i) __attribute__((always_inline)) {
          const Quad act = LoadQuad(a + i * cols + step * kQ4Step);
          const uint8_t* codes = panel + step * kPanelRows * kQ4Step;
          pairs[i][0] = AddPairs(pairs[i][0], act, codes);
          pairs[i][1] = AddPairs(pairs[i][1], act, codes + 16);
        });
      });
    }
    const I16x8 multipliers[2] = {LoadWide(reinterpret_cast<const int8_t*>(panel)),
                                  LoadWide(reinterpret_cast<const int8_t*>(panel) + 8)};
    Unroll<R>([&](auto i) __attribute__((always_inline)) {
      acc[i][0] = MultiplyPairs(acc[i][0], pairs[i][0], multipliers[0]);
      acc[i][1] = MultiplyPairs(acc[i][1], pairs[i][1], multipliers[1]);
    });
    panel += kQ4Group - kQ4Codes;
  }
  Unroll<R>([&](auto i) __attribute__((always_inline)) { std::memcpy(sums[i], acc[i], sizeof acc[i]); });
}

template <int R>
void Tile(const Q8Rows& x, const int32_t* zeros, int first, const Q4View& w, int panel, float* y) {
  int32_t sums[R][kPanelRows];
  const size_t at = static_cast<size_t>(first) * w.cols;
  const uint8_t* packed = w.packed + static_cast<size_t>(panel) * (w.cols / kQuantGroup) * kQ4Group;
  TileSums<R>(x.q + at, zeros + at / kQuantGroup, w, packed, sums);
  const int row = panel * kPanelRows;
  const int n = w.rows - row < kPanelRows ? w.rows - row : kPanelRows;
  for (int i = 0; i < R; ++i)
    FinishPanel(sums[i], 0, x.scale[first + i], w.scale + row, n, y + static_cast<size_t>(first + i) * w.rows + row);
}

}  // namespace

void GroupZeros(const int8_t* q, int rows, int cols, int32_t* zeros) {
  static constexpr uint8_t kZeros[16] = {kQ4Zero, kQ4Zero, kQ4Zero, kQ4Zero, kQ4Zero, kQ4Zero, kQ4Zero, kQ4Zero,
                                         kQ4Zero, kQ4Zero, kQ4Zero, kQ4Zero, kQ4Zero, kQ4Zero, kQ4Zero, kQ4Zero};
  const int8_t* const end = q + static_cast<size_t>(rows) * cols;
  for (; q < end; q += kQuantGroup) {
    I16x8 pairs = {};
    for (int k = 0; k < kQuantGroup; k += kQ4Step) pairs = AddPairs(pairs, LoadQuad(q + k), kZeros);
    pairs = I16x8{} - pairs;
    std::memcpy(zeros++, &pairs, sizeof *zeros);  // all four pairs of lanes are the same
  }
}

NEEDLE_NOINLINE void GemmQ8Q4(const Q8Rows& x, const int32_t* zeros, const Q4View& w, int first_panel, int last_panel,
                              float* y) {
  for (int panel = first_panel; panel < last_panel; ++panel) {
    int first = 0;
    for (; first + kTileRows <= x.rows; first += kTileRows) Tile<kTileRows>(x, zeros, first, w, panel, y);
    switch (x.rows - first) {
      case 1: Tile<1>(x, zeros, first, w, panel, y); break;
      case 2: Tile<2>(x, zeros, first, w, panel, y); break;
      case 3: Tile<3>(x, zeros, first, w, panel, y); break;
      default: break;
    }
  }
}
#endif

}  // namespace needle
