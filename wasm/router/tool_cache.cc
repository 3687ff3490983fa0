// SPDX-License-Identifier: Apache-2.0
#include "router/tool_cache.h"

#include <set>
#include <utility>

namespace needle {

std::string ToolCache::Key(std::span<const TokenId> tokens) {
  return {reinterpret_cast<const char*>(tokens.data()), tokens.size_bytes()};
}

Result<std::shared_ptr<const ToolEncoding>> ToolCache::Get(std::span<const TokenId> tokens) {
  std::string key = Key(tokens);
  if (const auto found = entries_.find(key); found != entries_.end()) {
    used_.splice(used_.begin(), used_, found->second.use);
    return found->second.encoding;
  }
  if (scratch_.empty()) scratch_.resize(1);
  auto encoded = EncodeTool(model_, tokens, scratch_[0]);
  if (!encoded.ok()) return std::move(encoded.error());
  return Keep(std::move(key), std::move(encoded.value()));
}

std::shared_ptr<const ToolEncoding> ToolCache::Keep(std::string key, std::shared_ptr<const ToolEncoding> encoding) {
  used_.push_front(key);
  size_bytes_ += encoding->size_bytes;
  entries_.emplace(std::move(key), Entry{encoding, used_.begin()});
  Shrink();
  return encoding;
}

void ToolCache::Prepare(std::span<const std::span<const TokenId>> blocks) {
  std::vector<std::span<const TokenId>> missing;
  std::set<std::string> keys;
  for (const auto block : blocks)
    if (!Has(block) && keys.insert(Key(block)).second) missing.push_back(block);
  if (scratch_.size() < static_cast<size_t>(threads_.size())) scratch_.resize(static_cast<size_t>(threads_.size()));
  std::vector<std::shared_ptr<const ToolEncoding>> encodings(missing.size());
  threads_.Run(static_cast<int>(missing.size()), [&](int i, int thread) {
    auto encoded = EncodeTool(model_, missing[static_cast<size_t>(i)], scratch_[static_cast<size_t>(thread)]);
    if (encoded.ok()) encodings[static_cast<size_t>(i)] = std::move(encoded.value());
  });
  for (size_t i = 0; i < missing.size(); ++i)
    if (encodings[i]) Keep(Key(missing[i]), std::move(encodings[i]));
}

void ToolCache::SetMaxBytes(size_t size_bytes) {
  max_bytes_ = size_bytes;
  Shrink();
}

void ToolCache::Shrink() {
  while (size_bytes_ > max_bytes_ && used_.size() > 1) {
    const auto last = entries_.find(used_.back());
    size_bytes_ -= last->second.encoding->size_bytes;
    entries_.erase(last);
    used_.pop_back();
  }
}

}  // namespace needle
