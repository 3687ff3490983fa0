// SPDX-License-Identifier: Apache-2.0
#include "router/tool_cache.h"

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
  auto encoded = EncodeTool(model_, tokens, scratch_);
  if (!encoded.ok()) return std::move(encoded.error());
  std::shared_ptr<const ToolEncoding> encoding = std::move(encoded.value());
  used_.push_front(key);
  size_bytes_ += encoding->size_bytes;
  entries_.emplace(std::move(key), Entry{encoding, used_.begin()});
  Shrink();
  return encoding;
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
