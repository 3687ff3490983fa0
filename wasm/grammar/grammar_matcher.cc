// SPDX-License-Identifier: Apache-2.0
// GrammarMatcher: calls and names here, arguments in the threads.
#include "grammar/grammar_matcher.h"

#include <algorithm>

namespace needle {
namespace {

constexpr size_t kMaxThreads = 128;  // alternatives of alternatives; the least specific readings go first

}  // namespace

GrammarMatcher::GrammarMatcher(std::vector<std::shared_ptr<const CompiledTool>> tools, const MatcherOptions& options)
    : tools_(std::move(tools)),
      options_(options),
      tokens_(std::make_unique<std::vector<TokenId>>()),
      log_(std::make_unique<ValueLog>()),
      context_(std::make_unique<ThreadContext>()) {
  context_->vocab = tools_.empty() ? nullptr : &tools_[0]->vocab();
  context_->tokens = tokens_.get();
  context_->log = log_.get();
  context_->allow_missing = options.allow_missing;
  context_->max_string_tokens = options.max_string_tokens;
  context_->copy = options.copy.get();
}

Result<GrammarMatcher> GrammarMatcher::Make(std::vector<std::shared_ptr<const CompiledTool>> list,
                                            const MatcherOptions& options) {
  GrammarMatcher matcher(std::move(list), options);
  const auto& tools = matcher.tools_;
  for (size_t i = 0; i < tools.size(); ++i) matcher.names_.Add(tools[i]->name_tokens(), static_cast<int>(i));
  const int twice = matcher.names_.Finish();
  if (twice >= 0) {
    return Error{ErrorCode::kDuplicateName, "two tools read alike: " + tools[static_cast<size_t>(twice)]->name(), ""};
  }
  const bool named = options.tool_choice == MatcherOptions::kNamed;
  if (named && (options.named_tool_idx < 0 || static_cast<size_t>(options.named_tool_idx) >= tools.size())) {
    return Error{ErrorCode::kInvalidArgument, "the named tool is not in the set", ""};
  }
  if (options.tool_choice == MatcherOptions::kRequired && (tools.empty() || options.max_calls == 0)) {
    return Error{ErrorCode::kInvalidArgument, "a call is required, but there is no tool to call", ""};
  }
  return matcher;
}

bool GrammarMatcher::MayChoose(int tool_idx) const {
  return options_.tool_choice != MatcherOptions::kNamed || tool_idx == options_.named_tool_idx;
}

Status GrammarMatcher::Mask(TokenMask* mask) {
  // Without tools the vocabulary is unknown, and only control tokens can be allowed.
  mask->Reset(context_->vocab ? context_->vocab->tokenizer().vocab_size() : special::kFirstByte);
  const auto keep = [this](int tool_idx) { return MayChoose(tool_idx); };
  switch (phase_) {
    case kStart:
      if (options_.tool_choice == MatcherOptions::kAuto || options_.tool_choice == MatcherOptions::kNoTool) {
        mask->Allow(special::kNone);
      }
      if (options_.tool_choice != MatcherOptions::kNoTool && !tools_.empty() && MayCallAgain()) {
        mask->Allow(special::kCall);
      }
      break;
    case kName: {
      names_.Next(name_, keep, [&](TokenId token) { mask->Allow(token); });
      const int tool_idx = names_.Complete(name_, keep);
      if (tool_idx < 0) break;
      const size_t log_size = log_->size();
      for (const ValueRule* rule : tools_[static_cast<size_t>(tool_idx)]->arguments()) {
        ValueThread(*rule, context_.get()).AddTokens(context_.get(), mask);
      }
      log_->Truncate(log_size);
      break;
    }
    case kArguments:
      for (const ValueThread& thread : threads_) thread.AddTokens(context_.get(), mask);
      break;
    case kNothing: mask->Allow(special::kEos); break;
    case kDone: break;
  }
  mask->Finish();
  if (mask->count() > 0) return Ok{};
  return Error{ErrorCode::kGrammarDeadEnd, IsComplete() ? "the answer is complete" : "no token can follow", ""};
}

std::vector<int> GrammarMatcher::ToolsUnder(TokenId token) const {
  std::vector<int> tools;
  if (phase_ != kName) return tools;
  names_.Under(name_, token, [&](int tool_idx) { tools.push_back(tool_idx); });
  const int complete = names_.Complete(name_, [this](int tool_idx) { return MayChoose(tool_idx); });
  if (tools.empty() && complete >= 0) tools.push_back(complete);
  return tools;
}

std::vector<int> GrammarMatcher::Named(std::span<const TokenId> tokens) const {
  std::vector<int> named(tokens.size());
  if (!options_.copy || (phase_ != kName && phase_ != kArguments)) return named;
  TokenMask meant, not_meant;
  meant.Reset(context_->vocab->tokenizer().vocab_size());
  not_meant.Reset(context_->vocab->tokenizer().vocab_size());
  if (phase_ == kName) {
    const int tool_idx = names_.Complete(name_, [this](int i) { return MayChoose(i); });
    if (tool_idx < 0) return named;
    for (const ValueRule* rule : tools_[static_cast<size_t>(tool_idx)]->arguments()) {
      ValueThread::AddNamedTokens(*rule, context_.get(), &not_meant);
    }
  }
  for (const ValueThread& thread : threads_) thread.AddNamedTokens(context_.get(), &meant, &not_meant);
  for (size_t i = 0; i < tokens.size(); ++i) {
    // What is named may have been meant for an earlier call.
    const bool ends_later_call = tokens[i] < special::kFirstByte && trace_.calls.size() > 1;
    named[i] = meant.Allows(tokens[i]) ? 1 : not_meant.Allows(tokens[i]) && !ends_later_call ? -1 : 0;
  }
  return named;
}

Status GrammarMatcher::Accept(TokenId token) {
  Status status = Ok{};
  switch (phase_) {
    case kStart: status = StepStart(token); break;
    case kName: status = StepName(token); break;
    case kArguments: status = StepArguments(token); break;
    case kNothing:
      if (token != special::kEos) return Refused(token);
      phase_ = kDone;
      break;
    case kDone: return Refused(token);
  }
  tokens_->push_back(token);
  return status;
}

Status GrammarMatcher::StepStart(TokenId token) {
  TokenMask mask;
  NEEDLE_RETURN_IF_ERROR(Mask(&mask));
  if (!mask.Allows(token)) return Refused(token);
  if (token == special::kCall) {
    BeginCall();
  } else {
    trace_.is_none = true;
    phase_ = kNothing;
  }
  return Ok{};
}

void GrammarMatcher::BeginCall() {
  phase_ = kName;
  name_ = names_.Start();
  Call& call = trace_.calls.emplace_back();
  call.name_begin = static_cast<uint32_t>(tokens_->size()) + 1;
  call.tool_idx = -1;
  call.arguments.kind = Value::kObject;
  context_->allow_call = MayCallAgain();
}

Status GrammarMatcher::StepName(TokenId token) {
  const auto keep = [this](int tool_idx) { return MayChoose(tool_idx); };
  if (token >= special::kFirstByte) {
    return names_.Advance(&name_, token) && names_.Any(name_, keep) ? Status(Ok{}) : Refused(token);
  }
  const int tool_idx = names_.Complete(name_, keep);
  if (tool_idx < 0) return Refused(token);
  BeginArguments(tool_idx);
  return StepArguments(token);
}

void GrammarMatcher::BeginArguments(int tool_idx) {
  trace_.calls.back().tool_idx = tool_idx;
  trace_.calls.back().name_end = static_cast<uint32_t>(tokens_->size());
  phase_ = kArguments;
  log_->Clear();
  threads_.clear();
  for (const ValueRule* rule : tools_[static_cast<size_t>(tool_idx)]->arguments()) {
    threads_.emplace_back(*rule, context_.get());
  }
}

Status GrammarMatcher::StepArguments(TokenId token) {
  if (token == special::kCall && !MayCallAgain()) return Refused(token);
  std::vector<ValueThread> next;
  context_->truncated = false;
  for (const ValueThread& thread : threads_) thread.Step(token, context_.get(), &next);
  if (next.empty()) {
    return context_->truncated ? Error{ErrorCode::kTruncated, "a string value reached its token limit", ""}
                               : Refused(token);
  }
  // Readings that differ only in what they made of the past go on as one: the more specific comes first.
  threads_.clear();
  for (ValueThread& thread : next) {
    const bool known = std::any_of(threads_.begin(), threads_.end(),
                                   [&](const ValueThread& other) { return other.SameFuture(thread); });
    if (!known && threads_.size() < kMaxThreads) threads_.push_back(std::move(thread));
  }
  if (token == special::kCall || token == special::kEos) return FinishCall(token);
  if (threads_[0].AtArguments()) trace_.calls.back().arguments = threads_[0].Arguments(*context_);
  return Ok{};
}

Status GrammarMatcher::FinishCall(TokenId token) {
  trace_.calls.back().arguments = threads_[0].Arguments(*context_);
  trace_.calls.back().finished = true;
  threads_.clear();
  if (token == special::kCall) {
    BeginCall();
  } else {
    phase_ = kDone;
  }
  return Ok{};
}

Status GrammarMatcher::Refused(TokenId token) const {
  return Error{ErrorCode::kInternal, "the grammar does not allow token " + std::to_string(token) + " here", ""};
}

}  // namespace needle
