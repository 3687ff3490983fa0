// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/normalizer.h"

#include "tokenizer/unicode.h"

namespace needle {

NormalizedText NormalizeForBpe(std::string_view input) {
  constexpr char32_t kSpaceMark = 0x2581;
  NormalizedText out;
  if (input.empty()) return out;  // no text, no prefix
  out.text.reserve(input.size() + 1);
  out.begins.reserve(input.size() + 2);
  out.source_ofs.reserve(input.size() + 2);
  out.text.push_back(' ');
  out.begins.push_back(0);
  out.source_ofs.push_back(0);
  for (size_t pos = 0; pos < input.size();) {
    out.begins.push_back(static_cast<uint32_t>(out.text.size()));
    out.source_ofs.push_back(static_cast<uint32_t>(pos));
    const char32_t c = DecodeUtf8(input, &pos);
    AppendUtf8(c == kSpaceMark ? U' ' : c, &out.text);
  }
  out.begins.push_back(static_cast<uint32_t>(out.text.size()));
  out.source_ofs.push_back(static_cast<uint32_t>(input.size()));
  return out;
}

}  // namespace needle
