// SPDX-License-Identifier: Apache-2.0
// Where requests name arguments, and what the matcher makes of it.
#include "grammar/named_values.h"

#include "grammar_fixture.h"

using namespace needle_test;

namespace {

/// For each key the first word behind every place: "a=5 b=x" -> "a: 5; b: x;".
std::string NamedIn(const std::string& request, const std::vector<std::string>& keys) {
  const std::vector<std::string> texts = {request};
  const CopySource source(TestTokenizer(), texts);
  const auto places = NamedValues(source, keys);
  std::string read;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (places[i].empty()) continue;
    read += (read.empty() ? "" : " ") + keys[i] + ":";
    for (const uint32_t place : places[i]) {
      const std::string_view rest = source.bytes().substr(place);
      read += " " + std::string(rest.substr(0, rest.find_first_of(std::string_view(" ,'\"\0", 5))));
    }
    read += ";";
  }
  return read;
}

}  // namespace

TEST(ValuesAreNamedInFront) {
  CHECK_EQ(NamedIn("subscription id = 28448, region: west", {"subscriptionId", "region"}), "subscriptionId: 28448; region: west;");
  CHECK_EQ(NamedIn("with pageSize set to 20 and the name 'Ada'", {"page_size", "name"}), "page_size: 20; name: Ada;");
  CHECK_EQ(NamedIn("set volume to 5", {"volume"}), "volume: 5;");
  CHECK_EQ(NamedIn("whose city is Rome, where the party id is 7", {"city", "partyId"}), "city: Rome; partyId: 7;");
  CHECK_EQ(NamedIn("the resource group name ember, page 3", {"resourceGroupName", "page"}), "resourceGroupName: ember; page: 3;");
}

TEST(ValuesAreNamedBehind) {
  CHECK_EQ(NamedIn("using marble as the catalog and 25 max results", {"catalog", "max_results"}), "catalog: marble; max_results: 25;");
  CHECK_EQ(NamedIn("with history of Rome as the title", {"title"}), "title: history;");
  CHECK_EQ(NamedIn("use fish and chips as the title", {"title"}), "title: fish;");
  CHECK_EQ(NamedIn("set id to 5 and Rome as the title", {"title"}), "title: Rome;");
  CHECK_EQ(NamedIn("use 'don't panic' as the title", {"title"}), "title: don;");
  CHECK_EQ(NamedIn("take \u201cspring sale\u201d as my monitor name", {"monitor-name"}), "monitor-name: spring;");
}

TEST(KeysAreFoundInAnySpelling) {
  for (const char* key : {"subscriptionId", "subscription_id", "Subscription-ID", "subscription.id"})
    for (const char* said : {"subscription id = 5", "subscriptionId = 5", "subscription_id=5", "SUBSCRIPTION-ID: 5", "\"subscriptionid\": 5"})
      CHECK_EQ(NamedIn(said, {key}), std::string(key) + ": 5;");
}

TEST(OfTwoKeysThatOverlapTheLongerIsMeant) {
  CHECK_EQ(NamedIn("party id 5", {"id", "partyId"}), "partyId: 5;");
  CHECK_EQ(NamedIn("related party id 4, party id 5, id 6", {"id", "partyId", "relatedPartyId"}),
           "id: 6; partyId: 5; relatedPartyId: 4;");
}

TEST(WordsThatOnlyHappenToBeKeysNameNothing) {
  CHECK_EQ(NamedIn("what city is it, and what's the name of the event at 7", {"city", "what", "name", "event", "at"}), "");
  CHECK_EQ(NamedIn("change my 3pm event to 4pm", {"event"}), "");
  CHECK_EQ(NamedIn("the page size and the order id", {"pageSize", "orderId"}), "");
  CHECK_EQ(NamedIn("", {"a"}), "");
  CHECK_EQ(NamedIn("as the name", {"name"}), "");
  CHECK_EQ(NamedIn("set living room to blue", {"room", "color"}), "");
  CHECK_EQ(NamedIn("add to my shopping list: milk", {"list", "item"}), "");
  CHECK_EQ(NamedIn("with 1,000 rows, move my 3:30 meeting, http://x.com as the url", {"rows", "meeting", "url"}), "");
  CHECK_EQ(NamedIn("I have 100 to convert, and 50 in savings", {"to", "in"}), "");
  CHECK_EQ(NamedIn("text 5551234 to come", {"text"}), "");
  CHECK_EQ(NamedIn("due date - tomorrow", {"dueDate"}), "");
  CHECK_EQ(NamedIn("name:", {"name"}), "");
  CHECK_EQ(NamedIn("\u3042 = 1", {"...", ""}), "");
}

TEST(ManyKeysInALongTextTakeNoTime) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "a ";
  CHECK_EQ(NamedIn(text, std::vector<std::string>(5000, "a")), "");
  CHECK_EQ(NamedIn(text, {std::string(500, 'a'), "_a", "a_"}), "");  // of keys that read alike none is meant
}

namespace {

/// What the matcher says of `tokens` behind an answer so far, before a tool whose arguments are strings a, b and c.
std::vector<int> NamedAfter(const char* request, const std::vector<Part>& answer, const std::vector<const char*>& texts) {
  const ToolPtr tool = Tool(R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"},"c":{"type":"number"}}})");
  MatcherOptions options;
  options.copy = std::make_shared<CopySource>(TestTokenizer(), std::vector<std::string>{request});
  GrammarMatcher matcher = Matcher({tool}, options);
  CHECK_EQ(Feed(&matcher, Tokens(answer)), "");
  std::vector<TokenId> tokens;
  for (const char* text : texts) tokens.push_back(std::string(text) == "<arg>" ? kArg : std::string(text) == "</s>" ? kEos : TestTokenizer().Encode(text)[0]);
  return matcher.Named(tokens);
}

}  // namespace

TEST(TheMatcherSpeaksForWhatIsNamed) {
  const char* request = "b = jazz, a: rock, c: 40";
  CHECK(NamedAfter(request, {kCall, "tool"}, {"<arg>", "</s>"}) == (std::vector<int>{0, -1}));
  CHECK(NamedAfter(request, {kCall, "tool", kArg, "a", kVal}, {"rock", "jazz"}) == (std::vector<int>{1, -1}));
  CHECK(NamedAfter(request, {kCall, "tool", kArg, "a", kVal, "rock"}, {"<arg>", "</s>"}) == (std::vector<int>{0, -1}));
  CHECK(NamedAfter(request, {kCall, "tool", kArg, "a", kVal, "rock", kArg}, {"b", "c"}) == (std::vector<int>{0, -1}));
  CHECK(NamedAfter("play jazz", {kCall, "tool"}, {"<arg>", "</s>"}) == (std::vector<int>{0, 0}));
  CHECK(NamedAfter("a: rock", {kCall, "tool", kArg, "a", kVal, "rock"}, {"<arg>", "</s>"}) == (std::vector<int>{0, 0}));
  // Only what nobody else's value begins with is spoken against.
  CHECK(NamedAfter("b: jazz, or a bit of jazz", {kCall, "tool", kArg, "a", kVal}, {"jazz"}) == (std::vector<int>{0}));
  CHECK(NamedAfter("c: many", {kCall, "tool"}, {"</s>"}) == (std::vector<int>{0}));  // no number
  CHECK(NamedAfter("c = 40, c = $41", {kCall, "tool", kArg, "c", kVal, "40", kCall, "tool"}, {"</s>"}) == (std::vector<int>{0}));
}
