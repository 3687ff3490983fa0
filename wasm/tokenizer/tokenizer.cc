// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/tokenizer.h"

#include <utility>

#include "tokenizer/bpe.h"
#include "tokenizer/normalizer.h"

namespace needle {

Result<Tokenizer> Tokenizer::Parse(std::span<const uint8_t> bytes) {
  Result<Vocab> vocab = Vocab::Parse(bytes);
  if (!vocab.ok()) return std::move(vocab.error());
  return Tokenizer(std::move(vocab.value()));
}

std::vector<TokenId> Tokenizer::Encode(std::string_view text) const {
  std::vector<TokenId> ids;
  EncodeBpe(vocab_, NormalizeForBpe(text), &ids, nullptr);
  return ids;
}

void Tokenizer::EncodeWithOffsets(std::string_view text, std::vector<TokenId>* ids,
                                  std::vector<uint32_t>* begins) const {
  ids->clear();
  begins->clear();
  EncodeBpe(vocab_, NormalizeForBpe(text), ids, begins);
}

std::string Tokenizer::Decode(std::span<const TokenId> ids) const {
  std::string text;
  for (const TokenId id : ids) text += PieceText(id);
  if (text.starts_with(' ')) text.erase(0, 1);
  return text;
}

}  // namespace needle
