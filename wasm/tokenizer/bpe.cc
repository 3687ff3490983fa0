// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/bpe.h"

#include <algorithm>
#include <queue>
#include <string_view>

namespace needle {
namespace {

constexpr int32_t kNone = -1;

/// A run of code points that is one piece so far. Symbols are named by their first code point's index, and linked so
/// that a merge is O(1): the left one grows, the right one dies (size 0).
struct Symbol {
  int32_t prev, next;
  uint32_t size;  // bytes in the normalised text
};

struct Merge {
  TokenId piece;           // the joint piece: its id is its rank
  int32_t left, right;     // symbols
  uint32_t size;           // bytes of both when proposed; a different size now means that either has changed since

  bool operator>(const Merge& other) const { return piece != other.piece ? piece > other.piece : left > other.left; }
};

class BpeMerger {
 public:
  BpeMerger(const Vocab& vocab, const NormalizedText& text) : vocab_(vocab), text_(text) {
    const int32_t count = text.begins.empty() ? 0 : static_cast<int32_t>(text.begins.size()) - 1;
    symbols_.reserve(text.begins.size());
    for (int32_t i = 0; i < count; ++i) {
      const size_t at = static_cast<size_t>(i);
      symbols_.push_back({i - 1, i + 1 < count ? i + 1 : kNone, text.begins[at + 1] - text.begins[at]});
    }
    for (int32_t i = 0; i + 1 < count; ++i) Propose(i, i + 1);
  }

  void Run() {
    while (!heap_.empty()) {
      const Merge merge = heap_.top();
      heap_.pop();
      Symbol& left = At(merge.left);
      Symbol& right = At(merge.right);
      if (left.size == 0 || right.size == 0 || left.size + right.size != merge.size) continue;
      left.size = merge.size;
      right.size = 0;
      left.next = right.next;
      if (right.next != kNone) At(right.next).prev = merge.left;
      if (left.prev != kNone) Propose(left.prev, merge.left);
      if (left.next != kNone) Propose(merge.left, left.next);
    }
  }

  void Emit(std::vector<TokenId>* ids, std::vector<uint32_t>* begins) const {
    for (int32_t i = symbols_.empty() ? kNone : 0; i != kNone; i = At(i).next) {
      const std::string_view piece = Text(i, At(i).size);
      const uint32_t begin = text_.source_ofs[static_cast<size_t>(i)];
      if (const TokenId id = vocab_.Find(piece); id != Vocab::kNotFound) {
        ids->push_back(id);
        if (begins) begins->push_back(begin);
        continue;
      }
      // Byte fallback; only a single code point can get here. One that replaces a malformed byte is longer than its
      // source, so the offset stops at the source's last byte.
      const uint32_t last = text_.source_ofs[static_cast<size_t>(i) + 1] - 1;
      for (uint32_t j = 0; j < piece.size(); ++j) {
        ids->push_back(special::kFirstByte + static_cast<uint8_t>(piece[j]));
        if (begins) begins->push_back(std::min(begin + j, last));
      }
    }
  }

 private:
  Symbol& At(int32_t i) { return symbols_[static_cast<size_t>(i)]; }
  const Symbol& At(int32_t i) const { return symbols_[static_cast<size_t>(i)]; }
  std::string_view Text(int32_t symbol, uint32_t size) const {
    return std::string_view(text_.text).substr(text_.begins[static_cast<size_t>(symbol)], size);
  }

  void Propose(int32_t left, int32_t right) {
    const uint32_t size = At(left).size + At(right).size;
    const TokenId piece = vocab_.Find(Text(left, size));
    if (piece != Vocab::kNotFound) heap_.push({piece, left, right, size});
  }

  const Vocab& vocab_;
  const NormalizedText& text_;
  std::vector<Symbol> symbols_;
  std::priority_queue<Merge, std::vector<Merge>, std::greater<>> heap_;
};

}  // namespace

void EncodeBpe(const Vocab& vocab, const NormalizedText& text, std::vector<TokenId>* ids,
               std::vector<uint32_t>* begins) {
  BpeMerger merger(vocab, text);
  merger.Run();
  merger.Emit(ids, begins);
}

}  // namespace needle
