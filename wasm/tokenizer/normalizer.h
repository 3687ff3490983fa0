// SPDX-License-Identifier: Apache-2.0
// Text as the BPE sees it. The trainer's normalisation is the identity with a dummy prefix: one space is put in front,
// nothing is stripped or collapsed, malformed bytes become U+FFFD. SentencePiece then spells every space U+2581 and so
// cannot tell the two apart; we go the other way and read U+2581 as a space: the same tokens in fewer bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace needle {

struct NormalizedText {
  std::string text;                  // valid UTF-8, begins with the dummy prefix; empty when the input is
  std::vector<uint32_t> begins;      // [code points + 1] where each starts in `text`; the last is text.size()
  std::vector<uint32_t> source_ofs;  // [code points + 1] the same in the input; the dummy prefix has 0 and no length
};

NormalizedText NormalizeForBpe(std::string_view input);

}  // namespace needle
