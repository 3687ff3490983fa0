// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/token_trie.h"

#include <algorithm>
#include <string_view>

namespace needle {

TokenTrie::TokenTrie(const Vocab& vocab) {
  std::vector<TokenId> sorted;  // by text, then by id; a node is a range of them that shares a prefix
  for (TokenId id = special::kFirstByte; id < vocab.size(); ++id) sorted.push_back(id);
  std::ranges::stable_sort(sorted, {}, [&](TokenId id) { return vocab.PieceText(id); });

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
