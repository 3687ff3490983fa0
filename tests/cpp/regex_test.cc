// SPDX-License-Identifier: Apache-2.0
// Patterns: what matches, what is refused and with which code; automata under intersection and length.
#include "grammar/regex.h"

#include "grammar/format_patterns.h"
#include "grammar/text_rules.h"
#include "test_main.h"

using namespace needle;

namespace {

bool Matches(const char* pattern, std::string_view text) {
  const auto dfa = CompileRegex(pattern);
  if (!dfa.ok()) needle_test::Fail(__FILE__, __LINE__, std::string(pattern) + ": " + dfa.error().message);
  return dfa.ok() && (*dfa)->Matches(text);
}

std::string ErrorOf(const char* pattern) {
  const auto dfa = CompileRegex(pattern);
  return dfa.ok() ? "ok" : ErrorCodeName(dfa.error().code);
}

bool InFormat(const char* format, std::string_view text) { return Matches(FindFormat(format)->pattern, text); }

}  // namespace

TEST(Anchors) {
  CHECK(Matches("b", "abc") && !Matches("b", "ac"));
  CHECK(Matches("^b", "bc") && !Matches("^b", "abc"));
  CHECK(Matches("b$", "ab") && !Matches("b$", "abc"));
  CHECK(Matches("^a|b$", "ax") && Matches("^a|b$", "xb") && !Matches("^a|b$", "xbx"));
  CHECK(Matches("^(a|b)$", "b") && !Matches("^(a|b)$", "ab"));
  CHECK(Matches("", "") && Matches("", "anything") && Matches("^$", "") && !Matches("^$", "x"));
  CHECK(Matches("(^a)?b", "xb"));
}

TEST(ClassesEscapesAndQuantifiers) {
  CHECK(Matches("^[\\w.-]+$", "a-b.c_9") && !Matches("^[\\w.-]+$", "a b"));
  CHECK(Matches("^[^\\d\\s]$", "x") && !Matches("^[^\\d\\s]$", "5"));
  CHECK(Matches("^[a-\\d]+$", "a-5") && Matches("^[]$|^x$", "x"));
  CHECK(Matches("^a{2,3}$", "aaa") && !Matches("^a{2,3}$", "a") && Matches("^a{,3}$", "a{,3}"));
  CHECK(Matches("^a{2,}b+?c*$", "aaab"));
  CHECK(Matches("^\\x41\\u0042\\u{43}\\t$", "ABC\t"));
  CHECK(Matches("^(?<year>\\d{4})(?:-\\d\\d)?$", "2026-11"));
  CHECK(Matches("^\\/path\\/\\*$", "/path/*"));
  CHECK(Matches("^.$", "\xC3\xA9") && Matches("^.$", "\xF0\x9F\x8E\x89") && !Matches("^.$", "\n"));
  CHECK(Matches("^[\\u00e0-\\u00ff]$", "\xC3\xA9") && !Matches("^[^\\u00e0-\\u00ff]$", "\xC3\xA9"));
  CHECK(Matches("^\\ud83c\\udf89$", "\xF0\x9F\x8E\x89"));
}

TEST(OnlyValidUtf8IsEverAccepted) {
  const auto any = ByteDfa::AnyString();
  for (const char* bad : {"\xC0\x80", "\xED\xA0\x80", "\xE2\x82", "\x80", "\xF4\x90\x80\x80", "\xFF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF"}) {
    CHECK(!Matches("", bad) && !Matches("^[^a]*$", bad) && !any.Matches(bad));
  }
  for (const char* good : {"", "a", "\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    CHECK(Matches("", good) && any.Matches(good));
  }
}

TEST(RefusedPatterns) {
  for (const char* pattern : {"(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(a)\\1", "\\k<x>", "\\ba", "\\p{Greek}", "[^\\p{L}]", "\\Z",
                              "[[:alpha:]]", "(?i)a", "a{6000}", "(a{1000}){1000}", "(.*a){3}.{20}x.{12}$"}) {
    CHECK_EQ(ErrorOf(pattern), "unsupported_schema");
  }
  for (const char* pattern : {"(", ")", "[a", "*a", "a**", "[z-a]", "a{3,2}", "\\", "\\x4", "a^b", "$a"}) {
    CHECK_EQ(ErrorOf(pattern), "invalid_schema");
  }
}

TEST(IntersectionsAndCounts) {
  const auto a = *CompileRegex("^[ab]*$"), b = *CompileRegex("^.{2}$"), c = *CompileRegex("^c");
  CHECK(ByteDfa::Intersect(*a, *b)->Matches("ab") && !ByteDfa::Intersect(*a, *b)->Matches("abc"));
  CHECK_EQ(ByteDfa::Intersect(*a, *b)->CountStrings(100), size_t{4});
  CHECK(!ByteDfa::Intersect(*a, *c)->Feasible());
  CHECK_EQ(a->CountStrings(100), size_t{100});
}

TEST(FormatsTakeWhatPeopleWrite) {
  CHECK(InFormat("email", "ann.o'hara+x@mail.example.co.uk") && !InFormat("email", "ann@example") && !InFormat("email", "a..b@c.de"));
  CHECK(InFormat("uri", "mailto:ann@example.com") && InFormat("uri", "http://localhost:8080/a%20b?q=1") && !InFormat("uri", "example.com"));
  CHECK(InFormat("uri-reference", "/a/b?c") && InFormat("uri-reference", "https://x.y"));
  CHECK(InFormat("ipv6", "2001:db8::1") && InFormat("ipv6", "::") && !InFormat("ipv6", "1::2::3"));
  CHECK(InFormat("hostname", "a-b.example.org") && !InFormat("hostname", "-a"));
  CHECK(InFormat("byte", "aGk=") && !InFormat("byte", "a"));
  CHECK(FindFormat("phone") == nullptr);
}
