// SPDX-License-Identifier: Apache-2.0
// One route, from request to result, in bounded steps: choose which tools are looked at, encode the request against
// them (prefill), write the call token by token under the grammar mask (decode), follow what may be likelier as a whole
// (search), assemble the result. Everything that belongs to the request lives here and dies with it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "grammar/grammar_matcher.h"
#include "model/decoder.h"
#include "model/encoder.h"
#include "router/explain.h"
#include "router/path_search.h"
#include "router/prompt.h"
#include "router/route_request.h"
#include "router/runtime.h"
#include "router/sampler.h"
#include "router/tool_cache.h"
#include "router/tool_fit.h"
#include "router/tool_set.h"

namespace needle {

class Session {
 public:
  /// kQueryTooLong, kNotFound for a tool choice that the set lacks. The set must be encoded.
  static Result<std::unique_ptr<Session>> Start(const Runtime& runtime, ToolCache& cache,
                                                std::shared_ptr<const ToolSet> tools, RouteRequest request);

  /// A few encoder layers, a tool that the cache has lost, or one pass of the decoder. True when the answer is complete.
  Result<bool> Step();
  /// Whether the request has been read: the steps from here on are the decoder's.
  bool IsEncoded() const { return query_ != nullptr || nothing_to_decode_; }
  /// Whether Finish may be called.
  bool IsDone() const { return nothing_to_decode_ || is_decided_; }
  /// {"calls":[…]} as decided so far; an argument appears when its value is whole and nothing before it is in doubt.
  std::string PartialJson() const;
  /// The result (result_json.h). Only after Step has returned true.
  Result<std::string> Finish();

 private:
  Session(const Runtime& runtime, ToolCache& cache, std::shared_ptr<const ToolSet> tools, RouteRequest request)
      : runtime_(runtime), cache_(cache), tools_(std::move(tools)), request_(std::move(request)) {}

  Status Consider();
  bool IsFitWanted() const;
  void FitTools(std::span<const float> vector);
  Result<bool> GetEncodings();
  void NarrowByFit();
  Status Prefill();
  Status StartDecode();
  Status BeginPath(Path path);
  Status DecodeStep();
  Status DecodeOn();
  Status NextPath();
  Result<bool> AcceptForced();
  Status AcceptToken(TokenId token, float log_p);
  Status ChooseToken();
  void BiasCall();
  void BiasNames();
  void BiasNamed();
  Explanation Explain(const ConfidenceFeatures& features) const;

  const Runtime& runtime_;
  ToolCache& cache_;
  std::shared_ptr<const ToolSet> tools_;
  RouteRequest request_;
  std::vector<int> considered_;                                  // indices into tools_->tools(), ascending: canonical
  size_t max_considered_ = 0;
  ToolNearness nearness_;                                        // of all tools; empty where there is no choice
  std::vector<float> fit_;                                       // [considered]; likewise
  std::vector<std::shared_ptr<const ToolEncoding>> encodings_;   // [considered]
  std::vector<const ToolEncoding*> encoding_views_;
  QueryBlock block_;
  std::unique_ptr<QueryEncoder> encoder_;
  std::unique_ptr<QueryEncoding> query_;
  std::shared_ptr<const CopySource> copy_source_;
  std::unique_ptr<GrammarMatcher> matcher_;                      // of path_
  std::unique_ptr<DecoderState> decoder_;
  Scratch scratch_;
  TokenMask mask_;
  bool is_mask_current_ = false;                                 // nothing has been accepted since mask_ was computed
  std::vector<TokenId> allowed_;                                 // of the current mask, ascending
  std::vector<float> hidden_, logits_, bias_;                    // [d], [allowed], [allowed] or empty
  std::vector<TokenId> pending_;                                 // accepted, not yet seen by the decoder
  Path path_, best_path_;                                        // the one that is written, and of the whole ones the best
  std::unique_ptr<GrammarMatcher> best_matcher_;
  PathSearch search_;
  float log_p_call_ = 0;
  std::vector<float> call_odds_;                                 // their features; empty where there is no choice
  bool is_decided_ = false;                                      // path_ is the answer
  bool must_narrow_ = false;                                     // more tools than may be considered
  bool nothing_to_decode_ = false;                               // no tools or an empty request: none, for certain
};

}  // namespace needle
