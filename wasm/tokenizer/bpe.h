// SPDX-License-Identifier: Apache-2.0
// Byte-pair encoding as SentencePiece does it: start from code points, always merge the adjacent pair whose joint
// piece has the lowest id (leftmost first among equals), until no pair is a piece; what is not a piece then falls back
// to its UTF-8 bytes. A heap of candidate pairs keeps it at O(n log n) for any input.
#pragma once

#include <cstdint>
#include <vector>

#include "tokenizer/normalizer.h"
#include "tokenizer/vocab.h"

namespace needle {

/// Appends the tokens of `text` and, when `begins` is given, the input offset of the byte at which each token starts
/// (inside a character for its second byte token).
void EncodeBpe(const Vocab& vocab, const NormalizedText& text, std::vector<TokenId>* ids,
               std::vector<uint32_t>* begins);

}  // namespace needle
