// SPDX-License-Identifier: Apache-2.0
// The state of a constrained answer: which tokens may come next (Mask), what has come (Accept), and what it means
// (trace). The language is that of the call language's answers:
//   (<call> name { <arg> key <val> value })+ </s>  |  <none> </s>
// One matcher per decode; tools are shared and immutable. The caller feeds every emitted token, forced or chosen.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/status.h"
#include "grammar/call_trace.h"
#include "grammar/compiled_tool.h"
#include "grammar/token_mask.h"
#include "grammar/value_thread.h"

namespace needle {

struct MatcherOptions {
  enum ToolChoice : uint8_t { kAuto, kRequired, kNoTool, kNamed };
  ToolChoice tool_choice = kAuto;
  int named_tool_idx = -1;           // with kNamed: an index into the tools
  uint32_t max_calls = 8;
  uint32_t max_string_tokens = 64;   // per string value or free key; one more is kTruncated
  bool allow_missing = true;         // <none> as the value of a required key
  std::shared_ptr<const CopySource> copy;  // strings without pattern, format or enum are pieces of it; null: any text
};

class GrammarMatcher {
 public:
  /// `tools` in the order in which the trace numbers them, all of one vocabulary. kDuplicateName when two read alike,
  /// kInvalidArgument when the tool choice cannot be honoured.
  static Result<GrammarMatcher> Make(std::vector<std::shared_ptr<const CompiledTool>> tools,
                                     const MatcherOptions& options);

  GrammarMatcher(GrammarMatcher&&) = default;
  GrammarMatcher& operator=(GrammarMatcher&&) = default;

  /// The allowed tokens; kGrammarDeadEnd when there are none (never "everything"). mask->Single() is a forced token.
  Status Mask(TokenMask* mask);

  /// kTruncated when the token makes a string too long, kInternal for a token that Mask does not allow. The matcher is
  /// not to be used after an error, but its trace still holds what was read before.
  Status Accept(TokenId token);

  /// While a tool's name is being written: the tools that the token leads to, or the one whose name is complete where
  /// the token follows a name. Empty elsewhere.
  std::vector<int> ToolsUnder(TokenId token) const;

  /// [tokens] What the copied text says of them where it names arguments itself (named_values.h): 1 for a token with which
  /// the value begins that it names for the argument at hand; -1 for one that begins another argument's, or passes over an
  /// argument that has one; 0 otherwise.
  std::vector<int> Named(std::span<const TokenId> tokens) const;

  /// After </s>.
  bool IsComplete() const { return phase_ == kDone; }

  /// Calls so far; the last one may be unfinished, with the arguments that are whole.
  const CallTrace& trace() const { return trace_; }
  const std::vector<TokenId>& tokens() const { return *tokens_; }

 private:
  enum Phase : uint8_t { kStart, kName, kArguments, kNothing, kDone };

  GrammarMatcher(std::vector<std::shared_ptr<const CompiledTool>> tools, const MatcherOptions& options);
  Status StepStart(TokenId token);
  Status StepName(TokenId token);
  Status StepArguments(TokenId token);
  Status FinishCall(TokenId token);
  void BeginCall();
  void BeginArguments(int tool_idx);
  Status Refused(TokenId token) const;
  bool MayChoose(int tool_idx) const;
  bool MayCallAgain() const { return trace_.calls.size() < options_.max_calls; }

  std::vector<std::shared_ptr<const CompiledTool>> tools_;
  MatcherOptions options_;
  SequenceSet names_;
  Phase phase_ = kStart;
  SequenceSet::Cursor name_;
  // Threads point to these, so they stay where they are when the matcher moves.
  std::unique_ptr<std::vector<TokenId>> tokens_;
  std::unique_ptr<ValueLog> log_;
  std::unique_ptr<ThreadContext> context_;
  std::vector<ValueThread> threads_;  // kArguments: by priority
  CallTrace trace_;
};

}  // namespace needle
