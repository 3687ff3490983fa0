// SPDX-License-Identifier: Apache-2.0
// Weights from the file's order into the kernels' panels, once, at load.
#include <cstring>

#include "kernels/kernels.h"
#include "kernels/quant_layout.h"

namespace needle {

void PackQ7(const uint8_t* u, int rows, int cols, uint8_t* packed) {
  std::memset(packed, kQuantZero, PackedSize(rows, cols));
  for (int r = 0; r < rows; ++r, u += cols) {
    uint8_t* out = packed + PanelOffset(r, cols);
    for (int i = 0; i < cols; i += kPanelDepth, out += kPanelStep) std::memcpy(out, u + i, kPanelDepth);
  }
}

void ExpandQ4Row(const uint8_t* codes, const uint8_t* multipliers, int cols, uint8_t* u) {
  for (int i = 0; i < cols; ++i) {
    const int c = (codes[i / 2] >> (4 * (i & 1))) & 15;
    const int group = i / kQuantGroup;
    const int m = ((multipliers[group / 2] >> (4 * (group & 1))) & 15) + 1;
    u[i] = static_cast<uint8_t>(kQuantZero + m * (c - 8));
  }
}

void UnpackRowQ7(const Q7View& w, int row, float factor, float* y) {
  const uint8_t* u = w.packed + PanelOffset(row, w.cols);
  const float scale = w.scale[row];
  for (int i = 0; i < w.cols; i += kPanelDepth, u += kPanelStep)
    for (int j = 0; j < kPanelDepth; ++j) y[i + j] = (scale * static_cast<float>(u[j] - kQuantZero)) * factor;
}

}  // namespace needle
