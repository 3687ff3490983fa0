// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/token_trie.h"

#include <algorithm>
#include <string_view>

#include "base/noinline.h"

namespace needle {
namespace {

/// All pieces by their texts, then by id. Most are told apart by their first eight bytes, as one number.
NEEDLE_NOINLINE std::vector<TokenId> SortedByText(const Vocab& vocab) {
  struct Entry {
    uint64_t start;  // the first byte highest
    TokenId id;
  };
  std::vector<Entry> entries;
  entries.reserve(static_cast<size_t>(vocab.size()));
  for (TokenId id = special::kFirstByte; id < vocab.size(); ++id) {
    const std::string_view text = vocab.PieceText(id);
    uint64_t start = 0;
    for (size_t i = 0; i < 8; ++i) start = start << 8 | (i < text.size() ? static_cast<uint8_t>(text[i]) : 0);
    entries.push_back({start, id});
  }
  std::sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) {
    if (a.start != b.start) return a.start < b.start;
    const int order = vocab.PieceText(a.id).compare(vocab.PieceText(b.id));
    return order != 0 ? order < 0 : a.id < b.id;
  });
  std::vector<TokenId> sorted;
  sorted.reserve(entries.size());
  for (const Entry& entry : entries) sorted.push_back(entry.id);
  return sorted;
}

}  // namespace

NEEDLE_NOINLINE TokenTrie::TokenTrie(const Vocab& vocab) {
  const std::vector<TokenId> sorted = SortedByText(vocab);  // a node is a range of them that shares a prefix

  struct Range {
    size_t begin, end, depth;
  };
  std::vector<Range> queue = {{0, sorted.size(), 0}};
  for (size_t head = 0; head < queue.size(); ++head) {
    auto [begin, end, depth] = queue[head];
    nodes_.push_back({static_cast<uint32_t>(edges_.size()), static_cast<uint32_t>(tokens_.size())});
    while (begin < end && vocab.PieceText(sorted[begin]).size() == depth) tokens_.push_back(sorted[begin++]);
    while (begin < end) {
      const char byte = vocab.PieceText(sorted[begin])[depth];
      size_t last = begin + 1;
      while (last < end && vocab.PieceText(sorted[last])[depth] == byte) ++last;
      edges_.push_back({static_cast<uint8_t>(byte), static_cast<NodeIdx>(queue.size())});
      queue.push_back({begin, last, depth + 1});
      begin = last;
    }
  }
  nodes_.push_back({static_cast<uint32_t>(edges_.size()), static_cast<uint32_t>(tokens_.size())});
}

TokenTrie::NodeIdx TokenTrie::Child(NodeIdx node, uint8_t byte) const {
  const std::span<const Edge> edges = Edges(node);
  const auto it = std::ranges::lower_bound(edges, byte, {}, &Edge::byte);
  return it != edges.end() && it->byte == byte ? it->node : kNoNode;
}

}  // namespace needle
