// SPDX-License-Identifier: Apache-2.0
#include "model/decoder.h"

#include <string>

#include "model/attention.h"

namespace needle {
namespace {

/// x += gate * SelfAttn(norm(x)): each token sees itself and what was written before it.
void SelfAttention(const Model& model, const AttentionWeights& w, int n, int position, KvCache& cache, float* last_key,
                   Scratch& s) {
  const ModelConfig& c = model.config();
  RmsNorm(s.x.data(), w.norm.data(), n, c.d_model, s.h.data());
  LinearInput in(s.h.data(), n, c.d_model, s);
  const Positions at{.first = position};
  ProjectQueries(w, model.weights(), c, in, n, at, s);
  ProjectKeysValues(w, model.weights(), c, in, n, at, position > 0 ? last_key : nullptr, last_key, s);
  cache.Append(s.k.data(), s.v.data(), n);
  for (int t = 0; t < n; ++t) {
    s.segments.assign(1, cache.view(position + t + 1));
    Attend(c, t, 1, s);
  }
  AddGated(w, c, n, s);
}

/// x += gate * CrossAttn(norm(x), tools and query)
void CrossAttention(const Model& model, const AttentionWeights& w, int n, int layer, ToolSpan tools,
                    const QueryEncoding& query, Scratch& s) {
  const ModelConfig& c = model.config();
  RmsNorm(s.x.data(), w.norm.data(), n, c.d_model, s.h.data());
  LinearInput in(s.h.data(), n, c.d_model, s);
  ProjectQueries(w, model.weights(), c, in, n, {.rotate = false}, s);
  s.segments.clear();
  for (const ToolEncoding* tool : tools) s.segments.push_back(tool->cross[layer].view());
  s.segments.push_back(query.cross[layer].view());
  Attend(c, 0, n, s);
  AddGated(w, c, n, s);
}

}  // namespace

DecoderState::DecoderState(const Model& model) {
  const ModelConfig& c = model.config();
  self_.assign(c.dec_layers, KvCache(c.kv_heads, c.head_dim, false));
  last_key_.assign(c.dec_layers, std::vector<float>(c.kv_size()));
}

void DecoderState::Reset() {
  for (KvCache& cache : self_) cache.Clear();
  position_ = 0;
}

Status DecodeTokens(const Model& model, ToolSpan tools, const QueryEncoding& query, DecoderState& state,
                    std::span<const TokenId> tokens, std::span<float> hidden, Scratch& s) {
  const ModelConfig& c = model.config();
  const int n = static_cast<int>(tokens.size());
  if (n == 0 || hidden.size() != static_cast<size_t>(c.d_model))
    return Error{ErrorCode::kInternal, "a decode step without tokens, or without room for its result", ""};
  if (state.position_ + n > c.max_position)
    return Error{ErrorCode::kTruncated, "the answer is longer than " + std::to_string(c.max_position) + " tokens", ""};
  NEEDLE_RETURN_IF_ERROR(model.CheckTokens(tokens));
  s.Reserve(c, n);
  EmbedTokens(model.weights().embed, tokens, s.x.data());
  for (int layer = 0; layer < c.dec_layers; ++layer) {
    const DecoderLayerWeights& w = model.weights().dec[layer];
    SelfAttention(model, w.self, n, state.position_, state.self_[layer], state.last_key_[layer].data(), s);
    CrossAttention(model, w.cross, n, layer, tools, query, s);
  }
  state.position_ += n;
  RmsNorm(s.x.data() + static_cast<size_t>(n - 1) * c.d_model, model.weights().dec_norm.data(), 1, c.d_model,
          hidden.data());
  return Ok{};
}

void Logits(const Model& model, std::span<const float> hidden, std::span<const TokenId> only, float* logits,
            Scratch& s) {
  const Matrix& embed = model.weights().embed;
  s.Reserve(model.config(), 1);
  LinearInput in(hidden.data(), 1, embed.cols, s);
  only.empty() ? in.Apply(embed, logits) : in.ApplyChosen(embed, only, logits);
}

}  // namespace needle
