// SPDX-License-Identifier: Apache-2.0
// What a model file's metadata says: the geometry of the network and the calibration of its confidence. Mirrors
// models/needle_models/config.py. Both are checked here, once; later code relies on the limits below.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/status.h"

namespace needle {

struct ModelConfig {
  int d_model = 0;        // a multiple of 64, at most 2048
  int heads = 0;          // heads * head_dim is a multiple of 64
  int kv_heads = 0;       // query head h reads kv head h / (heads / kv_heads)
  int head_dim = 0;       // 32 or 64
  int enc_layers = 0;
  int dec_layers = 0;
  int vocab = 0;
  int max_position = 0;   // rows of the RoPE tables
  int max_query = 0;      // tokens of a query block
  int max_tool = 0;       // tokens of a tool block
  int retrieval_dim = 0;
  bool smear = false;     // k_t += s * k_{t-1} before the key norm
  std::string json;       // as it stands in the file

  int q_size() const { return heads * head_dim; }
  int kv_size() const { return kv_heads * head_dim; }
};

/// Parses and validates; kUnsupportedModel for a geometry that this engine does not run.
Result<ModelConfig> ParseModelConfig(std::string_view json);

/// confidence = sigmoid(w . f + b), f = log p(call) as decided (router/call_odds.h), log p(name), lowest and mean log p over values,
/// log(tools considered), number of calls.
struct LogisticFit {
  std::array<double, 6> w{};
  double b = 0;
};

/// How much a tool's fit to the request (router/tool_fit.h) counts beside the network when a tool is chosen. Zero: not.
struct FitWeights {
  double vector = 0;  // per unit of the cosine of the retrieval vectors
  double words = 0;   // per unit of BM25
  double later = 0;   // share of it that counts in the second call and after, whose tool the fit knows less of
};

/// Whether to call a tool at all: log odds of <call> against <none> = w . f + b (router/call_odds.h).
struct CallOddsFit {
  bool present = false;  // false: the network's own odds
  std::array<double, 3> w{};
  double b = 0;
};

struct Calibration {
  bool present = false;  // false: a file without a fit; then w and b are zero
  LogisticFit call, none;
  FitWeights fit;        // optional in the file
  CallOddsFit odds;      // optional in the file
  std::string json;      // as it stands in the file, with the reliability table of the fit
};

Result<Calibration> ParseCalibration(std::string_view json);

}  // namespace needle
