// SPDX-License-Identifier: Apache-2.0
// The container of a model file (safetensors): bytes -> named, bounds-checked views. Copies nothing and trusts nothing;
// what the tensors must be is tensor_table.h's matter. Mirrors models/needle_models/format.py.
//
//   u64 little-endian: length of the header · header: JSON, name -> {dtype, shape, data_offsets}, `__metadata__` with
//   strings only · the tensors' bytes, which cover the rest of the file without gaps or overlaps
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"

namespace needle {

inline constexpr std::string_view kModelFormat = "needle-router/1";

enum class DType { kF32, kF16, kU8 };

struct TensorView {
  DType dtype = DType::kU8;
  int rank = 0;                     // 1 or 2
  uint32_t shape[2] = {0, 0};
  std::span<const uint8_t> bytes;   // unaligned; its size matches dtype and shape
};

class ModelFile {
 public:
  /// Views into `file`, which must outlive the ModelFile.
  static Result<ModelFile> Parse(std::span<const uint8_t> file);

  /// Null when there is none.
  const TensorView* Find(std::string_view name) const;
  /// "" when there is none.
  std::string_view Metadata(std::string_view key) const;

  const std::map<std::string, TensorView, std::less<>>& tensors() const { return tensors_; }

 private:
  std::map<std::string, TensorView, std::less<>> tensors_;
  std::map<std::string, std::string, std::less<>> metadata_;
};

/// An error about one tensor, by name.
Error TensorError(std::string_view name, std::string_view what);

}  // namespace needle
