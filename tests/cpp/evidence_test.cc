// SPDX-License-Identifier: Apache-2.0
// Where values stand in requests, and byte offsets as UTF-16 ones.
#include "test_main.h"

#include "normalize/evidence.h"

using namespace needle;

namespace {

/// The text at the evidence, or "-" where there is none.
std::string Found(std::string_view query, std::string_view value, std::optional<ByteSpan> hint = std::nullopt) {
  const std::optional<ByteSpan> span = FindEvidence(query, value, hint);
  if (!span) return "-";
  CHECK(span->begin < span->end && span->end <= query.size());
  return std::string(query.substr(span->begin, span->end - span->begin));
}

}  // namespace

TEST(ExactMatchesStandAtWordBoundaries) {
  CHECK_EQ(Found("dim the kitchen lights to 30%", "kitchen"), "kitchen");
  CHECK_EQ(Found("dim the kitchenette", "kitchen"), "-");
  CHECK_EQ(Found("play jazz, please", "jazz"), "jazz");
  CHECK_EQ(Found("play (jazz)", "jazz"), "jazz");
  CHECK_EQ(Found("what's today's weather", "today"), "today");
  CHECK_EQ(Found("email bob@example.com now", "bob@example.com"), "bob@example.com");
  CHECK_EQ(Found("go", ""), "-");
  CHECK_EQ(Found("", "go"), "-");
  CHECK(FindEvidence("red or red", "red") == (ByteSpan{0, 3}));
}

TEST(ExactComesBeforeFolded) {
  CHECK(FindEvidence("Rome or rome", "rome") == (ByteSpan{8, 12}));
  CHECK(FindEvidence("ROME or Rome", "rome") == (ByteSpan{0, 4}));
}

TEST(CaseSpacesAndApostrophesFold) {
  CHECK_EQ(Found("Turn off the Living Room lamp", "living_room"), "Living Room");
  CHECK_EQ(Found("turn off the living   room", "living room"), "living   room");
  CHECK_EQ(Found("turn off the livingroom", "living room"), "-");
  CHECK_EQ(Found("a cat-friendly hotel", "Cat Friendly"), "cat-friendly");
  CHECK_EQ(Found("tell Anna I’m late", "I'm late"), "I’m late");
  CHECK_EQ(Found("flieg nach ZÜRICH", "zürich"), "ZÜRICH");
  CHECK_EQ(Found("в МОСКВЕ", "москве"), "МОСКВЕ");
  CHECK_EQ(Found("ΑΘΗΝΑ", "αθηνα"), "ΑΘΗΝΑ");
  CHECK_EQ(Found("ŁÓDŹ", "łódź"), "ŁÓDŹ");
  CHECK_EQ(Found("caféteria", "café"), "-");
}

TEST(ScriptsWithoutSpacesHaveNoBoundaries) {
  CHECK_EQ(Found("去北京玩", "北京"), "北京");
  CHECK_EQ(Found("東京の天気", "東京"), "東京");
  CHECK_EQ(Found("send 👍🏽 to Ann", "👍🏽"), "👍🏽");
}

TEST(NumbersAreFoundByValue) {
  CHECK_EQ(Found("dim to thirty percent", "30"), "thirty");
  CHECK_EQ(Found("dim to 30%", "30"), "30");
  CHECK_EQ(Found("pay 1,250 dollars", "1250"), "1,250");
  CHECK_EQ(Found("pay 2.50", "2.5"), "2.50");
  CHECK_EQ(Found("wait two and a half hours", "2.5"), "two and a half");
  CHECK_EQ(Found("set it to -5 degrees", "-5"), "-5");
  CHECK_EQ(Found("set it to minus five", "-5"), "minus five");
  CHECK_EQ(Found("the third floor", "3"), "third");
  CHECK_EQ(Found("a hundred and five guests", "105"), "a hundred and five");
  CHECK_EQ(Found("play it 3 times, three", "3"), "3");
  CHECK_EQ(Found("set 3.5 percent", "3"), "-");
  CHECK_EQ(Found("set 1,300", "300"), "-");
  CHECK_EQ(Found("set -5", "5"), "-");
  CHECK_EQ(Found("mp3 player", "3"), "-");
  CHECK_EQ(Found("wake me at 7:30", "7"), "7");
  CHECK_EQ(Found("20min timer", "20"), "20");
  // Text that looks like a number but is none to JSON stays text.
  CHECK_EQ(Found("agent 007 here", "007"), "007");
  CHECK_EQ(Found("agent 7 here", "007"), "-");
  CHECK_EQ(Found("call 555-1234", "555-1234"), "555-1234");
  CHECK_EQ(Found("version 1.2.3", "1.2"), "-");
}

TEST(TheNearestToTheHintWins) {
  const std::string_view query = "set 20 in the den and 20 in the hall";
  CHECK(FindEvidence(query, "20") == (ByteSpan{4, 6}));
  CHECK(FindEvidence(query, "20", ByteSpan{32, 36}) == (ByteSpan{22, 24}));
  CHECK(FindEvidence(query, "20", ByteSpan{22, 24}) == (ByteSpan{22, 24}));
  CHECK(FindEvidence(query, "20", ByteSpan{0, 0}) == (ByteSpan{4, 6}));
  CHECK(FindEvidence(query, "the", ByteSpan{30, 31}) == (ByteSpan{28, 31}));
  CHECK(FindEvidence(query, "20", ByteSpan{1000, 2000}) == (ByteSpan{22, 24}));
}

TEST(Utf16OffsetsCountCodeUnits) {
  const std::string_view text = "aé€😀z";  // 1, 2, 3, 4, 1 bytes; 1, 1, 1, 2, 1 units
  CHECK_EQ(ByteToUtf16(text, 0), size_t{0});
  CHECK_EQ(ByteToUtf16(text, 1), size_t{1});
  CHECK_EQ(ByteToUtf16(text, 2), size_t{1});  // inside é
  CHECK_EQ(ByteToUtf16(text, 3), size_t{2});
  CHECK_EQ(ByteToUtf16(text, 6), size_t{3});
  CHECK_EQ(ByteToUtf16(text, 10), size_t{5});
  CHECK_EQ(ByteToUtf16(text, 11), size_t{6});
  CHECK_EQ(ByteToUtf16(text, 99), size_t{6});
  CHECK_EQ(ByteToUtf16("\xFF\xFEz", 2), size_t{2});
}

TEST(BrokenUtf8IsOnlyBytes) {
  const std::string_view broken = "\xE2\x82 caf\xC3 \xF0\x9F kitchen\xE2";
  CHECK_EQ(Found(broken, "kitchen"), "kitchen");
  CHECK_EQ(Found(broken, "KITCHEN"), "kitchen");
  CHECK_EQ(Found("kitchen", "\xE2\x82"), "-");
}
