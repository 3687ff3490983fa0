// SPDX-License-Identifier: Apache-2.0
// A loaded model: const, shared by everything that routes with it. What changes (scratch memory, encodings, decoder
// states) is passed in by the caller: encoder.h and decoder.h.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "format/model_config.h"
#include "model/activations.h"
#include "model/weights.h"

namespace needle {

using TokenId = int32_t;

class Model {
 public:
  /// Validates and copies: `file` may be freed or reused as soon as this returns.
  static Result<std::unique_ptr<Model>> Load(std::span<const uint8_t> file);

  const ModelConfig& config() const { return config_; }
  const Weights& weights() const { return weights_; }
  const Calibration& calibration() const { return calibration_; }
  std::span<const uint8_t> tokenizer_bytes() const { return tokenizer_; }
  const std::string& name() const { return name_; }
  const std::string& version() const { return version_; }
  const std::string& licence() const { return licence_; }
  int64_t num_parameters() const { return num_parameters_; }
  size_t file_bytes() const { return file_bytes_; }

  /// kInvalidArgument for a token id outside the vocabulary.
  Status CheckTokens(std::span<const TokenId> tokens) const;

 private:
  Model() = default;

  ModelConfig config_;
  Calibration calibration_;
  Weights weights_;
  std::vector<uint8_t> tokenizer_;
  std::string name_, version_, licence_;
  int64_t num_parameters_ = 0;
  size_t file_bytes_ = 0;
};

}  // namespace needle
