// SPDX-License-Identifier: Apache-2.0
// One attention of SAN-1 in named steps, as encoder and decoder use them:
//   NormInput -> ProjectQueries, ProjectKeysValues -> Attend -> AddGated
// The steps work on the rows in the scratch memory; each row's result depends on that row and on the keys, never on how
// many rows are in flight.
#pragma once

#include <span>

#include "format/model_config.h"
#include "model/activations.h"
#include "model/weights.h"

namespace needle {

/// Rows that one or several matrices are applied to; they are quantised once, by the first matrix that wants it.
class LinearInput {
 public:
  LinearInput(const float* x, int rows, int cols, Scratch& s) : x_(x), rows_(rows), cols_(cols), s_(s) {}
  /// y [rows, w.rows] = x W^T
  void Apply(const Matrix& w, float* y);
  /// y[i] = (W x)[chosen[i]], of the only row
  void ApplyChosen(const Matrix& w, std::span<const int32_t> chosen, float* y);

 private:
  Q8Rows Quantized();
  const int32_t* Zeros();
  /// multiply(first, last) over all of w's panels, in pieces by several threads where that is worth it.
  template <class F>
  void OverPanels(const Matrix& w, F multiply);

  const float* x_;
  int rows_;
  int cols_;
  Scratch& s_;
  bool quantized_ = false;
  bool has_zeros_ = false;
};

/// Where the rows stand in their blocks. `rotate` is false in cross-attention.
struct Positions {
  int first = 0;        // of the first row
  int block = 1 << 30;  // rows of a block, when there are several of one length: the next begins at `first` again
  bool rotate = true;
};

/// s.q [n, heads * hd]: projected, normed per head, rotated.
void ProjectQueries(const AttentionWeights& w, const Weights& all, const ModelConfig& c, LinearInput& in, int n,
                    Positions at, Scratch& s);

/// s.k, s.v [n, kv_heads * hd]: projected; keys smeared, normed per head, rotated. `previous` is the unsmeared key
/// [kv_heads * hd] of the token before the first row, null at the start of blocks; `last` (may be null, may equal
/// `previous`) receives that of the last row.
void ProjectKeysValues(const AttentionWeights& w, const Weights& all, const ModelConfig& c, LinearInput& in, int n,
                       Positions at, const float* previous, float* last, Scratch& s);

/// s.attended rows [first, first + n) = softmax(q k^T / sqrt(hd)) v over s.segments, in their order.
void Attend(const ModelConfig& c, int first, int n, Scratch& s);

/// x += gate * W_o attended
void AddGated(const AttentionWeights& w, const ModelConfig& c, int n, Scratch& s);

/// x [n, d] = E[token] * sqrt(d)
void EmbedTokens(const Matrix& embed, std::span<const int32_t> tokens, float* x);

}  // namespace needle
