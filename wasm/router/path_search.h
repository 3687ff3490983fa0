// SPDX-License-Identifier: Apache-2.0
// Greedy decoding takes the likeliest token each time, though the likeliest answer may begin with a less likely one. So
// the doubtful alternatives are noted on the way, and once an answer is whole the best of them are followed as long as
// they may still win: best-first search (A. Meister et al. 2020, "Best-First Beam Search") with a small bound. Most
// answers leave nothing to follow.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "router/explain.h"
#include "router/sampler.h"

namespace needle {

/// One way through the answer: what was emitted, and how likely that was.
struct Path {
  std::vector<TokenId> tokens;
  std::vector<float> log_p;           // [tokens], 0 where forced
  std::vector<Decision> decisions;    // only when the request asks for an explanation
  float score = 0;                    // the sum of log_p
  int num_forced = 0;

  void Add(TokenId token, float token_log_p);
};

class PathSearch {
 public:
  /// Notes with what `path` might go on instead of the choice, and forgets what will not be followed. `tokens` and `logits` as in ChooseGreedy; `decision`: the
  /// choice's own, null where no explanation is wanted.
  void Offer(const Path& path, std::span<const TokenId> tokens, std::span<const float> logits, const Choice& choice,
             const Decision* decision);
  /// Of a whole answer: whether it is the best so far.
  bool Keep(const Path& path);
  bool has_answer() const { return has_answer_; }
  /// Whether no continuation of the path can be the best answer. Never before there is one.
  bool HasLost(const Path& path) const { return has_answer_ && !MayWin(path.score); }
  /// The likeliest path that was not taken and may still win; none when there is no such one, or enough were followed.
  std::optional<Path> Next();
  /// Emitted tokens before this place are the same in all answers that may win.
  size_t first_doubt() const { return first_doubt_; }

 private:
  bool MayWin(float score) const;

  std::vector<Path> paths_;           // no more than may still be followed
  bool has_answer_ = false;
  float best_score_ = 0;
  size_t num_followed_ = 0;
  size_t first_doubt_ = std::numeric_limits<size_t>::max();
};

}  // namespace needle
