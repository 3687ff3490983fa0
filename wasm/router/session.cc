// SPDX-License-Identifier: Apache-2.0
#include "router/session.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "router/call_odds.h"
#include "router/result_json.h"

namespace needle {
namespace {

// Rows times layers of prefill between two chances to abort: some milliseconds on a slow machine.
constexpr int kPrefillRows = 256;
constexpr float kNamedBias = 4;             // nats, for or against what the request names (models/EXPERIMENTS.md)
constexpr int kForcedTokens = 512;          // a step accepts at most; some milliseconds
constexpr size_t kMaxAnswerTokens = 65536;  // of them, the model's max_position before the last choice

bool IsBlank(const std::string& text) { return text.find_first_not_of(" \t\r\n\f\v") == std::string::npos; }

/// What a value may be copied from: what the user says and said, and what the app knows.
std::shared_ptr<const CopySource> SourceOf(const Tokenizer& tokenizer, const RouteRequest& request) {
  std::vector<std::string> texts = {request.query};
  texts.insert(texts.end(), request.context.begin(), request.context.end());
  for (const auto& [name, value] : request.facts) texts.push_back(value);
  return std::make_shared<CopySource>(tokenizer, texts);
}

MatcherOptions OptionsOf(const RouteRequest& request, std::shared_ptr<const CopySource> copy, size_t num_query_tokens) {
  MatcherOptions options;
  options.copy = std::move(copy);
  options.max_calls = static_cast<uint32_t>(request.max_calls);
  options.max_string_tokens = static_cast<uint32_t>(std::max<size_t>(64, 2 * num_query_tokens));
  if (request.tool_choice == ToolChoice::kRequired) options.tool_choice = MatcherOptions::kRequired;
  if (request.tool_choice == ToolChoice::kNamed) {
    options.tool_choice = MatcherOptions::kNamed;
    options.named_tool_idx = 0;  // it is the only one considered
  }
  return options;
}

bool LeadsNowhere(const Status& status) {
  return !status.ok() && (status.error().code == ErrorCode::kTruncated || status.error().code == ErrorCode::kGrammarDeadEnd);
}

}  // namespace

Result<std::unique_ptr<Session>> Session::Start(const Runtime& runtime, ToolCache& cache,
                                                std::shared_ptr<const ToolSet> tools, RouteRequest request) {
  std::unique_ptr<Session> session(new Session(runtime, cache, std::move(tools), std::move(request)));
  auto block = BuildQueryBlock(runtime.tokenizer, session->request_.query, session->request_.context,
                               session->request_.facts);
  if (!block.ok()) {
    block.error().path = "query";
    return std::move(block.error());
  }
  session->block_ = std::move(block.value());
  NEEDLE_RETURN_IF_ERROR(session->Consider());
  session->nothing_to_decode_ = session->considered_.empty() || IsBlank(session->request_.query);
  if (session->nothing_to_decode_ && session->must_narrow_) {  // nothing to narrow by: the bound holds all the same
    session->considered_.resize(session->max_considered_);
  }
  return session;
}

/// Which tools may be answered with: the named one, all, or none.
Status Session::Consider() {
  if (request_.tool_choice == ToolChoice::kNamed) {
    const int index = tools_->Find(request_.tool_name);
    if (index < 0) {
      return Error{ErrorCode::kNotFound, "there is no tool named '" + request_.tool_name + "'", "toolChoice"};
    }
    considered_ = {index};
  } else if (request_.tool_choice != ToolChoice::kNone) {
    considered_.resize(tools_->tools().size());
    std::iota(considered_.begin(), considered_.end(), 0);
  }
  max_considered_ = static_cast<size_t>(MaxConsidered(request_, considered_.size()));
  must_narrow_ = considered_.size() > max_considered_;
  return Ok{};
}

/// How well each tool fits. A model without weights for it narrows by its vectors alone, and chooses without. Before a
/// single tool the network needs no help, and the vector is half of reading the request.
bool Session::IsFitWanted() const {
  const Calibration& c = runtime_.model->calibration();
  return considered_.size() > 1 && (must_narrow_ || c.odds.present || c.fit.vector != 0 || c.fit.words != 0);
}

void Session::FitTools(std::span<const float> vector) {
  FitWeights weights = runtime_.model->calibration().fit;
  if (weights.vector == 0 && weights.words == 0) weights.vector = 1;
  nearness_ = Nearness(*tools_, vector, request_.query);
  fit_ = ToolFit(nearness_, weights);
}

/// Keeps the tools that fit best; equals go by canonical order.
void Session::NarrowByFit() {
  std::stable_sort(considered_.begin(), considered_.end(),
                   [&](int a, int b) { return fit_[static_cast<size_t>(a)] > fit_[static_cast<size_t>(b)]; });
  considered_.resize(max_considered_);
  std::sort(considered_.begin(), considered_.end());
  std::vector<float> fit;
  for (const int index : considered_) fit.push_back(fit_[static_cast<size_t>(index)]);
  fit_ = std::move(fit);
  must_narrow_ = false;
}

/// Gets the considered tools' encodings, until one had to be made anew; true when all are there.
Result<bool> Session::GetEncodings() {
  while (encodings_.size() < considered_.size()) {
    const std::vector<TokenId>& block = tools_->tools()[static_cast<size_t>(considered_[encodings_.size()])].block;
    const bool is_there = cache_.Has(block);
    auto encoding = cache_.Get(block);
    if (!encoding.ok()) return std::move(encoding.error());
    encodings_.push_back(std::move(encoding.value()));
    encoding_views_.push_back(encodings_.back().get());
    if (!is_there) break;
  }
  return encodings_.size() == considered_.size();
}

Result<bool> Session::Step() {
  if (nothing_to_decode_) return true;
  if (!query_) {
    NEEDLE_RETURN_IF_ERROR(Prefill());
    return false;
  }
  NEEDLE_RETURN_IF_ERROR(DecodeStep());
  return IsDone();
}

/// Of more tools than may be considered, the request's vector chooses first; otherwise vector and encoding are one pass.
Status Session::Prefill() {
  if (!encoder_) {
    if (!must_narrow_) {
      auto are_there = GetEncodings();
      if (!are_there.ok()) return std::move(are_there.error());
      if (!*are_there) return Ok{};
    }
    using Wanted = QueryEncoder::Wanted;
    const Wanted wanted = must_narrow_ ? Wanted::kVector : fit_.empty() && IsFitWanted() ? Wanted::kBoth : Wanted::kEncoding;
    auto encoder =
        QueryEncoder::Start(*runtime_.model, block_.tokens, wanted, encoding_views_, &cache_.threads());
    if (!encoder.ok()) return std::move(encoder.error());
    encoder_ = std::move(encoder.value());
  }
  bool is_done = false;
  for (int rows = 0; rows < kPrefillRows && !is_done; rows += encoder_->num_rows()) is_done = encoder_->Step();
  if (!is_done) return Ok{};
  EncodedQuery encoded = encoder_->Finish();
  encoder_.reset();
  if (!encoded.vector.empty()) FitTools(encoded.vector);
  if (must_narrow_) NarrowByFit();
  if (!encoded.encoding) return Ok{};
  query_ = std::move(encoded.encoding);
  return StartDecode();
}

Status Session::StartDecode() {
  copy_source_ = SourceOf(runtime_.tokenizer, request_);
  decoder_ = std::make_unique<DecoderState>(*runtime_.model);
  hidden_.resize(static_cast<size_t>(runtime_.model->config().d_model));
  return BeginPath({});
}

/// Goes on after the path's tokens, which the decoder will read in one batch.
Status Session::BeginPath(Path path) {
  std::vector<std::shared_ptr<const CompiledTool>> grammars;
  for (const int index : considered_) grammars.push_back(tools_->tools()[static_cast<size_t>(index)].grammar);
  auto matcher = GrammarMatcher::Make(std::move(grammars), OptionsOf(request_, copy_source_, block_.tokens.size()));
  if (!matcher.ok()) return std::move(matcher.error());
  matcher_ = std::make_unique<GrammarMatcher>(std::move(matcher.value()));
  for (const TokenId token : path.tokens) NEEDLE_RETURN_IF_ERROR(matcher_->Accept(token));
  is_mask_current_ = false;
  decoder_->Reset();
  pending_ = {special::kBos};
  pending_.insert(pending_.end(), path.tokens.begin(), path.tokens.end());
  path_ = std::move(path);
  return Ok{};
}

/// A piece of the path; at its end the next one. One that leads nowhere is no answer, where there is another.
Status Session::DecodeStep() {
  const Status status = DecodeOn();
  if (!status.ok() && !(search_.has_answer() && LeadsNowhere(status))) return status;
  return !status.ok() || matcher_->IsComplete() || search_.HasLost(path_) ? NextPath() : Ok{};
}

/// Accepts what the grammar forces (jump-forward: the decoder sees the run in one batch), then one chosen token.
Status Session::DecodeOn() {
  const auto is_choice = AcceptForced();
  if (!is_choice.ok()) return is_choice.error();
  if (!*is_choice) return Ok{};
  NEEDLE_RETURN_IF_ERROR(ChooseToken());
  const auto accepted = AcceptForced();
  return accepted.ok() ? Status(Ok{}) : accepted.error();
}

/// Leaves the path, which is whole or has lost, for one that may be better; if there is none, the best is the answer.
Status Session::NextPath() {
  if (matcher_->IsComplete() && search_.Keep(path_)) {
    best_path_ = std::move(path_);
    best_matcher_ = std::move(matcher_);
  }
  while (auto path = search_.Next()) {
    const Status status = BeginPath(std::move(*path));
    if (status.ok() || !LeadsNowhere(status)) return status;
  }
  path_ = std::move(best_path_);
  matcher_ = std::move(best_matcher_);
  is_decided_ = true;
  return Ok{};
}

/// Accepts forced tokens, some at a time. True when the next one is a choice, whose mask is then in mask_; false when the
/// answer is complete, or when more may be forced.
Result<bool> Session::AcceptForced() {
  for (int piece = 0; piece < kForcedTokens && !matcher_->IsComplete(); ++piece) {
    if (!is_mask_current_) NEEDLE_RETURN_IF_ERROR(matcher_->Mask(&mask_));
    is_mask_current_ = true;
    const auto forced = mask_.Single();
    if (!forced) return true;
    if (path_.tokens.size() >= kMaxAnswerTokens) {  // a list of a million items, say, that a schema leaves no choice about
      return Error{ErrorCode::kTruncated, "the answer is longer than " + std::to_string(kMaxAnswerTokens) + " tokens", ""};
    }
    NEEDLE_RETURN_IF_ERROR(AcceptToken(*forced, 0));
    ++path_.num_forced;
  }
  return false;
}

Status Session::AcceptToken(TokenId token, float log_p) {
  NEEDLE_RETURN_IF_ERROR(matcher_->Accept(token));
  is_mask_current_ = false;
  pending_.push_back(token);
  path_.Add(token, log_p);
  return Ok{};
}

/// Accepts the likeliest token, and notes what else was likely. But whether there is a call at all is calibrated as one
/// decision: an answer of many uncertain tokens must not lose to <none> for having many.
Status Session::ChooseToken() {
  NEEDLE_RETURN_IF_ERROR(DecodeTokens(*runtime_.model, encoding_views_, *query_, *decoder_, pending_, hidden_, scratch_));
  pending_.clear();
  allowed_.clear();
  mask_.AppendTo(&allowed_);
  logits_.resize(allowed_.size());
  Logits(*runtime_.model, hidden_, allowed_, logits_.data(), scratch_);
  bias_.clear();
  const bool is_first = path_.tokens.empty();
  if (is_first) {
    BiasCall();
    log_p_call_ = LogProbability(allowed_, logits_, special::kCall);
  } else {
    BiasNames();
    BiasNamed();
  }
  const Choice choice = ChooseGreedy(allowed_, logits_);
  std::optional<Decision> decision;
  if (request_.explain) {
    decision = {path_.tokens.size(), choice.logit, true, {mask_.words().begin(), mask_.words().end()}, bias_};
  }
  if (!is_first) search_.Offer(path_, allowed_, logits_, choice, decision ? &*decision : nullptr);
  if (decision) path_.decisions.push_back(std::move(*decision));
  return AcceptToken(choice.token, choice.log_p);
}

/// Adds to the logit of <none> what the fitted odds differ from the network's.
void Session::BiasCall() {
  const auto place_of = [&](TokenId token) { return static_cast<size_t>(std::find(allowed_.begin(), allowed_.end(), token) - allowed_.begin()); };
  const size_t call = place_of(special::kCall), none = place_of(special::kNone);
  if (nearness_.cosine.empty() || call == allowed_.size() || none == allowed_.size()) return;
  const CallOddsFeatures features = ComputeCallOdds(logits_[call] - logits_[none], nearness_);
  call_odds_.assign(features.begin(), features.end());
  const CallOddsFit& fit = runtime_.model->calibration().odds;
  if (!fit.present) return;
  bias_.assign(allowed_.size(), 0);
  bias_[none] = logits_[call] - logits_[none] - CallOdds(features, fit);
  logits_[none] += bias_[none];
}

/// Adds to the logits, while a name is chosen, what the tools' fit says.
void Session::BiasNames() {
  const FitWeights& weights = runtime_.model->calibration().fit;
  if (fit_.empty() || (weights.vector == 0 && weights.words == 0)) return;
  const auto tools_under = [this](TokenId token) { return matcher_->ToolsUnder(token); };
  if (tools_under(allowed_[0]).empty()) return;  // not a name
  bias_ = NameBias(allowed_, fit_, tools_under);
  const float share = matcher_->trace().calls.size() > 1 ? static_cast<float>(weights.later) : 1.0f;
  for (size_t i = 0; i < bias_.size(); ++i) logits_[i] += bias_[i] *= share;
}

/// Adds to the logits what the request says where it names arguments itself.
void Session::BiasNamed() {
  const std::vector<int> named = matcher_->Named(allowed_);
  if (std::all_of(named.begin(), named.end(), [](int sign) { return sign == 0; })) return;
  bias_.resize(allowed_.size(), 0);
  for (size_t i = 0; i < named.size(); ++i) {
    const float bias = kNamedBias * static_cast<float>(named[i]);
    bias_[i] += bias;
    logits_[i] += bias;
  }
}

std::string Session::PartialJson() const {
  const size_t num_decided = is_decided_ ? path_.tokens.size() : search_.first_doubt();
  return PartialResultJson(matcher_ ? matcher_->trace() : CallTrace{}, *tools_, considered_, num_decided);
}

Result<std::string> Session::Finish() {
  static const CallTrace kNothing{{}, true};
  ResultInput input;
  input.trace = matcher_ ? &matcher_->trace() : &kNothing;
  input.tools = tools_.get();
  input.considered = considered_;
  input.request = &request_;
  input.features = ComputeFeatures(*input.trace, path_.log_p, log_p_call_, static_cast<int>(considered_.size()));
  input.certain = nothing_to_decode_;
  input.calibration = &runtime_.model->calibration();
  input.num_query_tokens = static_cast<int>(block_.tokens.size());
  input.num_forced = path_.num_forced;
  input.num_decoded = static_cast<int>(path_.tokens.size()) - path_.num_forced;
  Explanation explanation;
  if (request_.explain) {
    explanation = Explain(input.features);
    input.explanation = &explanation;
  }
  return ResultJson(input);
}

Explanation Session::Explain(const ConfidenceFeatures& features) const {
  Explanation explanation;
  explanation.features = features;
  explanation.call_odds = call_odds_;
  explanation.query = block_.tokens;
  for (const int index : considered_) explanation.tools.push_back(tools_->tools()[static_cast<size_t>(index)].block);
  explanation.emitted = path_.tokens;
  explanation.decisions = path_.decisions;
  return explanation;
}

}  // namespace needle
