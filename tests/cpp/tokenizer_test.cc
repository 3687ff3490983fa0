// SPDX-License-Identifier: Apache-2.0
// The tokenizer against SentencePiece (tests/golden/tokenizer.txt), its offsets, its limits, and files it must refuse.
#include "tokenizer/tokenizer.h"

#include <string>
#include <vector>

#include "golden_text.h"
#include "test_main.h"

namespace needle {
namespace {

using needle_test::AsBytes;

Tokenizer Load() { return std::move(Tokenizer::Parse(AsBytes(needle_test::ReadGolden("tokenizer.bin"))).value()); }

std::vector<TokenId> ParseIds(const std::string& text) {
  std::istringstream in(text);
  std::vector<TokenId> ids;
  for (TokenId id; in >> id;) ids.push_back(id);
  return ids;
}

/// A packed tokenizer of the fixed tokens and these pieces.
std::string Pack(const std::vector<std::string>& pieces) {
  const uint32_t count = static_cast<uint32_t>(special::kFirstPiece + pieces.size());
  std::string out = {1, 0, 0, 0};
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(count >> shift));
  for (TokenId id = 0; id < special::kFirstPiece; ++id) {
    out.push_back(id == special::kUnk ? 2 : id < special::kFirstByte ? 3 : 6);
    out += std::string("\x01x");
  }
  for (const std::string& piece : pieces) out += '\x01' + std::string(1, static_cast<char>(piece.size())) + piece;
  return out;
}

TEST(TokensEqualSentencePiece) {
  const Tokenizer tokenizer = Load();
  CHECK_EQ(tokenizer.vocab_size(), 8192);
  const auto rows = needle_test::Fields(needle_test::ReadGolden("tokenizer.txt"));
  CHECK(rows.size() > 1500);
  int wrong = 0;
  for (const auto& row : rows) {
    if (tokenizer.Encode(needle_test::Unescaped(row[1])) == ParseIds(row[0])) continue;
    if (++wrong <= 5) needle_test::Fail(__FILE__, __LINE__, "tokens of: " + row[1]);
  }
  CHECK_EQ(wrong, 0);
}

TEST(PiecesJoinToTheText) {
  const Tokenizer tokenizer = Load();
  for (const std::string text :
       {"dim the lights", " two  spaces ", "caf\u00e9 \u6f22\u5b57 \U0001F600", "a\nb\tc", "<tool>"}) {
    CHECK_EQ(tokenizer.Decode(tokenizer.Encode(text)), text);
  }
  CHECK_EQ(tokenizer.Decode(std::vector<TokenId>{special::kTool, special::kFirstByte + 'A', special::kEos}), "A");
  CHECK_EQ(tokenizer.Decode(tokenizer.Encode("a\u2581z")), "a z");
}

TEST(EachOffsetIsWhereTheTokensBytesStand) {
  const Tokenizer tokenizer = Load();
  std::vector<TokenId> ids;
  std::vector<uint32_t> begins;
  for (const auto& row : needle_test::Fields(needle_test::ReadGolden("tokenizer.txt"))) {
    const std::string text = needle_test::Unescaped(row[1]);
    tokenizer.EncodeWithOffsets(text, &ids, &begins);
    CHECK_EQ(ids.size(), begins.size());
    if (row[1].find("\\x") != std::string::npos) continue;  // plain ASCII: token bytes are text bytes
    size_t at = 0;
    for (size_t i = 0; i < ids.size(); ++i) {
      CHECK_EQ(begins[i], at);
      at += tokenizer.PieceText(ids[i]).size() - (i == 0 ? 1 : 0);  // the dummy prefix
    }
  }
  tokenizer.EncodeWithOffsets("\U0001F600", &ids, &begins);
  CHECK(begins == (std::vector<uint32_t>{0, 0, 1, 2, 3}));  // a lone prefix, then the character's four bytes
  tokenizer.EncodeWithOffsets("\xFF", &ids, &begins);
  CHECK(begins == (std::vector<uint32_t>{0, 0, 0, 0}));  // U+FFFD is longer than the byte it stands for
}

TEST(TextNeverYieldsAControlToken) {
  const Tokenizer tokenizer = Load();
  for (const TokenId id : tokenizer.Encode("<s></s><pad><unk><tool><query><call><none><r0>")) {
    CHECK(id >= special::kFirstPiece);
  }
}

TEST(LongTextTakesTimeNearlyInProportion) {
  const Tokenizer tokenizer = Load();
  // A quadratic merge loop would need hours for these.
  for (const std::string unit : {"a", "the ", " ", "ab1", "\xFF"}) {
    std::string text;
    while (text.size() < 200'000) text += unit;
    CHECK(!tokenizer.Encode(text).empty());
  }
}

TEST(AllPairsMergeLowestIdFirstThenLeftmost) {
  const std::string packed = Pack({"\u2581", "a", "b", "ab", "aa", "ba", "\u2581a"});
  const Tokenizer tokenizer = std::move(Tokenizer::Parse(AsBytes(packed)).value());
  const TokenId space = special::kFirstPiece, a = space + 1, ab = space + 3, aa = space + 4;
  CHECK(tokenizer.Encode("ab") == (std::vector<TokenId>{space, ab}));         // "ab" before "\u2581a"
  CHECK(tokenizer.Encode("baaa") == (std::vector<TokenId>{space, a + 1, aa, a}));  // "aa" before "ba", the left one
  CHECK(tokenizer.Encode("\u2581") == (std::vector<TokenId>{space, space}));
}

TEST(ADamagedTokenizerIsRefused) {
  const std::string good = needle_test::ReadGolden("tokenizer.bin");
  for (size_t size = 0; size < good.size(); size += size < 4000 ? 1 : 997) {
    CHECK(!Tokenizer::Parse(AsBytes(good.substr(0, size))).ok());
  }
  CHECK(!Tokenizer::Parse(AsBytes(good + "x")).ok());
  std::string version = good;
  version[0] = 2;
  CHECK(!Tokenizer::Parse(AsBytes(version)).ok());
  std::string count = good;
  count[7] = '\x7f';
  CHECK(!Tokenizer::Parse(AsBytes(count)).ok());
  CHECK(Tokenizer::Parse(AsBytes(Pack({"\u2581", "a"}))).ok());
  CHECK(!Tokenizer::Parse(AsBytes(Pack({"a"}))).ok());      // no piece for the space
  CHECK(!Tokenizer::Parse(AsBytes(Pack({"\u2581", ""}))).ok());
  CHECK(Tokenizer::Parse(AsBytes(version)).error().code == ErrorCode::kInvalidModel);
}

TEST(AnyChangedByteIsRefusedOrHarmless) {
  const std::string good = Pack({"\u2581", "a", "b", "ab", "\u2581a", "\u00e9"});
  for (size_t i = 0; i < good.size(); ++i) {
    for (const int value : {0x00, 0x01, 0x03, 0x06, 0x7F, 0xFF}) {
      std::string bytes = good;
      bytes[i] = static_cast<char>(value);
      const auto tokenizer = Tokenizer::Parse(AsBytes(bytes));
      if (tokenizer.ok()) CHECK_EQ(tokenizer->Decode(tokenizer->Encode("ab a\u00e9 \xFF")), "ab a\u00e9 \uFFFD");
    }
  }
}

TEST(TheTrieHoldsEveryPieceOnce) {
  const Tokenizer tokenizer = Load();
  const TokenTrie& trie = tokenizer.trie();
  std::vector<int> seen(static_cast<size_t>(tokenizer.vocab_size()));
  for (TokenTrie::NodeIdx node = 0; node < trie.num_nodes(); ++node) {
    for (const TokenId id : trie.Tokens(node)) ++seen[static_cast<size_t>(id)];
    int previous = -1;
    for (const TokenTrie::Edge& edge : trie.Edges(node)) {
      CHECK(edge.byte > previous && edge.node > node && edge.node < trie.num_nodes());
      previous = edge.byte;
    }
  }
  for (TokenId id = 0; id < tokenizer.vocab_size(); ++id) {
    CHECK_EQ(seen[static_cast<size_t>(id)], id < special::kFirstByte ? 0 : 1);
    if (id < special::kFirstByte) continue;
    TokenTrie::NodeIdx node = TokenTrie::kRoot;
    for (const char c : tokenizer.PieceText(id)) node = trie.Child(node, static_cast<uint8_t>(c));
    bool found = false;
    for (const TokenId token : trie.Tokens(node)) found |= token == id;
    CHECK(found);
  }
  CHECK_EQ(trie.Tokens(trie.Child(TokenTrie::kRoot, 'a')).size(), size_t{2});  // the byte piece and the BPE piece
  CHECK_EQ(trie.Tokens(TokenTrie::kRoot).size(), size_t{0});
}

}  // namespace
}  // namespace needle
