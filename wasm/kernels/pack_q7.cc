// SPDX-License-Identifier: Apache-2.0
// Weights from the file's order into the kernels' panels, once, at load.
#include <cstring>

#include "base/noinline.h"
#include "kernels/isa.h"
#include "kernels/kernels.h"
#include "kernels/quant_layout.h"

namespace needle {

namespace {

/// u of every code, a row for each multiplier from 1.
struct Q4Tables {
  alignas(16) uint8_t u[16][16];
};

constexpr Q4Tables MakeQ4Tables() {
  Q4Tables tables{};
  for (int m = 1; m <= 16; ++m)
    for (int c = 0; c < 16; ++c) tables.u[m - 1][c] = static_cast<uint8_t>(kQuantZero + m * (c - 8));
  return tables;
}

constexpr Q4Tables kQ4Tables = MakeQ4Tables();

alignas(16) constexpr uint8_t kCodes[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/// Rows that only fill up the last panel stand for zeros.
void FillLastPanel(int rows, int cols, uint8_t* packed) {
  if (rows % kPanelRows == 0) return;
  const size_t panel = PanelOffset(rows - rows % kPanelRows, cols);
  std::memset(packed + panel, kQuantZero, PackedSize(rows, cols) - panel);
}

}  // namespace

NEEDLE_NOINLINE void PackQ7(const uint8_t* u, int rows, int cols, uint8_t* packed) {
  FillLastPanel(rows, cols, packed);
  for (int r = 0; r < rows; ++r, u += cols) {
    uint8_t* out = packed + PanelOffset(r, cols);
    for (int i = 0; i < cols; i += kPanelDepth, out += kPanelStep) std::memcpy(out, u + i, kPanelDepth);
  }
}

NEEDLE_NOINLINE void ExpandQ4(const uint8_t* codes, const uint8_t* multipliers, int rows, int cols, uint8_t* packed) {
  static_assert(kQuantGroup == 2 * kPanelDepth);
  FillLastPanel(rows, cols, packed);
  const int groups = cols / kQuantGroup;
  for (int r = 0; r < rows; ++r, multipliers += groups / 2) {
    uint8_t* out = packed + PanelOffset(r, cols);
    for (int g = 0; g < groups; ++g, codes += kQuantGroup / 2, out += 2 * kPanelStep) {
      const int m = multipliers[g / 2] >> (4 * (g & 1)) & 15;
      ExpandNibbles(codes, kQ4Tables.u[m], out, out + kPanelStep);
    }
  }
}

NEEDLE_NOINLINE void PackQ4(const uint8_t* codes, const uint8_t* multipliers, int rows, int cols, uint8_t* packed) {
  const int groups = cols / kQuantGroup;
  const size_t panel = groups * kQ4Group;
  if (rows % kPanelRows != 0) {  // rows that only fill up the last panel stand for zeros
    uint8_t* last = packed + rows / kPanelRows * panel;
    for (int g = 0; g < groups; ++g, last += kQ4Group) {
      std::memset(last, kQ4Zero, kQ4Codes);
      std::memset(last + kQ4Codes, 1, kQ4Group - kQ4Codes);
    }
  }
  for (int r = 0; r < rows; ++r, multipliers += groups / 2) {
    uint8_t* out = packed + r / kPanelRows * panel + r % kPanelRows * kQ4Step;
    uint8_t* m = packed + r / kPanelRows * panel + kQ4Codes + r % kPanelRows * 2;
    for (int g = 0; g < groups; ++g, codes += kQuantGroup / 2, out += kQ4Group, m += kQ4Group) {
      alignas(16) uint8_t c[kQuantGroup];
      ExpandNibbles(codes, kCodes, c, c + 16);
      for (int k = 0; k < kQuantGroup; k += kQ4Step) std::memcpy(out + k * kPanelRows, c + k, kQ4Step);
      m[0] = m[1] = static_cast<uint8_t>((multipliers[g / 2] >> (4 * (g & 1)) & 15) + 1);
    }
  }
}

void UnpackRowQ7(const Q7View& w, int row, float factor, float* y) {
  const uint8_t* u = w.packed + PanelOffset(row, w.cols);
  const float scale = w.scale[row];
  for (int i = 0; i < w.cols; i += kPanelDepth, u += kPanelStep)
    for (int j = 0; j < kPanelDepth; ++j) y[i + j] = (scale * static_cast<float>(u[j] - kQuantZero)) * factor;
}

}  // namespace needle
