// SPDX-License-Identifier: Apache-2.0
// Which tensors a model file of a given geometry holds, under which names and shapes, and the one check of all of them.
// After CheckTensors has passed, loading cannot fail.
//
//   embed [vocab, d]                                    rope.cos, rope.sin  F32 [max_position, head_dim / 2]
//   enc.{l}.*   enc.norm [d]                            retrieval [retrieval_dim, d]
//   dec.{l}.self.*  dec.{l}.cross.*   dec.norm [d]      tokenizer  U8 [n]
//   with * = norm [d], q [heads * hd, d], k and v [kv_heads * hd, d], o [d, heads * hd], q_norm and k_norm [hd],
//            smear [kv_heads] (config smear only), gate [1]
// A matrix `t` is t (F32, F16), or t.q4 + t.mul + t.scale, or t.q7 + t.scale (kernels/quant_layout.h).
#pragma once

#include <string>
#include <vector>

#include "format/model_config.h"
#include "format/model_reader.h"

namespace needle {

struct TensorSpec {
  enum Kind { kVector, kTable, kMatrix } kind;  // a table is never quantised
  std::string name;
  int rows;  // of a vector: its length
  int cols;  // of a vector: 1
};

std::vector<TensorSpec> TensorTable(const ModelConfig& config);

/// Every tensor is there with the right shape and type, its numbers are finite and codes within their ranges, and there
/// is no tensor that the engine would ignore.
Status CheckTensors(const ModelFile& file, const ModelConfig& config);

}  // namespace needle
