// SPDX-License-Identifier: Apache-2.0
// Values: numbers under bounds, strings under length, pattern and format, lists, objects, unions. Each case is a
// property schema, tokens, and the JSON that comes of them ("refused" where the grammar says no).
#include "grammar_fixture.h"

using namespace needle_test;

namespace {

/// DecodeValue of one text segment.
std::string Text(const char* property, const char* text) { return DecodeValue(ToolWith(property), {text}); }

}  // namespace

TEST(IntegersWithinBounds) {
  const auto percent = R"({"type":"integer","minimum":0,"maximum":100})";
  CHECK_EQ(Text(percent, "0"), "0");
  CHECK_EQ(Text(percent, "100"), "100");
  CHECK_EQ(Text(percent, "101"), "refused");
  CHECK_EQ(Text(percent, "007"), "refused");
  CHECK_EQ(Text(percent, "-1"), "refused");
  CHECK_EQ(Text(percent, "3.5"), "refused");
  CHECK_EQ(Text(percent, ""), "refused");
  CHECK_EQ(Text(R"({"type":"integer"})", "-5"), "-5");
  CHECK_EQ(Text(R"({"type":"integer"})", "-0"), "refused");
  CHECK_EQ(Text(R"({"type":"integer"})", "9007199254740992"), "9007199254740992");
  CHECK_EQ(Text(R"({"type":"integer"})", "9007199254740993"), "refused");
  CHECK_EQ(Text(R"({"type":"integer","exclusiveMinimum":5,"maximum":7})", "5"), "refused");
  CHECK_EQ(Text(R"({"type":"integer","minimum":5,"exclusiveMinimum":true})", "5"), "refused");
  CHECK_EQ(Text(R"({"type":"integer","minimum":-20,"maximum":-10})", "-15"), "-15");
  CHECK_EQ(Text(R"({"type":"integer","minimum":-20,"maximum":-10})", "-3"), "refused");
}

TEST(NumbersNeverBeginWhatTheyCannotEnd) {
  // Multiples of 7 between 100 and 110: only 105.
  const auto tool = ToolWith(R"({"type":"integer","minimum":100,"maximum":110,"multipleOf":7})");
  auto matcher = Matcher({tool});
  CHECK_EQ(Feed(&matcher, Tokens({kCall, "tool", kArg, "a", kVal})), "");
  TokenMask mask;
  CHECK(matcher.Mask(&mask).ok());
  CHECK_EQ(mask.count(), size_t{2});  // <none> and the space
  CHECK_EQ(Feed(&matcher, Tokens({"1"})), "");
  for (const char* digit : {"0", "5"}) {
    CHECK(matcher.Mask(&mask).ok() && mask.Single().has_value());
    CHECK_EQ(TestTokenizer().PieceText(mask.Single().value_or(0)), digit);
    CHECK(matcher.Accept(mask.Single().value_or(0)).ok());
  }
  CHECK_EQ(Feed(&matcher, Tokens({kEos})), "");
  CHECK_EQ(ToJson(matcher.trace().calls[0].arguments), R"({"a":105})");
}

TEST(DecimalNumbers) {
  const auto number = R"({"type":"number"})";
  CHECK_EQ(Text(number, "12.50"), "12.5");
  CHECK_EQ(Text(number, "3.0"), "3");
  CHECK_EQ(Text(number, "-0.25"), "-0.25");
  CHECK_EQ(Text(number, "-0.0"), "refused");
  CHECK_EQ(Text(number, ".5"), "refused");
  CHECK_EQ(Text(number, "1."), "refused");
  CHECK_EQ(Text(number, "1e5"), "refused");
  CHECK_EQ(Text(number, "1,000"), "refused");
  CHECK_EQ(Text(number, "0.1234567890"), "0.123456789");
  CHECK_EQ(Text(number, "0.12345678901"), "refused");
  CHECK_EQ(Text(number, "123456789012.123"), "123456789012.123");
  CHECK_EQ(Text(number, "123456789012.1234"), "refused");
  CHECK_EQ(Text(R"({"type":"number","multipleOf":0.5})", "2.5"), "2.5");
  CHECK_EQ(Text(R"({"type":"number","multipleOf":0.5})", "2.25"), "refused");
  CHECK_EQ(Text(R"({"type":"number","minimum":0.1,"maximum":0.3})", "0.3"), "0.3");
  CHECK_EQ(Text(R"({"type":"number","minimum":0.1,"maximum":0.3})", "0.31"), "refused");
  CHECK_EQ(Text(R"({"type":"number","exclusiveMaximum":0.3,"minimum":0})", "0.3"), "refused");
}

