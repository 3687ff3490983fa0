// SPDX-License-Identifier: Apache-2.0
// Which tools share words with a request: Okapi BM25 (Robertson and Zaragoza 2009, "The Probabilistic Relevance
// Framework") over what the network reads of each tool. A small network knows few words; this needs none.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace needle {

class WordIndex {
 public:
  /// A tool by its block: the words of its name, its description, its argument names and enum values.
  void Add(const Tokenizer& tokenizer, std::span<const TokenId> block);

  /// [tools] in the order of Add; 0 where no word is shared.
  std::vector<float> Scores(std::string_view request) const;

 private:
  struct Document {
    std::map<std::string, int> counts;
    int length = 0;
  };
  std::vector<Document> documents_;
  std::map<std::string, int> holders_;  // how many documents hold a word
  size_t total_length_ = 0;
};

}  // namespace needle
