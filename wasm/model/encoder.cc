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

void StartBlock(const Model& model, std::span<const TokenId> tokens, Scratch& s) {
  const ModelConfig& c = model.config();
  s.Reserve(c, static_cast<int>(tokens.size()));
  s.block = KvCache(c.kv_heads, c.head_dim, false);
  s.block.Reserve(static_cast<int>(tokens.size()));
  EmbedTokens(model.weights().embed, tokens, s.x.data());
}

/// x += gate * Attn(norm(x)) over the segments already listed (the tools) and the block itself. `keep`, where given,
/// receives the block's keys and values.
void EncoderLayer(const Model& model, int layer, int n, KvCache* keep, Scratch& s) {
  const ModelConfig& c = model.config();
  const AttentionWeights& w = model.weights().enc[layer];
  RmsNorm(s.x.data(), w.norm.data(), n, c.d_model, s.h.data());
  LinearInput in(s.h.data(), n, c.d_model, s);
  ProjectQueries(w, model.weights(), c, in, n, {}, s);
  ProjectKeysValues(w, model.weights(), c, in, n, {}, nullptr, nullptr, s);
  if (keep) keep->Append(s.k.data(), s.v.data(), n);
  s.block.Clear();
  s.block.Append(s.k.data(), s.v.data(), n);
  s.segments.push_back(s.block.view());
  Attend(c, 0, n, s);
  AddGated(w, c, n, s);
}

/// The final norm, in place, and every decoder layer's cross-attention keys and values of the block.
void FinishBlock(const Model& model, int n, bool int8, std::vector<KvCache>* cross, Scratch& s) {
  const ModelConfig& c = model.config();
  RmsNorm(s.x.data(), model.weights().enc_norm.data(), n, c.d_model, s.x.data());
  if (!cross) return;
  LinearInput in(s.x.data(), n, c.d_model, s);
  for (const DecoderLayerWeights& layer : model.weights().dec) {
    ProjectKeysValues(layer.cross, model.weights(), c, in, n, {.rotate = false}, nullptr, nullptr, s);
    cross->emplace_back(c.kv_heads, c.head_dim, int8);
    cross->back().Reserve(n);
    cross->back().Append(s.k.data(), s.v.data(), n);
  }
}

/// L2norm(R . mean of the block's outputs)
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
  StartBlock(model, tokens, s);
  for (int layer = 0; layer < c.enc_layers; ++layer) {
    s.segments.clear();
    tool->enc.emplace_back(c.kv_heads, c.head_dim, int8);
    tool->enc.back().Reserve(n);
    EncoderLayer(model, layer, n, &tool->enc.back(), s);
  }
  FinishBlock(model, n, int8, &tool->cross, s);
  tool->vector = RetrievalVector(model, n, s);
  tool->size_bytes = sizeof(ToolEncoding) + tool->vector.size() * sizeof(float);
  for (const KvCache& cache : tool->enc) tool->size_bytes += sizeof(KvCache) + cache.size_bytes();
  for (const KvCache& cache : tool->cross) tool->size_bytes += sizeof(KvCache) + cache.size_bytes();
  return tool;
}

Result<std::vector<float>> QueryVector(const Model& model, std::span<const TokenId> tokens, Scratch& s) {
  const ModelConfig& c = model.config();
  NEEDLE_RETURN_IF_ERROR(CheckBlock(model, tokens, c.max_query, ErrorCode::kQueryTooLong, "the query"));
  const int n = static_cast<int>(tokens.size());
  StartBlock(model, tokens, s);
  for (int layer = 0; layer < c.enc_layers; ++layer) {
    s.segments.clear();
    EncoderLayer(model, layer, n, nullptr, s);
  }
  FinishBlock(model, n, false, nullptr, s);
  return RetrievalVector(model, n, s);
}

Result<std::unique_ptr<QueryEncoder>> QueryEncoder::Start(const Model& model, std::span<const TokenId> tokens,
                                                          ToolSpan tools, ThreadPool* threads) {
  NEEDLE_RETURN_IF_ERROR(
      CheckBlock(model, tokens, model.config().max_query, ErrorCode::kQueryTooLong, "the query"));
  std::unique_ptr<QueryEncoder> encoder(new QueryEncoder(model));
  encoder->scratch_.threads = threads;
  encoder->tools_.assign(tools.begin(), tools.end());
  encoder->num_tokens_ = static_cast<int>(tokens.size());
  StartBlock(model, tokens, encoder->scratch_);
  return encoder;
}

bool QueryEncoder::Step() {
  const int layers = model_.config().enc_layers;
  if (layer_ < layers) {
    scratch_.segments.clear();
    for (const ToolEncoding* tool : tools_) scratch_.segments.push_back(tool->enc[layer_].view());
    EncoderLayer(model_, layer_, num_tokens_, nullptr, scratch_);
    ++layer_;
  }
  return layer_ == layers;
}

std::unique_ptr<QueryEncoding> QueryEncoder::Finish() {
  auto query = std::make_unique<QueryEncoding>();
  query->num_tokens = num_tokens_;
  FinishBlock(model_, num_tokens_, false, &query->cross, scratch_);
  const float* x = scratch_.x.data();
  query->output.assign(x, x + static_cast<size_t>(num_tokens_) * model_.config().d_model);
  return query;
}

Result<std::unique_ptr<QueryEncoding>> EncodeQuery(const Model& model, std::span<const TokenId> tokens,
                                                   ToolSpan tools) {
  auto encoder = QueryEncoder::Start(model, tokens, tools);
  if (!encoder.ok()) return std::move(encoder.error());
  while (!(*encoder)->Step()) {
  }
  return (*encoder)->Finish();
}

}  // namespace needle
