// SPDX-License-Identifier: Apache-2.0
// How quantised matrices lie, in the file and in memory: group size, nibble order, zero point, and the interleaved
// panels that the kernels stream. The only definition; models/needle_models/quantize.py mirrors the first half.
//
//   file   q4   [out, in/2] bytes, low nibble first along `in`, codes c 0..15; [out, in/64] bytes of multiplier nibbles
//               m - 1, one for every 32 inputs; u = 64 + m * (c - 8), which is always 0..120
//          q7   [out, in] bytes u, 1..127; both kinds: w = scale[row] * (u - 64)
//   memory      q7: u, [out / 8][in / 16][8 rows][16 bytes]: one sequential stream with eight sums in flight, which is
//               what reaches memory bandwidth for a single row of activations. q4 is expanded to this at load (twice the
//               bytes of the file, but the kernel is one dot product and no unpacking),
//               or, where pair sums pay (kernels.h), kept as q4: [out / 8][in / 32] of {codes [8 steps][8 rows][4 inputs],
//               multipliers m [8 rows][2, the same]}: a code a byte, and rows in lanes, so that nothing is summed across
//               lanes, and the multipliers' one product makes int32 of the int16 sums
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

// The same of matrices that are kept as q4.
inline constexpr int kQ4Zero = 8;                                           // the code that stands for 0
inline constexpr int kQ4Step = 4;                                           // inputs of a row that lie side by side
inline constexpr size_t kQ4Codes = size_t{kPanelRows} * kQuantGroup;        // bytes of a panel's group
inline constexpr size_t kQ4Group = kQ4Codes + size_t{kPanelRows} * 2;       // with its multipliers
inline constexpr size_t PackedSizeQ4(int rows, int cols) {
  return static_cast<size_t>((rows + kPanelRows - 1) / kPanelRows) * (cols / kQuantGroup) * kQ4Group;
}

}  // namespace needle
