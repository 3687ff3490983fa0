// SPDX-License-Identifier: Apache-2.0
// What a route did, token by token, for those who calibrate the confidence or hold the engine against the Python
// reference (models/needle_models/compare.py). Only made when a request asks for it; not part of the public result.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "router/confidence.h"
#include "tokenizer/special_tokens.h"

namespace needle {

/// A token that the grammar did not force.
struct Decision {
  size_t at = 0;                // index into the emitted tokens
  float logit = 0;              // of the chosen token, its bias included
  bool is_likeliest = true;     // of those allowed; false where the whole answer speaks for another (path_search.h)
  std::vector<uint64_t> mask;   // bit id % 64 of word id / 64: what was allowed
  std::vector<float> bias;      // [allowed]: what was added to the logits; empty where nothing was
};

struct Explanation {
  ConfidenceFeatures features{};
  std::vector<float> call_odds;                 // CallOddsFeatures; empty where there was no choice
  std::vector<TokenId> query;                   // the query block
  std::vector<std::vector<TokenId>> tools;      // the tool blocks considered, in canonical order
  std::vector<TokenId> emitted;                 // without <s>
  std::vector<Decision> decisions;
};

/// {"features":[6],"odds":[3] or [],"query":[ids],"tools":[[ids]],"emitted":[ids],"decisions":[{"at","logit",
/// "isLikeliest","mask":hex of the words,"bias":[…]}]}
std::string ExplanationJson(const Explanation& explanation);

}  // namespace needle
