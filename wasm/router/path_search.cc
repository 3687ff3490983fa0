// SPDX-License-Identifier: Apache-2.0
#include "router/path_search.h"

#include <algorithm>
#include <utility>

namespace needle {
namespace {

// Measured in models/EXPERIMENTS.md.
constexpr float kMinLogP = -3;        // of an alternative that is noted; those of -4 gain nothing more
constexpr float kMargin = 0.25f;      // nats, by which an answer must be the better one; with 0 more is lost for as much gain
constexpr size_t kMaxFollowed = 4;    // 8 find no more
constexpr size_t kMaxPrefix = 128;    // tokens, which the decoder reads anew in one step: what bounds that step

bool IsLess(const Path& a, const Path& b) { return a.score < b.score; }

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
    first_doubt_ = std::min(first_doubt_, path.tokens.size());
    paths_.push_back(std::move(other));
    if (paths_.size() <= kMaxFollowed - num_followed_) continue;
    // Of equals the last: Next takes the first.
    paths_.erase(std::min_element(paths_.rbegin(), paths_.rend(), IsLess).base() - 1);
  }
}

bool PathSearch::Keep(const Path& path) {
  if (HasLost(path)) return false;
  has_answer_ = true;
  best_score_ = path.score;
  return true;
}

std::optional<Path> PathSearch::Next() {
  const auto best = std::max_element(paths_.begin(), paths_.end(), IsLess);
  if (best == paths_.end() || !MayWin(best->score)) return std::nullopt;
  ++num_followed_;
  Path path = std::move(*best);
  paths_.erase(best);
  return path;
}

bool PathSearch::MayWin(float score) const { return !has_answer_ || score > best_score_ + kMargin; }

}  // namespace needle