TEST(StringsAreFreeAndStripOneSpace) {
  const auto text = R"({"type":"string"})";
  CHECK_EQ(Text(text, "Hello, \"World\" \xF0\x9F\x8E\x89"), "\"Hello, \\\"World\\\" \xF0\x9F\x8E\x89\"");
  CHECK_EQ(Text(text, " two"), R"(" two")");
  CHECK_EQ(Text(text, ""), "refused");
  // A value copied from the request may lack the leading space, or be split otherwise.
  auto tokens = TestTokenizer().Encode("x");
  const auto tool = ToolWith(text);
  const TokenId comma = TestTokenizer().Encode("a,").back();
  CHECK_EQ(DecodeValue(tool, {comma, "b"}), R"(", b")");
}

TEST(StringsEndOnWholeCodePointsOnly) {
  const auto tool = ToolWith(R"({"type":"string"})");
  auto matcher = Matcher({tool});
  CHECK_EQ(Feed(&matcher, Tokens({kCall, "tool", kArg, "a", kVal})), "");
  for (uint8_t byte : {0xF0, 0x9F, 0x8E}) {
    CHECK_EQ(Feed(&matcher, {kFirstByte + byte}), "");
    TokenMask mask;
    CHECK(matcher.Mask(&mask).ok() && !mask.Allows(kEos));
    CHECK(mask.count() <= 64);  // continuation bytes
  }
  CHECK_EQ(Feed(&matcher, {kFirstByte + 0x89, kEos}), "");
}

TEST(LengthsCountCodePoints) {
  const auto code = R"({"type":"string","minLength":2,"maxLength":3})";
  CHECK_EQ(Text(code, "a"), "refused");
  CHECK_EQ(Text(code, "ab"), R"("ab")");
  CHECK_EQ(Text(code, "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E"), "\"\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\"");
  CHECK_EQ(Text(code, "abcd"), "refused");
}

TEST(PatternsAndLengthsMeet) {
  CHECK_EQ(Text(R"({"type":"string","pattern":"^[A-Z]{2}-\\d+$"})", "AB-42"), R"("AB-42")");
  CHECK_EQ(Text(R"({"type":"string","pattern":"^[A-Z]{2}-\\d+$"})", "AB-"), "refused");
  CHECK_EQ(Text(R"({"type":"string","pattern":"b"})", "abc"), R"("abc")");
  CHECK_EQ(Text(R"({"type":"string","pattern":"b"})", "ac"), "refused");
  CHECK_EQ(Text(R"({"type":"string","pattern":"^(aaa)+$","minLength":4,"maxLength":6})", "aaaaaa"), R"("aaaaaa")");
  CHECK_EQ(Text(R"({"type":"string","pattern":"^(aaa)+$","minLength":4,"maxLength":6})", "aaa"), "refused");
}

