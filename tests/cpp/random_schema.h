// SPDX-License-Identifier: Apache-2.0
// Random schemas and random walks through their grammars, for the property test. The schemas mix every enforced keyword;
// some contradict themselves and are refused, the rest must lead every walk to an end.
#pragma once

#include <random>
#include <string>

#include "grammar_fixture.h"

namespace needle_test {

class RandomSchema {
 public:
  explicit RandomSchema(uint32_t seed) : random_(seed) {}

  std::string Root() { return Object(0, true); }

 private:
  int Below(int n) { return static_cast<int>(random_() % static_cast<uint32_t>(n)); }
  bool Chance(int percent) { return Below(100) < percent; }
  template <size_t N>
  std::string Pick(const char* const (&list)[N]) { return list[Below(N)]; }

  std::string Value(int depth) {
    const int kind = Below(depth < 3 ? 12 : 8);
    if (kind < 3) return String();
    if (kind < 5) return Number();
    if (kind == 5) return Scalars();
    if (kind == 6) return Pick({R"({"type":"boolean"})", R"({"type":["boolean","null"]})", R"({"type":"null"})", "{}", "true"});
    if (kind == 7) return Pick({R"({"type":["string","integer"]})", R"({"type":["number","string","null"]})",
                                R"({"anyOf":[{"type":"integer"},{"type":"string","pattern":"^[a-c]+$"}]})",
                                R"({"oneOf":[{"const":1},{"const":"1b"},{"type":"boolean"}]})",
                                R"({"type":"string","nullable":true})"});
    if (kind == 8) return Array(depth);
    if (kind == 9) return Object(depth, false);
    if (kind == 10) return R"({"anyOf":[)" + Value(depth + 1) + "," + Value(depth + 1) + "]}";
    return R"({"allOf":[)" + Object(depth + 1, true) + "," + Object(depth + 1, true) + "]}";
  }

  std::string String() {
    static const char* const kPatterns[] = {
        "^[A-Z]{2}[0-9]{2,4}$", "a.c", "^(foo|ba[rz])+$", "^\\\\d{3}-\\\\d{4}$", "^[^x]*$", "x$", "^\\\\s*\\\\w+\\\\s*$",
        "^(a|b+)$", "^.{2,5}$", "[\\\\u00e0-\\\\u00ff]", "^$|^none$", "^\\\\p{L}+$"};
    std::string out = R"({"type":"string")";
    if (Chance(35)) out += R"(,"pattern":")" + Pick(kPatterns) + '"';
    else if (Chance(25)) out += R"(,"format":")" + Pick({"email", "uri", "uuid", "ipv4", "ipv6", "hostname", "byte"}) + '"';
    const int low = Below(4);
    if (Chance(25)) out += R"(,"minLength":)" + std::to_string(low);
    if (Chance(25)) out += R"(,"maxLength":)" + std::to_string(low + Below(12));
    return out + "}";
  }

  std::string Number() {
    const bool integer = Chance(50);
    std::string out = integer ? R"({"type":"integer")" : R"({"type":"number")";
    const int low = Below(2000) - 1000;
    const auto bound = [&](int value) { return std::to_string(value) + (integer || Chance(50) ? "" : ".25"); };
    if (Chance(40)) out += std::string(",\"") + (Chance(70) ? "minimum" : "exclusiveMinimum") + "\":" + bound(low);
    if (Chance(40)) out += std::string(",\"") + (Chance(70) ? "maximum" : "exclusiveMaximum") + "\":" + bound(low + Below(50));
    if (Chance(25)) out += R"(,"multipleOf":)" + (integer ? Pick({"1", "2", "7", "10"}) : Pick({"0.5", "0.01", "0.3", "3"}));
    return out + "}";
  }

  std::string Scalars() {
    return R"({"enum":[)" + Pick({R"("a")", R"("a","a b","b")", R"("low","lower",3,null,true)", R"(1,2.5,10,100)", R"("","x y")",
                                  R"(" lead","trail ","\u00e9\ud83d\ude00")"}) + "]}";
  }

  std::string Array(int depth) {
    std::string out = R"({"type":"array","items":)" + Value(depth + 1);
    const int low = Below(3);
    const bool bounded = Chance(40);
    if (Chance(30)) out += R"(,"minItems":)" + std::to_string(low);
    if (bounded) out += R"(,"maxItems":)" + std::to_string(low + Below(3));
    // Two different lists where only [] is possible: no schema that people write.
    if (!bounded && out.find(R"("maxItems":0)") == std::string::npos && Chance(50)) out += R"(,"uniqueItems":true)";
    return out + "}";
  }

  std::string Object(int depth, bool plain) {
    if (!plain && Chance(20)) return R"({"type":"object"})";
    std::string out = R"({"type":"object","properties":{)", required;
    const int n = Below(5);
    for (int i = 0; i < n; ++i) {
      const std::string key = Pick({"a", "b", "fooBar", "foo_bar", "", "x y", "z9", "\\u00e9t\\u00e9"}) + (i > 0 ? std::to_string(i) : "");
      out += (i > 0 ? ",\"" : "\"") + key + "\":" + Value(depth + 1);
      if (Chance(40)) required += (required.empty() ? "\"" : ",\"") + key + '"';
    }
    out += "}";
    if (!required.empty()) out += R"(,"required":[)" + required + "]";
    if (!plain && Chance(25)) out += R"(,"additionalProperties":)" + Pick({"false", "true", R"({"type":"integer"})", "{}"});
    return out + "}";
  }

  std::mt19937 random_;
};

/// Chooses allowed tokens at random, tending to end values, until the answer is complete; "" or what went wrong.
inline std::string RandomWalk(GrammarMatcher* matcher, uint32_t seed) {
  std::mt19937 random(seed);
  TokenMask mask;
  std::vector<TokenId> allowed;
  // What patterns and formats wait for, which a random choice among thousands of pieces would hardly hit.
  std::vector<TokenId> useful;
  for (const char* text : {"\xC3\xA9", "@", "x", ".", "a", "c", "0", ":", "=", "-"}) {
    for (TokenId token : TestTokenizer().Encode(std::string("x") + text)) useful.push_back(token);
  }
  for (int step = 0; step < 4000; ++step) {
    if (matcher->IsComplete()) return "";
    const Status masked = matcher->Mask(&mask);
    if (!masked.ok()) return "mask: " + masked.error().message;
    allowed.clear();
    mask.AppendTo(&allowed);
    if (allowed.size() != mask.count()) return "count and bits differ";
    TokenId token = allowed[random() % allowed.size()];
    // Structure is rare among thousands of pieces: prefer it, and endings above all once the answer is long.
    const bool hurry = step > 120;
    const TokenId endings[] = {kEos, kEnd, kVal, kItem, kArg};
    if (hurry && random() % 2 == 0) {
      const TokenId helper = useful[random() % useful.size()];
      if (mask.Allows(helper)) token = helper;
    }
    for (TokenId ending : endings) {
      if (mask.Allows(ending) && random() % 100 < (hurry ? 97 : ending == kArg ? 30 : 20)) {
        token = ending;
        break;
      }
    }
    if (token >= kFirstByte && token < kFirstPiece && random() % 4 != 0) token = allowed[random() % allowed.size()];
    const Status accepted = matcher->Accept(token);
    if (!accepted.ok()) return "accept: " + accepted.error().message;
  }
  return "endless";
}

}  // namespace needle_test
