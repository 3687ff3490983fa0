// SPDX-License-Identifier: Apache-2.0
// Encodings of tools, by the tokens that the network reads of them: two tool sets that share a tool share its encoding.
// The least recently used go when the bound is passed; whoever still routes with one keeps it alive.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "model/encoder.h"

namespace needle {

class ToolCache {
 public:
  static constexpr size_t kDefaultMaxBytes = size_t{48} << 20;

  ToolCache(const Model& model, ThreadPool& threads) : model_(model), threads_(threads) {}

  /// Whether Get would find the block without encoding it.
  bool Has(std::span<const TokenId> tokens) const { return entries_.contains(Key(tokens)); }
  /// Encodes those of `blocks` that are not there, at the same time on all threads; their errors are left to Get.
  void Prepare(std::span<const std::span<const TokenId>> blocks);
  /// The block's encoding, made when it is not there.
  Result<std::shared_ptr<const ToolEncoding>> Get(std::span<const TokenId> tokens);
  void SetMaxBytes(size_t size_bytes);
  size_t size_bytes() const { return size_bytes_; }
  ThreadPool& threads() const { return threads_; }

 private:
  struct Entry {
    std::shared_ptr<const ToolEncoding> encoding;
    std::list<std::string>::iterator use;
  };
  std::shared_ptr<const ToolEncoding> Keep(std::string key, std::shared_ptr<const ToolEncoding> encoding);
  static std::string Key(std::span<const TokenId> tokens);
  /// Drops from the back, but never the front entry, which is the one just asked for.
  void Shrink();

  const Model& model_;
  ThreadPool& threads_;
  std::vector<Scratch> scratch_;  // [threads]
  size_t max_bytes_ = kDefaultMaxBytes;
  size_t size_bytes_ = 0;
  std::list<std::string> used_;  // most recent first
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace needle
