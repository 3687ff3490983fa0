// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/vocab.h"

#include <algorithm>

#include "base/noinline.h"

namespace needle {
namespace {

constexpr uint32_t kVersion = 1;
constexpr uint32_t kMaxPieces = 1u << 20;
constexpr std::string_view kSpaceMark = "\xE2\x96\x81";  // U+2581, how SentencePiece spells a space

enum PieceType : uint8_t { kNormal = 1, kUnknown = 2, kControl = 3, kByte = 6 };  // SentencePiece's own numbers

Error Invalid(std::string message) { return {ErrorCode::kInvalidModel, "tokenizer: " + std::move(message), ""}; }

uint32_t ReadU32(std::span<const uint8_t> bytes, size_t ofs) {
  return static_cast<uint32_t>(bytes[ofs]) | static_cast<uint32_t>(bytes[ofs + 1]) << 8 |
         static_cast<uint32_t>(bytes[ofs + 2]) << 16 | static_cast<uint32_t>(bytes[ofs + 3]) << 24;
}

uint64_t HashOf(std::string_view text) {  // FNV-1a
  uint64_t hash = 14695981039346656037ull;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 1099511628211ull;
  return hash ^ hash >> 32;
}

NEEDLE_NOINLINE void AppendPieceText(std::string_view piece, std::string* out) {
  for (size_t mark; (mark = piece.find(kSpaceMark)) != piece.npos; piece.remove_prefix(mark + kSpaceMark.size())) {
    out->append(piece.substr(0, mark)).push_back(' ');
  }
  out->append(piece);
}

/// The types that ids 0.. must have, so that special_tokens.h holds for every file that loads.
PieceType ExpectedType(TokenId id) {
  if (id == special::kUnk) return kUnknown;
  if (id < special::kFirstByte) return kControl;
  return id < special::kFirstPiece ? kByte : kNormal;
}

}  // namespace

NEEDLE_NOINLINE Result<Vocab> Vocab::Parse(std::span<const uint8_t> bytes) {
  if (bytes.size() < 8) return Invalid("shorter than its header");
  if (ReadU32(bytes, 0) != kVersion) return Invalid("version " + std::to_string(ReadU32(bytes, 0)) + ", expected 1");
  const uint32_t count = ReadU32(bytes, 4);
  if (count <= static_cast<uint32_t>(special::kFirstPiece) || count > kMaxPieces) {
    return Invalid(std::to_string(count) + " pieces");
  }
  Vocab vocab;
  vocab.ends_.reserve(std::min<size_t>(count, bytes.size() / 2));
  vocab.text_.reserve(bytes.size());
  size_t pos = 8;
  for (uint32_t i = 0; i < count; ++i) {
    const TokenId id = static_cast<TokenId>(i);
    if (bytes.size() - pos < 2 || bytes.size() - pos - 2 < bytes[pos + 1]) {
      return Invalid("ends inside piece " + std::to_string(i));
    }
    const uint8_t type = bytes[pos];
    const std::string_view piece(reinterpret_cast<const char*>(bytes.data()) + pos + 2, bytes[pos + 1]);
    if (type != ExpectedType(id) || piece.empty()) return Invalid("unexpected piece " + std::to_string(i));
    if (type == kByte) vocab.text_.push_back(static_cast<char>(id - special::kFirstByte));
    if (type == kNormal) AppendPieceText(piece, &vocab.text_);
    vocab.ends_.push_back(static_cast<uint32_t>(vocab.text_.size()));
    pos += 2 + piece.size();
  }
  if (pos != bytes.size()) return Invalid("bytes left over after the last piece");
  vocab.BuildIndex();
  // Text is read with U+2581 and the space as one character, so that character has to be a piece: its byte
  // fallback would otherwise differ from SentencePiece's.
  if (vocab.Find(" ") == kNotFound) return Invalid("no piece for the space");
  return vocab;
}

NEEDLE_NOINLINE void Vocab::BuildIndex() {
  size_t slots = 1;
  while (slots < ends_.size() * 2) slots *= 2;
  slots_.assign(slots, kNotFound);
  for (TokenId id = special::kFirstPiece; id < size(); ++id) {
    const std::string_view text = PieceText(id);
    if (Find(text) != kNotFound) continue;  // a piece listed twice: the lower id, which merges first, is the one used
    longest_ = std::max(longest_, text.size());
    size_t slot = HashOf(text) & (slots - 1);
    while (slots_[slot] != kNotFound) slot = (slot + 1) & (slots - 1);
    slots_[slot] = id;
  }
}

TokenId Vocab::Find(std::string_view piece_text) const {
  if (piece_text.size() > longest_) return kNotFound;
  const size_t mask = slots_.size() - 1;
  for (size_t slot = HashOf(piece_text) & mask;; slot = (slot + 1) & mask) {
    const TokenId id = slots_[slot];
    if (id == kNotFound || PieceText(id) == piece_text) return id;
  }
}

}  // namespace needle
