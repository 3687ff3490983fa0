// SPDX-License-Identifier: Apache-2.0
#include "router/path_search.h"

#include <algorithm>
#include <utility>

namespace needle {
namespace {

// By 1,200 held-out requests (models/EXPERIMENTS.md): more of any of them finds next to nothing, and costs steps.
constexpr float kMinLogP = -3;        // of an alternative that is noted
constexpr float kMargin = 0.25f;      // nats, by which an answer must be the better one
constexpr int kMaxFollowed = 4;
constexpr size_t kMaxPrefix = 128;    // tokens, which the decoder reads anew in one step

}  // namespace

void Path::Add(TokenId token, float token_log_p) {
  tokens.push_back(token);
  log_p.push_back(token_log_p);
  score += token_log_p;
}

void PathSearch::Offer(const Path& path, std::span<const TokenId> tokens, std::span<const float> logits,
                       const Choice& choice, const Decision* decision) {
  if (path.tokens.size() >= kMaxPrefix) return;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const float log_p = logits[i] - choice.logit + choice.log_p;
    if (!(log_p >= kMinLogP) || tokens[i] == choice.token || !MayWin(path.score + log_p)) continue;
    Path other = path;
    other.Add(tokens[i], log_p);
    if (decision) {
      other.decisions.push_back(*decision);
      other.decisions.back().logit = logits[i];
      other.decisions.back().is_likeliest = false;
    }
    paths_.push_back(std::move(other));
    first_doubt_ = std::min(first_doubt_, path.tokens.size());
  }
}

bool PathSearch::Keep(const Path& path) {
  if (HasLost(path)) return false;
  has_answer_ = true;
  best_score_ = path.score;
  return true;
}

std::optional<Path> PathSearch::Next() {
  const auto best = std::max_element(paths_.begin(), paths_.end(), [](const Path& a, const Path& b) { return a.score < b.score; });
  if (best == paths_.end() || !MayWin(best->score) || num_followed_ == kMaxFollowed) return std::nullopt;
  ++num_followed_;
  Path path = std::move(*best);
  paths_.erase(best);
  return path;
}

bool PathSearch::MayWin(float score) const { return !has_answer_ || score > best_score_ + kMargin; }

}  // namespace needle
