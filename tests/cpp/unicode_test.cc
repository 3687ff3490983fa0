// SPDX-License-Identifier: Apache-2.0
// Unicode tables against Python's unicodedata by checksum over every code point, UTF-8 at its limits, UTF-16 offsets.
#include "tokenizer/unicode.h"

#include <map>

#include "golden_text.h"
#include "test_main.h"

namespace needle {
namespace {

template <class Visit>
void ForEachCodePoint(Visit visit) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c < 0xD800 || c > 0xDFFF) visit(c);
  }
}

TEST(EveryCodePointEqualsPython) {
  std::istringstream file(needle_test::ReadGolden("unicode.txt"));
  std::map<std::string, std::string> golden;
  for (std::string key, value; file >> key >> value;) golden[key] = value;
  needle_test::Checksum kinds, lower, nfc;
  ForEachCodePoint([&](char32_t c) {
    kinds.Add(static_cast<uint32_t>(KindOf(c)));
    lower.Add(ToLower(c));
    for (const char32_t d : NormalizeNfc({U'a', c, 0x323, 0x301})) nfc.Add(d);
  });
  CHECK_EQ(std::to_string(kinds.state), golden["kinds"]);
  CHECK_EQ(std::to_string(lower.state), golden["lower"]);
  CHECK_EQ(std::to_string(nfc.state), golden["nfc"]);
}

TEST(Utf8RoundTripsAndRefusesOneByteAtATime) {
  ForEachCodePoint([&](char32_t c) {
    std::string text;
    AppendUtf8(c, &text);
    size_t pos = 0;
    if (DecodeUtf8(text, &pos) != c || pos != text.size()) needle_test::Fail(__FILE__, __LINE__, std::to_string(c));
  });
  for (const std::string bad :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xE2\x82", "\xF0\x9F\x98", "\xC3"}) {
    CHECK(ToCodePoints(bad) == std::vector<char32_t>(bad.size(), kReplacementCharacter));
  }
  std::string surrogate;
  AppendUtf8(0xD800, &surrogate);
  AppendUtf8(0x110000, &surrogate);
  CHECK_EQ(surrogate, "\uFFFD\uFFFD");
}

TEST(Utf16OffsetsCountCodeUnits) {
  const std::string text = "a\u00e9\u6f22\U0001F600b";  // 1 + 2 + 3 + 4 + 1 bytes, 1 + 1 + 1 + 2 + 1 units
  CHECK_EQ(Utf16Length(text), size_t{6});
  CHECK_EQ(CodePointCount(text), size_t{5});
  const size_t expected[] = {0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 5, 6, 6};
  for (size_t i = 0; i < std::size(expected); ++i) CHECK_EQ(Utf16Offset(text, i), expected[i]);
  CHECK_EQ(Utf16Length("\xFF\xFE"), size_t{2});
}

TEST(FoldingKeepsTheNumberOfCodePoints) {
  CHECK_EQ(FoldCase("Stra\u00dfe \u00c9\u0130\u03a3"), "stra\u00dfe \u00e9i\u03c3");
  CHECK(IsLetter(U'\u6f22') && IsLetter(U'a') && !IsLetter(U'1'));
  CHECK(IsDigit(U'\u0661') && IsDigit(U'\u00b2') && !IsDigit(U'a'));
}

}  // namespace
}  // namespace needle
