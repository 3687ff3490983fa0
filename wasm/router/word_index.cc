// SPDX-License-Identifier: Apache-2.0
#include "router/word_index.h"

#include <algorithm>

#include "kernels/math.h"
#include "tokenizer/words.h"

namespace needle {
namespace {

constexpr float kK1 = 1.2f, kB = 0.75f;  // the usual constants

template <class Word>
void ForEachWord(std::string_view text, Word word) {
  const std::string words = NameAsWords(text);
  for (size_t begin = 0; begin < words.size();) {
    const size_t end = std::min(words.find(' ', begin), words.size());
    word(words.substr(begin, end - begin));
    begin = end + 1;
  }
}

/// Whether the segment behind a control token is indexed. Types say nothing of the tool, and descriptions of arguments
/// more of others than of it (tried: they cost 2 points of the right tools).
bool IsIndexed(TokenId control, bool describes_tool) {
  return control == special::kTool || control == special::kArg || control == special::kEnum ||
         control == special::kItem || (control == special::kDesc && describes_tool);
}

}  // namespace

void WordIndex::Add(const Tokenizer& tokenizer, std::span<const TokenId> block) {
  Document document;
  bool describes_tool = true;  // until the first argument
  for (size_t i = 0; i < block.size();) {
    const TokenId control = block[i++];
    size_t end = i;
    while (end < block.size() && block[end] >= special::kFirstByte) ++end;
    describes_tool &= control != special::kArg;
    if (IsIndexed(control, describes_tool)) {
      ForEachWord(tokenizer.Decode(block.subspan(i, end - i)), [&](std::string word) {
        ++document.counts[std::move(word)];
        ++document.length;
      });
    }
    i = end;
  }
  for (const auto& [word, count] : document.counts) ++holders_[word];
  total_length_ += static_cast<size_t>(document.length);
  documents_.push_back(std::move(document));
}

std::vector<float> WordIndex::Scores(std::string_view request) const {
  std::vector<std::string> terms;
  ForEachWord(request, [&](std::string word) {
    if (std::find(terms.begin(), terms.end(), word) == terms.end()) terms.push_back(std::move(word));
  });
  std::vector<float> scores(documents_.size());
  const float n = static_cast<float>(documents_.size());
  const float mean_length = static_cast<float>(total_length_) / std::max(n, 1.0f);
  for (const std::string& term : terms) {
    const auto holders = holders_.find(term);
    if (holders == holders_.end()) continue;
    const float h = static_cast<float>(holders->second);
    const float idf = Log(1.0f + (n - h + 0.5f) / (h + 0.5f));
    for (size_t i = 0; i < documents_.size(); ++i) {
      const auto found = documents_[i].counts.find(term);
      if (found == documents_[i].counts.end()) continue;
      const float count = static_cast<float>(found->second);
      const float length = static_cast<float>(documents_[i].length);
      scores[i] += idf * (count * (kK1 + 1.0f)) / (count + kK1 * (1.0f - kB + kB * length / mean_length));
    }
  }
  return scores;
}

}  // namespace needle
