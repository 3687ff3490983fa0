// SPDX-License-Identifier: Apache-2.0
// NumberRule against brute force: for small bounds every text is tried, and a prefix lives exactly when some number
// begins with it. Number printing as well.
#include "grammar/number_rules.h"

#include <set>

#include "grammar/number_text.h"
#include "test_main.h"

using namespace needle;

namespace {

/// Every text with up to `left` more characters that the rule accepts; fails when a living prefix leads nowhere.
void Collect(const NumberRule& rule, const NumberRule::State& state, const std::string& text, size_t left, std::set<std::string>* out,
             bool* leads_somewhere) {
  if (rule.Complete(state, {})) {
    out->insert(text);
    *leads_somewhere = true;
  }
  if (left == 0) {
    *leads_somewhere = true;  // longer numbers exist, or the prefix would be dead
    return;
  }
  for (char c : std::string("-.0123456789")) {
    NumberRule::State next = state;
    if (!rule.Step(&next, c, {})) continue;
    bool leads = false;
    Collect(rule, next, text + c, left - 1, out, &leads);
    if (!leads) needle_test::Fail(__FILE__, __LINE__, "dead end after " + text + c);
    *leads_somewhere |= leads;
  }
}

std::set<std::string> All(const SchemaNode& node, bool integer, size_t length) {
  std::set<std::string> out;
  const auto rule = NumberRule::Make(node, integer);
  if (!rule.ok()) return out;
  bool leads = false;
  Collect(*rule, {}, "", length, &out, &leads);
  return out;
}

}  // namespace

TEST(IntegersAreExactlyThoseWithinBounds) {
  for (int low = -130; low <= 130; low += 13) {
    for (int width : {0, 1, 5, 17, 240}) {
      for (int multiple : {1, 7, 10}) {
        SchemaNode node;
        node.minimum = low;
        node.maximum = low + width;
        node.multiples_of = {static_cast<double>(multiple)};
        std::set<std::string> expected;
        for (int n = low; n <= low + width; ++n) {
          if (n % multiple == 0) expected.insert(std::to_string(n));
        }
        CHECK(All(node, true, 5) == expected);
      }
    }
  }
}

TEST(DecimalsAreExactlyThoseWithinBounds) {
  SchemaNode node;
  node.exclusive_minimum = -0.3;
  node.maximum = 1.1;
  node.multiples_of = {0.1};
  const std::set<std::string> expected = {"-0.2", "-0.1", "0", "0.0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6",
                                          "0.7",  "0.8",  "0.9", "1", "1.0", "1.1"};
  CHECK(All(node, false, 6) == expected);
}

TEST(BoundsFinerThanThePlacesRoundInwards) {
  SchemaNode node;
  node.minimum = 0.1 + 0.2;  // 0.30000000000000004: 0.3 itself is too small
  node.maximum = 0.31;
  const auto all = All(node, false, 4);
  CHECK(!all.contains("0.3") && all.contains("0.31"));
}

TEST(ImpossibleBoundsAreRefused) {
  SchemaNode node;
  node.minimum = 3.2;
  node.maximum = 3.8;
  CHECK(!NumberRule::Make(node, true).ok());
  CHECK(NumberRule::Make(node, false).ok());
  node.maximum = 3.1;
  CHECK(!NumberRule::Make(node, false).ok());
}

TEST(UsedNumbersDoNotComeAgain) {
  SchemaNode node;
  node.minimum = 1;
  node.maximum = 10;
  const auto rule = NumberRule::Make(node, true);
  std::vector<ScaledNumber> used = {NumberRule::Parse("1")};
  NumberRule::State one;
  CHECK(rule->Step(&one, '1', used));       // 10 is left
  CHECK(!rule->Complete(one, used));
  used.push_back(NumberRule::Parse("10"));
  NumberRule::State again;
  CHECK(!rule->Step(&again, '1', used));
}

TEST(NumbersPrintShortest) {
  CHECK_EQ(FormatNumber(0.1), "0.1");
  CHECK_EQ(FormatNumber(-2.50), "-2.5");
  CHECK_EQ(FormatNumber(100), "100");
  CHECK_EQ(FormatNumber(9007199254740992.0), "9007199254740992");
  CHECK_EQ(FormatNumber(1e-7), "0.0000001");
  CHECK_EQ(FormatNumber(-0.0), "0");
  CHECK(!ExactDecimal(1e300) && !ExactDecimal(0.1 + 0.2));
  CHECK_EQ(CanonicalNumber("12.50"), "12.5");
  CHECK_EQ(CanonicalNumber("100"), "100");
  CHECK_EQ(CanonicalNumber("3.000"), "3");
}
