// SPDX-License-Identifier: Apache-2.0
// int8 activations times 7-bit weights. One tile = R rows of activations times N rows of one panel, all sums in
// registers over the whole depth; a panel (8 weight rows, 4 kB at a depth of 512) stays in L1 while every row of
// activations passes. Integers throughout, one multiplication by the two scales at the end.
// Tiles were chosen by measurement (bench of the toolchain notes): 6 x 2 for the relaxed dot, 4 x 2 for the 16-bit one.
#include "base/noinline.h"
#include "kernels/isa.h"
#include "kernels/kernels.h"
#include "kernels/quant_layout.h"
#include "kernels/tile.h"

namespace needle {
namespace {

#if defined(__wasm_relaxed_simd__)
constexpr int kTileRows = 6;
#else
constexpr int kTileRows = 4;
#endif

/// sums[i][j] = sum over the depth of a[i] . u[j], for R rows of activations and N rows of a panel from `u` on.
template <int R, int N>
NEEDLE_INLINE void TileSums(const int8_t* a, int cols, const uint8_t* u, int32_t (*sums)[kPanelRows]) {
  I32x4 acc[R * N];
  Unroll<R * N>([&](auto i) __attribute__((always_inline)) { acc[i] = I32x4{0, 0, 0, 0}; });
  for (int k = 0; k < cols; k += kPanelDepth, u += kPanelStep) {
    Unroll<R>([&](auto i) __attribute__((always_inline)) {
      const Act16 act = LoadAct(a + i * cols + k);
      Unroll<N>([&](auto j) __attribute__((always_inline)) {
        acc[i * N + j] = DotAcc(acc[i * N + j], act, u + j * kPanelDepth);
      });
    });
  }
  Unroll<R>([&](auto i) __attribute__((always_inline)) {
    if constexpr (N % 4 == 0) {
      Unroll<N / 4>([&](auto j) __attribute__((always_inline)) {
        const I32x4* s = acc + i * N + 4 * j;
        const I32x4 four = SumLanes4(s[0], s[1], s[2], s[3]);
        std::memcpy(sums[i] + 4 * j, &four, sizeof four);
      });
    } else {
      Unroll<N>([&](auto j) __attribute__((always_inline)) { sums[i][j] = SumLanesI(acc[i * N + j]); });
    }
  });
}

/// R rows of activations from row `first` on, against one panel.
template <int R, int N>
void Tile(const Q8Rows& x, int first, const Q7View& w, int panel, float* y) {
  int32_t sums[R][kPanelRows];
  const uint8_t* u = w.packed + PanelOffset(panel * kPanelRows, w.cols);
  for (int j = 0; j < kPanelRows; j += N) {
    int32_t(*at)[kPanelRows] = reinterpret_cast<int32_t(*)[kPanelRows]>(&sums[0][j]);
    TileSums<R, N>(x.q + static_cast<size_t>(first) * w.cols, w.cols, u + j * kPanelDepth, at);
  }
  const int row = panel * kPanelRows;
  const int n = w.rows - row < kPanelRows ? w.rows - row : kPanelRows;
  for (int i = 0; i < R; ++i)
    FinishPanel(sums[i], kQuantZero * x.sum[first + i], x.scale[first + i], w.scale + row, n,
                y + static_cast<size_t>(first + i) * w.rows + row);
}

/// The last 1 to 5 rows (in decoding, the only one): the fewer there are, the more weight rows run side by side, to keep enough sums in flight.
void TailTile(const Q8Rows& x, int first, const Q7View& w, int panel, float* y) {
  switch (x.rows - first) {
    case 1: return Tile<1, 8>(x, first, w, panel, y);
    case 2: return Tile<2, 4>(x, first, w, panel, y);
    case 3: return Tile<3, 4>(x, first, w, panel, y);
    case 4: return Tile<4, 2>(x, first, w, panel, y);
    case 5: return Tile<5, 2>(x, first, w, panel, y);
    default: return;
  }
}

}  // namespace

void GemmQ8Q7(const Q8Rows& x, const Q7View& w, int first_panel, int last_panel, float* y) {
  for (int panel = first_panel; panel < last_panel; ++panel) {
    int first = 0;
    for (; first + kTileRows <= x.rows; first += kTileRows) Tile<kTileRows, 2>(x, first, w, panel, y);
    TailTile(x, first, w, panel, y);
  }
}

namespace {

/// Four rows side by side, of which `count` are wanted; what is missing repeats the first.
void GatherFour(const Q8Rows& x, const Q7View& w, const int32_t* rows, int count, float* y) {
  const uint8_t* u[4];
  for (int j = 0; j < 4; ++j) u[j] = w.packed + PanelOffset(rows[j < count ? j : 0], w.cols);
  I32x4 acc[4] = {};
  size_t at = 0;
  for (int k = 0; k < w.cols; k += kPanelDepth, at += kPanelStep) {
    const Act16 act = LoadAct(x.q + k);
    for (int j = 0; j < 4; ++j) acc[j] = DotAcc(acc[j], act, u[j] + at);
  }
  const I32x4 sums = SumLanes4(acc[0], acc[1], acc[2], acc[3]);
  const int32_t zero = kQuantZero * x.sum[0];
  for (int j = 0; j < count; ++j) y[j] = (w.scale[rows[j]] * x.scale[0]) * static_cast<float>(sums[j] - zero);
}

}  // namespace

/// Under a pattern, or where strings are not copied, nearly every token can be allowed: most rows then come as whole panels.
NEEDLE_NOINLINE void GatherGemvQ8Q7(const Q8Rows& x, const Q7View& w, const int32_t* rows, int count, float* y) {
  const auto begins_panel = [&](int i) {
    return rows[i] % kPanelRows == 0 && i + kPanelRows <= count && rows[i + kPanelRows - 1] == rows[i] + kPanelRows - 1;
  };
  for (int i = 0; i < count;) {
    if (begins_panel(i)) {
      Tile<1, 8>(x, 0, w, rows[i] / kPanelRows, y + i - rows[i]);
      i += kPanelRows;
      continue;
    }
    int n = 1;
    while (n < 4 && i + n < count && !begins_panel(i + n)) ++n;
    GatherFour(x, w, rows + i, n, y + i);
    i += n;
  }
}

}  // namespace needle
