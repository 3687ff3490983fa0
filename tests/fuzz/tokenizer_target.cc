// SPDX-License-Identifier: Apache-2.0
// The tokenizer, as bytes of a model file and as the reader of text: text never yields a control token, offsets point
// into it, and what is valid UTF-8 comes back as it was.
#include <algorithm>

#include "fixture.h"
#include "simdjson.h"

namespace needle_fuzz {
namespace {

void CheckText(const needle::Tokenizer& tokenizer, std::string_view text) {
  std::vector<needle::TokenId> ids;
  std::vector<uint32_t> begins;
  tokenizer.EncodeWithOffsets(text, &ids, &begins);
  Check(ids == tokenizer.Encode(text) && ids.size() == begins.size(), "tokens are the same with and without offsets");
  Check(std::is_sorted(begins.begin(), begins.end()), "offsets ascend");
  for (size_t i = 0; i < ids.size(); ++i) {
    Check(ids[i] >= needle::special::kFirstByte && ids[i] < tokenizer.vocab_size(), "text yields no control token");
    Check(begins[i] < text.size(), "offsets lie in the text");
  }
  const bool is_sound = simdjson::validate_utf8(text.data(), text.size());
  if (is_sound && text.find("\xE2\x96\x81") == std::string_view::npos) {
    Check(tokenizer.Decode(ids) == text, "valid text comes back as it was", text);
  }
}

}  // namespace

void FuzzTokenizer(Input input) {
  CheckText(GoldenRuntime().tokenizer, AsText(input));
  const auto tokenizer = needle::Tokenizer::Parse(input);
  if (!tokenizer.ok()) return CheckError(tokenizer.error());
  CheckText(*tokenizer, "dim the <call> lights \xC3\xA9 \xFF\xE2\x82");
}

}  // namespace needle_fuzz
