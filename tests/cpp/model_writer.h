// SPDX-License-Identifier: Apache-2.0
// Model files made by tests: the golden one taken apart, changed (or dequantised), and put together again.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "format/model_reader.h"
#include "format/tensor_table.h"
#include "reference_kernels.h"

namespace needle_test {

struct RawTensor {
  std::string dtype;
  std::vector<uint32_t> shape;
  std::vector<uint8_t> bytes;
};

struct RawModel {
  std::map<std::string, RawTensor> tensors;
  std::map<std::string, std::string> metadata;

  /// Puts the file together.
  std::vector<uint8_t> Bytes() const {
    std::string header = "{\"__metadata__\":{";
    for (const auto& [key, value] : metadata) header += Quote(key) + ":" + Quote(value) + ",";
    if (!metadata.empty()) header.pop_back();
    header += "}";
    std::vector<uint8_t> data;
    for (const auto& [name, t] : tensors) {
      header += "," + Quote(name) + ":{\"dtype\":" + Quote(t.dtype) + ",\"shape\":[";
      for (uint32_t n : t.shape) header += std::to_string(n) + ",";
      if (!t.shape.empty()) header.pop_back();
      header += "],\"data_offsets\":[" + std::to_string(data.size()) + ",";
      data.insert(data.end(), t.bytes.begin(), t.bytes.end());
      header += std::to_string(data.size()) + "]}";
    }
    return Frame(header + "}", data);
  }

  static std::vector<uint8_t> Frame(const std::string& header, const std::vector<uint8_t>& data) {
    std::vector<uint8_t> out(8);
    for (int i = 0; i < 8; ++i) out[i] = static_cast<uint8_t>(static_cast<uint64_t>(header.size()) >> (8 * i));
    out.insert(out.end(), header.begin(), header.end());
    out.insert(out.end(), data.begin(), data.end());
    return out;
  }

  static std::string Quote(const std::string& text) {
    std::string out = "\"";
    for (char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    return out + "\"";
  }
};

inline RawModel TakeApart(const std::vector<uint8_t>& bytes) {
  RawModel out;
  const auto file = needle::ModelFile::Parse(bytes);
  for (const auto& [name, t] : file->tensors()) {
    const char* dtype = t.dtype == needle::DType::kF32 ? "F32" : t.dtype == needle::DType::kF16 ? "F16" : "U8";
    out.tensors[name] = {dtype, std::vector<uint32_t>(t.shape, t.shape + t.rank), {t.bytes.begin(), t.bytes.end()}};
  }
  for (const char* key : {"format", "config", "calibration", "name", "version"})
    out.metadata[key] = std::string(file->Metadata(key));
  return out;
}

/// w = scale * (u - 64) of every quantised matrix, as F32: what the f32 engine is tested on.
inline RawModel Dequantized(RawModel model, const needle::ModelConfig& config) {
  for (const auto& spec : needle::TensorTable(config)) {
    if (spec.kind != needle::TensorSpec::kMatrix) continue;
    const size_t n = static_cast<size_t>(spec.rows) * spec.cols;
    std::vector<uint8_t> u(n);
    if (auto q7 = model.tensors.extract(spec.name + ".q7")) {
      u = q7.mapped().bytes;
    } else {
      const auto q4 = model.tensors.extract(spec.name + ".q4"), mul = model.tensors.extract(spec.name + ".mul");
      for (int r = 0; r < spec.rows; ++r)
        ExpandQ4Row(q4.mapped().bytes.data() + static_cast<size_t>(r) * spec.cols / 2,
                    mul.mapped().bytes.data() + static_cast<size_t>(r) * spec.cols / 64, spec.cols,
                    u.data() + static_cast<size_t>(r) * spec.cols);
    }
    const auto scale = model.tensors.extract(spec.name + ".scale");
    RawTensor out{
        "F32", {static_cast<uint32_t>(spec.rows), static_cast<uint32_t>(spec.cols)}, std::vector<uint8_t>(4 * n)};
    for (size_t i = 0; i < n; ++i) {
      float s;
      std::memcpy(&s, scale.mapped().bytes.data() + i / spec.cols * 4, 4);
      const float w = s * static_cast<float>(u[i] - 64);
      std::memcpy(out.bytes.data() + 4 * i, &w, 4);
    }
    model.tensors[spec.name] = out;
  }
  return model;
}

}  // namespace needle_test
