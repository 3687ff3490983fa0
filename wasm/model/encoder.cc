// SPDX-License-Identifier: Apache-2.0
#include "model/encoder.h"

#include <string>

#include "model/attention.h"

namespace needle {
namespace {

Status CheckBlock(const Model& model, std::span<const TokenId> tokens, int limit, ErrorCode too_long,
                  const char* what) {
  const int n = static_cast<int>(tokens.size());
  if (n == 0) return Error{ErrorCode::kInvalidArgument, std::string(what) + " has no tokens", ""};
  if (n > limit)
    return Error{too_long, std::string(what) + " has " + std::to_string(n) + " tokens; the model reads " +
                 std::to_string(limit), ""};
  return model.CheckTokens(tokens);
}

/// x = the tokens' embeddings, once for each of `copies` blocks.
void StartBlocks(const Model& model, std::span<const TokenId> tokens, int copies, Scratch& s) {
  const ModelConfig& c = model.config();
  const int n = static_cast<int>(tokens.size());
  s.Reserve(c, copies * n);
  for (int i = 0; i < copies; ++i) {
    s.block[i] = KvCache(c.kv_heads, c.head_dim, false);
    s.block[i].Reserve(n);
    EmbedTokens(model.weights().embed, tokens, s.x.data() + static_cast<size_t>(i) * n * c.d_model);
  }
}

/// x += gate * Attn(norm(x)) for `copies` blocks of `n` rows, each over itself and the last one over `tools` first.
/// `keep`, where given, receives the only block's keys and values.
void EncoderLayer(const Model& model, int layer, int n, int copies, ToolSpan tools, KvCache* keep, Scratch& s) {
  const ModelConfig& c = model.config();
  const AttentionWeights& w = model.weights().enc[layer];
  const int rows = copies * n;
  const Positions at{.block = n};
  RmsNorm(s.x.data(), w.norm.data(), rows, c.d_model, s.h.data());
  LinearInput in(s.h.data(), rows, c.d_model, s);
  ProjectQueries(w, model.weights(), c, in, rows, at, s);
  ProjectKeysValues(w, model.weights(), c, in, rows, at, nullptr, nullptr, s);
  if (keep) keep->Append(s.k.data(), s.v.data(), n);
  for (int i = 0; i < copies; ++i) {
    const size_t first = static_cast<size_t>(i) * n * c.kv_size();
    s.block[i].Clear();
    s.block[i].Append(s.k.data() + first, s.v.data() + first, n);
    s.segments.clear();
    if (i == copies - 1)
      for (const ToolEncoding* tool : tools) s.segments.push_back(tool->enc[layer].view());
    s.segments.push_back(s.block[i].view());
    Attend(c, i * n, n, s);
  }
  AddGated(w, c, rows, s);
}

/// Every decoder layer's cross-attention keys and values of a block's outputs x [n, d].
void CrossKeysValues(const Model& model, const float* x, int n, bool int8, std::vector<KvCache>* cross, Scratch& s) {
  const ModelConfig& c = model.config();
  LinearInput in(x, n, c.d_model, s);
  for (const DecoderLayerWeights& layer : model.weights().dec) {
    ProjectKeysValues(layer.cross, model.weights(), c, in, n, {.rotate = false}, nullptr, nullptr, s);
    cross->emplace_back(c.kv_heads, c.head_dim, int8);
    cross->back().Reserve(n);
    cross->back().Append(s.k.data(), s.v.data(), n);
  }
}

/// L2norm(R . mean of the first block's outputs)
std::vector<float> RetrievalVector(const Model& model, int n, Scratch& s) {
  const Matrix& r = model.weights().retrieval;
  MeanRows(s.x.data(), n, model.config().d_model, s.h.data());
  std::vector<float> out(r.rows);
  LinearInput(s.h.data(), 1, model.config().d_model, s).Apply(r, out.data());
  const float norm = __builtin_sqrtf(DotF32(out.data(), out.data(), r.rows));
  Scale(out.data(), 1.0f / (norm > 1e-12f ? norm : 1e-12f), r.rows);
  return out;
}

}  // namespace

Result<std::unique_ptr<ToolEncoding>> EncodeTool(const Model& model, std::span<const TokenId> tokens, Scratch& s) {
  const ModelConfig& c = model.config();
  NEEDLE_RETURN_IF_ERROR(CheckBlock(model, tokens, c.max_tool, ErrorCode::kToolTooLong, "the tool"));
  const int n = static_cast<int>(tokens.size());
  const bool int8 = model.weights().integer;
  auto tool = std::make_unique<ToolEncoding>();
  tool->num_tokens = n;
  StartBlocks(model, tokens, 1, s);
  for (int layer = 0; layer < c.enc_layers; ++layer) {
    tool->enc.emplace_back(c.kv_heads, c.head_dim, int8);
    tool->enc.back().Reserve(n);
    EncoderLayer(model, layer, n, 1, {}, &tool->enc.back(), s);
  }
  RmsNorm(s.x.data(), model.weights().enc_norm.data(), n, c.d_model, s.x.data());
  CrossKeysValues(model, s.x.data(), n, int8, &tool->cross, s);
  tool->vector = RetrievalVector(model, n, s);
  tool->size_bytes = sizeof(ToolEncoding) + tool->vector.size() * sizeof(float);
  for (const KvCache& cache : tool->enc) tool->size_bytes += sizeof(KvCache) + cache.size_bytes();
  for (const KvCache& cache : tool->cross) tool->size_bytes += sizeof(KvCache) + cache.size_bytes();
  return tool;
}

Result<std::unique_ptr<QueryEncoder>> QueryEncoder::Start(const Model& model, std::span<const TokenId> tokens,
                                                          Wanted wanted, ToolSpan tools, ThreadPool* threads) {
  NEEDLE_RETURN_IF_ERROR(
      CheckBlock(model, tokens, model.config().max_query, ErrorCode::kQueryTooLong, "the query"));
  std::unique_ptr<QueryEncoder> encoder(new QueryEncoder(model, wanted));
  encoder->scratch_.threads = threads;
  encoder->tools_.assign(tools.begin(), tools.end());
  encoder->num_tokens_ = static_cast<int>(tokens.size());
  StartBlocks(model, tokens, encoder->copies(), encoder->scratch_);
  return encoder;
}

bool QueryEncoder::Step() {
  const int layers = model_.config().enc_layers;
  if (layer_ < layers) {
    EncoderLayer(model_, layer_, num_tokens_, copies(), tools_, nullptr, scratch_);
    ++layer_;
  }
  return layer_ == layers;
}

EncodedQuery QueryEncoder::Finish() {
  const int n = num_tokens_, d = model_.config().d_model;
  float* x = scratch_.x.data();
  RmsNorm(x, model_.weights().enc_norm.data(), copies() * n, d, x);
  EncodedQuery out;
  if (wanted_ != Wanted::kEncoding) out.vector = RetrievalVector(model_, n, scratch_);
  if (wanted_ == Wanted::kVector) return out;
  const float* last = x + static_cast<size_t>(copies() - 1) * n * d;
  out.encoding = std::make_unique<QueryEncoding>();
  out.encoding->num_tokens = n;
  out.encoding->output.assign(last, last + static_cast<size_t>(n) * d);
  CrossKeysValues(model_, last, n, false, &out.encoding->cross, scratch_);
  return out;
}

Result<EncodedQuery> EncodeQuery(const Model& model, std::span<const TokenId> tokens, QueryEncoder::Wanted wanted,
                                 ToolSpan tools) {
  auto encoder = QueryEncoder::Start(model, tokens, wanted, tools);
  if (!encoder.ok()) return std::move(encoder.error());
  while (!(*encoder)->Step()) {
  }
  return (*encoder)->Finish();
}

}  // namespace needle