TEST(Formats) {
  CHECK_EQ(Text(R"({"type":"string","format":"email"})", "bob@example.com"), R"("bob@example.com")");
  CHECK_EQ(Text(R"({"type":"string","format":"email"})", "bob at example"), "refused");
  CHECK_EQ(Text(R"({"type":"string","format":"uri"})", "https://a.example/x?y=1#z"), R"("https://a.example/x?y=1#z")");
  CHECK_EQ(Text(R"({"type":"string","format":"ipv4"})", "192.168.0.255"), R"("192.168.0.255")");
  CHECK_EQ(Text(R"({"type":"string","format":"ipv4"})", "192.168.0.256"), "refused");
  CHECK_EQ(Text(R"({"type":"string","format":"uuid"})", "123e4567-e89b-12d3-a456-426614174000"),
           R"("123e4567-e89b-12d3-a456-426614174000")");
  CHECK_EQ(Text(R"({"type":"string","format":"date"})", "next friday"), R"("next friday")");
}

TEST(EnumsOfAnyScalar) {
  const auto mixed = R"({"enum":["a","a b",7,0.5,true,null,""," x"]})";
  CHECK_EQ(Text(mixed, "a b"), R"("a b")");
  CHECK_EQ(Text(mixed, "a"), R"("a")");
  CHECK_EQ(Text(mixed, "7"), "7");
  CHECK_EQ(Text(mixed, "0.5"), "0.5");
  CHECK_EQ(Text(mixed, "true"), "true");
  CHECK_EQ(Text(mixed, "null"), "null");
  CHECK_EQ(Text(mixed, ""), R"("")");
  CHECK_EQ(Text(mixed, " x"), R"(" x")");
  CHECK_EQ(Text(mixed, "b"), "refused");
  CHECK_EQ(Text(R"({"const":"v1"})", "v1"), R"("v1")");
}

TEST(BooleansAndNull) {
  CHECK_EQ(Text(R"({"type":"boolean"})", "false"), "false");
  CHECK_EQ(Text(R"({"type":["boolean","null"]})", "null"), "null");
  CHECK_EQ(Text(R"({"type":"string","nullable":true})", "null"), "null");
  CHECK_EQ(Text(R"({"type":"string","nullable":true})", "nullable"), R"("nullable")");
}

TEST(UnionsPreferTheSpecificReading) {
  const auto both = R"({"type":["string","integer"]})";
  CHECK_EQ(Text(both, "5"), "5");
  CHECK_EQ(Text(both, "5 apples"), R"("5 apples")");
  CHECK_EQ(Text(R"({"anyOf":[{"type":"string"},{"type":"boolean"}]})", "true"), "true");
  CHECK_EQ(Text(R"({"anyOf":[{"enum":["low","high"]},{"type":"number"}]})", "high"), R"("high")");
  CHECK_EQ(Text(R"({"anyOf":[{"enum":["low","high"]},{"type":"number"}]})", "middle"), "refused");
}

TEST(Lists) {
  const auto tool = ToolWith(R"({"type":"array","items":{"type":"string"},"maxItems":2})");
  CHECK_EQ(DecodeValue(tool, {kEnd}), "[]");
  CHECK_EQ(DecodeValue(tool, {kItem, "milk", kItem, "brown bread", kEnd}), R"(["milk","brown bread"])");
  CHECK_EQ(DecodeValue(tool, {kItem, "a", kItem, "b", kItem, "c", kEnd}), "refused");
  const auto two = ToolWith(R"({"type":"array","items":{"type":"integer"},"minItems":2})");
  CHECK_EQ(DecodeValue(two, {kItem, "1", kEnd}), "refused");
  CHECK_EQ(DecodeValue(two, {kItem, "1", kItem, "2", kEnd}), "[1,2]");
  const auto nested = ToolWith(R"({"type":"array","items":{"type":"array","items":{"type":"integer"}}})");
  CHECK_EQ(DecodeValue(nested, {kItem, kItem, "1", kEnd, kItem, kEnd, kEnd}), "[[1],[]]");
}

TEST(UniqueItems) {
  const auto colors = ToolWith(R"({"type":"array","uniqueItems":true,"items":{"enum":["red","blue"]}})");
  CHECK_EQ(DecodeValue(colors, {kItem, "red", kItem, "blue", kEnd}), R"(["red","blue"])");
  CHECK_EQ(DecodeValue(colors, {kItem, "red", kItem, "red", kEnd}), "refused");
  CHECK_EQ(DecodeValue(colors, {kItem, "red", kItem, "blue", kItem}), "refused");
  const auto numbers = ToolWith(R"({"type":"array","uniqueItems":true,"items":{"type":"number"}})");
  CHECK_EQ(DecodeValue(numbers, {kItem, "1", kItem, "1.0", kEnd}), "refused");
  const auto names = ToolWith(R"({"type":"array","uniqueItems":true,"items":{"type":"string"}})");
  CHECK_EQ(DecodeValue(names, {kItem, "ann", kItem, "ann", kEnd}), "refused");
  CHECK_EQ(DecodeValue(names, {kItem, "ann", kItem, "anna", kEnd}), R"(["ann","anna"])");
  const auto flags = ToolWith(R"({"type":"array","uniqueItems":true,"items":{"properties":{"x":{"type":"boolean"}},"required":["x"]}})");
  CHECK_EQ(DecodeValue(flags, {kItem, kObj, kArg, "x", kVal, "true", kEnd, kItem, kObj, kArg, "x", kVal, "true", kEnd, kEnd}),
           R"([{"x":true}])");
}

TEST(Objects) {
  const auto tool = ToolWith(R"({"type":"object","properties":{"street":{"type":"string"},"no":{"type":"integer"}},"required":["street"]})");
  CHECK_EQ(DecodeValue(tool, {kObj, kArg, "street", kVal, "Main", kArg, "no", kVal, "5", kEnd}), R"({"street":"Main","no":5})");
  CHECK_EQ(DecodeValue(tool, {kObj, kEnd}), "refused");
  CHECK_EQ(DecodeValue(tool, {kObj, kArg, "street", kVal, kNone, kEnd}), "{}");
  const auto map = ToolWith(R"({"type":"object"})");
  CHECK_EQ(DecodeValue(map, {kObj, kArg, "Content-Type", kVal, "text/html", kArg, "n", kVal, "3", kEnd}),
           R"({"Content-Type":"text/html","n":3})");
  CHECK_EQ(DecodeValue(map, {kObj, kArg, "x", kVal, "1", kArg, "x", kVal, "2", kEnd}), "refused");
  const auto numbers = ToolWith(R"({"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":{"type":"integer"}})");
  CHECK_EQ(DecodeValue(numbers, {kObj, kArg, "a", kVal, "x", kArg, "b", kVal, "2", kEnd}), R"({"a":"x","b":2})");
  CHECK_EQ(DecodeValue(numbers, {kObj, kArg, "b", kVal, "x", kEnd}), "refused");
}

TEST(UnionsOfObjects) {
  const auto tool = ToolWith(R"({"anyOf":[
      {"properties":{"city":{"type":"string"}},"required":["city"]},
      {"properties":{"lat":{"type":"number"},"lon":{"type":"number"}},"required":["lat","lon"]}]})");
  CHECK_EQ(DecodeValue(tool, {kObj, kArg, "city", kVal, "Rome", kEnd}), R"({"city":"Rome"})");
  CHECK_EQ(DecodeValue(tool, {kObj, kArg, "lat", kVal, "1.5", kArg, "lon", kVal, "2", kEnd}), R"({"lat":1.5,"lon":2})");
  CHECK_EQ(DecodeValue(tool, {kObj, kArg, "lat", kVal, "1.5", kEnd}), "refused");
}

TEST(LongStringsAreTruncatedNotCut) {
  const auto tool = ToolWith(R"({"type":"string"})");
  const MatcherOptions options{.max_string_tokens = 3};
  CHECK_EQ(Decode(tool, {kCall, "tool", kArg, "a", kVal, "a b c", kEos}, options), R"({"a":"a b c"})");
  CHECK(Decode(tool, {kCall, "tool", kArg, "a", kVal, "a b c d", kEos}, options).starts_with("truncated"));
}
