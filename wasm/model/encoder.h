// SPDX-License-Identifier: Apache-2.0
// The encoder: blocks of tokens -> keys and values. A tool block attends to itself only, so its encoding is computed
// once and shared by every tool set; the query block attends to itself and to the tools of the request.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "model/model.h"

namespace needle {

/// Everything that requests need of one tool. Immutable once made.
struct ToolEncoding {
  int num_tokens = 0;
  std::vector<KvCache> enc;     // [enc_layers], read by the query block
  std::vector<KvCache> cross;   // [dec_layers], read by the decoder
  std::vector<float> vector;    // [retrieval_dim], L2-normalised
  size_t size_bytes = 0;
};

struct QueryEncoding {
  int num_tokens = 0;
  std::vector<float> output;    // [num_tokens, d] after the final norm
  std::vector<KvCache> cross;   // [dec_layers]
};

/// Tools in canonical order: their keys are summed over in this order.
using ToolSpan = std::span<const ToolEncoding* const>;

/// kToolTooLong above config.max_tool tokens.
Result<std::unique_ptr<ToolEncoding>> EncodeTool(const Model& model, std::span<const TokenId> tokens, Scratch& scratch);

/// What becomes of a query.
struct EncodedQuery {
  std::vector<float> vector;                // [retrieval_dim], comparable with ToolEncoding::vector by a dot product
  std::unique_ptr<QueryEncoding> encoding;
};

/// Encodes a query a layer at a time, so that a long one can yield in between. Has scratch memory of its own; model and
/// tools must outlive it.
class QueryEncoder {
 public:
  /// The vector belongs to the query block encoded alone, the encoding to the block that has seen the tools. Both
  /// together are two blocks side by side in the same matrix products, which read the weights once.
  enum class Wanted { kVector, kEncoding, kBoth };

  /// `threads`, where given, help with a long one. kQueryTooLong above config.max_query tokens.
  static Result<std::unique_ptr<QueryEncoder>> Start(const Model& model, std::span<const TokenId> tokens,
                                                     Wanted wanted, ToolSpan tools, ThreadPool* threads = nullptr);
  /// One layer; true when there is nothing left to do.
  bool Step();
  /// Once, after Step has returned true.
  EncodedQuery Finish();
  /// Rows that go through each layer.
  int num_rows() const { return copies() * num_tokens_; }

 private:
  QueryEncoder(const Model& model, Wanted wanted) : model_(model), wanted_(wanted) {}
  int copies() const { return wanted_ == Wanted::kBoth ? 2 : 1; }

  const Model& model_;
  const Wanted wanted_;
  std::vector<const ToolEncoding*> tools_;  // none for kVector
  Scratch scratch_;
  int num_tokens_ = 0;
  int layer_ = 0;
};

/// All of it at once.
Result<EncodedQuery> EncodeQuery(const Model& model, std::span<const TokenId> tokens, QueryEncoder::Wanted wanted,
                                 ToolSpan tools);

}  // namespace needle
