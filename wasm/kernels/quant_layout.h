// SPDX-License-Identifier: Apache-2.0
// How quantised matrices lie, in the file and in memory: group size, nibble order, zero point, and the interleaved
// panels that the kernels stream. The only definition; models/needle_models/quantize.py mirrors the first half.
//
//   file   q4   [out, in/2] bytes, low nibble first along `in`, codes c 0..15; [out, in/64] bytes of multiplier nibbles
//               m - 1, one for every 32 inputs; u = 64 + m * (c - 8), which is always 0..120
//          q7   [out, in] bytes u, 1..127; both kinds: w = scale[row] * (u - 64)
//   memory      u only (q4 is expanded at load: twice the bytes, but the kernel is one dot product and no unpacking),
//               [out / 8][in / 16][8 rows][16 bytes]: one sequential stream with eight sums in flight, which is what
//               reaches memory bandwidth for a single row of activations
#pragma once

#include <cstddef>

namespace needle {

inline constexpr int kQuantGroup = 32;      // inputs that share a multiplier
inline constexpr int kQuantZero = 64;       // the u that stands for 0
inline constexpr int kQ7Max = 127;          // u stays below the top bit: what the relaxed dot demands of its operand
inline constexpr int kPanelRows = 8;
inline constexpr int kPanelDepth = 16;

/// Where a row's first 16 bytes lie; the next 16 follow kPanelStep bytes later.
inline constexpr size_t PanelOffset(int row, int cols) {
  return static_cast<size_t>(row / kPanelRows) * kPanelRows * cols +
         static_cast<size_t>(row % kPanelRows) * kPanelDepth;
}
inline constexpr size_t kPanelStep = kPanelRows * kPanelDepth;

/// Bytes of a packed matrix; rows are filled up to whole panels.
inline constexpr size_t PackedSize(int rows, int cols) {
  return static_cast<size_t>((rows + kPanelRows - 1) / kPanelRows) * kPanelRows * cols;
}

}  // namespace needle
