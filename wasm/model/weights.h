// SPDX-License-Identifier: Apache-2.0
// What was trained, in the form that the kernels want: immutable after load, shared by every session. Its siblings are
// the activations (activations.h) and the caches (kv_cache.h); the three never mix.
#pragma once

#include <vector>

#include "format/model_config.h"
#include "format/model_reader.h"
#include "kernels/aligned.h"
#include "kernels/kernels.h"

namespace needle {

/// y = W x, W [rows, cols]: integers with a scale a row, or plain f32.
struct Matrix {
  enum class Form {
    kF32,
    kQ7,  // also q4 of the file, expanded at load
    kQ4,  // where PairSumsPay()
  };
  int rows = 0;
  int cols = 0;
  Form form = Form::kF32;
  AlignedVector<uint8_t> packed;  // PackedSize(rows, cols), PackedSizeQ4(rows, cols)
  AlignedVector<float> scale;     // [rows]
  AlignedVector<float> f32;       // [rows, cols]

  Q7View q7() const { return {packed.data(), scale.data(), rows, cols}; }
  Q4View q4() const { return {packed.data(), scale.data(), rows, cols}; }
};

struct AttentionWeights {
  AlignedVector<float> norm;            // [d]
  Matrix q, k, v, o;
  AlignedVector<float> q_norm, k_norm;  // [head_dim]
  AlignedVector<float> smear;           // [kv_heads]; empty without smearing
  float gate = 0;                       // sigmoid applied
};

struct DecoderLayerWeights {
  AttentionWeights self, cross;
};

struct Weights {
  Matrix embed;      // [vocab, d]; rows in, logits out
  Matrix retrieval;  // [retrieval_dim, d]
  std::vector<AttentionWeights> enc;
  std::vector<DecoderLayerWeights> dec;
  AlignedVector<float> enc_norm, dec_norm;  // [d]
  AlignedVector<float> rope_cos, rope_sin;  // [max_position, head_dim / 2]
  bool integer = false;                     // the network's matrices are quantised, hence tool caches are int8
};

/// `file` has passed CheckTensors, so this cannot fail. Copies: the file may go afterwards.
Weights MakeWeights(const ModelFile& file, const ModelConfig& config);

}  // namespace needle
