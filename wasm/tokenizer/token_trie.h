// SPDX-License-Identifier: Apache-2.0
// The vocabulary as a trie over bytes, for the grammar: walking it together with an automaton finds every token that
// the automaton can read without trying 8192 of them one by one. Holds the BPE pieces and the byte pieces by their
// PieceText; control tokens, which have no text, are not in it. Immutable once built.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tokenizer/vocab.h"

namespace needle {

class TokenTrie {
 public:
  using NodeIdx = int32_t;
  static constexpr NodeIdx kRoot = 0;
  static constexpr NodeIdx kNoNode = -1;

  struct Edge {
    uint8_t byte;
    NodeIdx node;
  };

  TokenTrie() = default;
  explicit TokenTrie(const Vocab& vocab);

  int num_nodes() const { return static_cast<int>(nodes_.size()) - 1; }

  /// Edges out of a node, by ascending byte.
  std::span<const Edge> Edges(NodeIdx node) const {
    return std::span(edges_).subspan(At(node).first_edge, At(node, 1).first_edge - At(node).first_edge);
  }

  /// Tokens whose text is the path to this node, by ascending id: none, one, or a byte piece and the BPE piece of the
  /// same single byte.
  std::span<const TokenId> Tokens(NodeIdx node) const {
    return std::span(tokens_).subspan(At(node).first_token, At(node, 1).first_token - At(node).first_token);
  }

  /// The node behind one byte, or kNoNode.
  NodeIdx Child(NodeIdx node, uint8_t byte) const;

 private:
  struct Node {
    uint32_t first_edge, first_token;  // up to the next node's
  };

  const Node& At(NodeIdx node, size_t plus = 0) const { return nodes_[static_cast<size_t>(node) + plus]; }

  std::vector<Node> nodes_;      // [num_nodes + 1], breadth first, so that a node's edges lie together
  std::vector<Edge> edges_;      // [num_nodes - 1]
  std::vector<TokenId> tokens_;  // [tokens in the trie]
};

}  // namespace needle
