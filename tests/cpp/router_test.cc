// SPDX-License-Identifier: Apache-2.0
// The router's parts one by one: reading a request, choosing a token, confidence, and turning decoded values into a
// result. The whole engine is engine_test.cc.
#include "test_main.h"

#include <array>
#include <string>
#include <vector>

#include "router/confidence.h"
#include "router/json_write.h"
#include "router/result_json.h"
#include "router/route_request.h"
#include "router/sampler.h"

namespace needle {
namespace {

std::string PathOfError(const std::string& json) {
  auto request = ParseRouteRequest(json);
  return request.ok() ? "no error" : std::string(ErrorCodeName(request.error().code)) + " " + request.error().path;
}

TEST(RequestReadsEveryMember) {
  auto request = ParseRouteRequest(
      R"({"query":"q","context":["a","b","c"],"facts":{"date":"2026-11-21T08:30:00+02:00","city":"Bern"},)"
      R"("toolChoice":{"name":"t"},"maxCalls":2,"maxConsidered":3,"explain":true})");
  CHECK(request.ok());
  CHECK_EQ(request->query, "q");
  CHECK(request->context == (std::vector<std::string>{"b", "c"}));
  CHECK_EQ(request->facts[0].second, "2026-11-21");  // the network is told the day only
  CHECK_EQ(request->facts[1].first, "city");
  CHECK_EQ(FormatDate(*request->clock.date), "2026-11-21");
  CHECK_EQ(FormatTime(*request->clock.time), "08:30:00");
  CHECK_EQ(*request->clock.utc_offset_minutes, 120);
  CHECK(request->tool_choice == ToolChoice::kNamed);
  CHECK_EQ(request->tool_name, "t");
  CHECK_EQ(request->max_calls, 2);
  CHECK_EQ(request->max_considered, 3);
  CHECK_EQ(MaxConsidered(*request, 1000), 3);
  CHECK(request->explain);
}

TEST(ByDefaultLargerCataloguesHaveMoreToolsConsidered) {
  const auto request = ParseRouteRequest(R"({"query":"x"})");
  const auto considered = [&](size_t num_tools) { return MaxConsidered(*request, num_tools); };
  CHECK_EQ(considered(0), 8);
  CHECK_EQ(considered(64), 8);
  CHECK_EQ(considered(100), 12);
  CHECK_EQ(considered(128), 16);
  CHECK_EQ(considered(5000), 16);
}

TEST(RequestErrorsNameTheMember) {
  CHECK_EQ(PathOfError(""), "invalid_json request");
  CHECK_EQ(PathOfError("{"), "invalid_json request");
  CHECK_EQ(PathOfError("[]"), "invalid_argument request");
  CHECK_EQ(PathOfError("{}"), "invalid_argument query");
  CHECK_EQ(PathOfError(R"({"query":1})"), "invalid_argument query");
  CHECK_EQ(PathOfError(R"({"query":"","context":["a",1]})"), "invalid_argument context[1]");
  CHECK_EQ(PathOfError(R"({"query":"","facts":{"x":1}})"), "invalid_argument facts.x");
  CHECK_EQ(PathOfError(R"({"query":"","facts":{"date":"tomorrow"}})"), "invalid_argument facts.date");
  CHECK_EQ(PathOfError(R"({"query":"","facts":{"date":"2026-02-30"}})"), "invalid_argument facts.date");
  CHECK_EQ(PathOfError(R"({"query":"","toolChoice":"any"})"), "invalid_argument toolChoice");
  CHECK_EQ(PathOfError(R"({"query":"","maxCalls":0})"), "invalid_argument maxCalls");
  CHECK_EQ(PathOfError(R"({"query":"","maxCalls":1.5})"), "invalid_argument maxCalls");
  CHECK_EQ(PathOfError(R"({"query":"","maxConsidered":65})"), "invalid_argument maxConsidered");
  CHECK_EQ(PathOfError(R"({"query":"","temperature":1})"), "invalid_argument temperature");
}

TEST(GreedyTakesTheLowerIdOfEqualLogits) {
  const std::vector<TokenId> tokens = {3, 9, 20};
  const std::vector<float> logits = {1.0f, 2.0f, 2.0f};
  const Choice choice = ChooseGreedy(tokens, logits);
  CHECK_EQ(choice.token, 9);
  CHECK_NEAR(choice.log_p, -std::log(2 + std::exp(-1.0)), 1e-5);
  CHECK_NEAR(LogProbability(tokens, logits, 3), -1 - std::log(2 + std::exp(-1.0)), 1e-5);
  CHECK_EQ(LogProbability(tokens, logits, 4), -87.0f);
}

Value StringValue(const std::string& text, const SchemaNode* schema, uint32_t begin, uint32_t end) {
  Value value;
  value.kind = Value::kString;
  value.text = text;
  value.schema = schema;
  value.begin = begin;
  value.end = end;
  return value;
}

TEST(FeaturesTakeTheLowestNameAndTheLowestAndMeanValue) {
  // <call> n n <arg> k <val> v v <arg> k <val> w </s>
  const std::vector<float> log_p = {-1, -2, -3, -0.5f, 0, 0, -4, -5, -6, 0, 0, -1, -0.25f};
  CallTrace trace;
  trace.calls.resize(1);
  Call& call = trace.calls[0];
  call.name_begin = 1;
  call.name_end = 3;
  call.arguments.kind = Value::kObject;
  call.arguments.members = {{"a", 0, true, StringValue("x", nullptr, 6, 8)}, {"b", 1, false, StringValue("y", nullptr, 11, 12)}};
  const ConfidenceFeatures f = ComputeFeatures(trace, log_p, -1, 4);
  CHECK_EQ(f[0], -1.0f);
  CHECK_EQ(f[1], -5.5f);
  CHECK_EQ(f[2], -15.0f);
  CHECK_NEAR(f[3], (-15.0 - 1.25) / 2, 1e-6);
  CHECK_NEAR(f[4], std::log(4.0), 1e-6);
  CHECK_EQ(f[5], 1.0f);
}

TEST(ConfidenceIsALogisticOfTheFeaturesAndUsesTheFitOfNone) {
  Calibration calibration;
  calibration.call = {{1, 0, 0, 0, 0, 0}, 0.5};
  calibration.none = {{0, 0, 0, 0, 0, 0}, 0};
  ConfidenceFeatures f{};
  f[0] = -1.5f;
  CHECK_NEAR(Confidence(f, false, calibration), 0.2689, 1e-9);  // sigmoid(-1), four places
  CHECK_EQ(Confidence(f, true, calibration), 0.5);
}

/// A result over one tool `remind(text: string, day: date)` with the given argument values.
struct ResultFixture {
  std::shared_ptr<SchemaNode> plain = std::make_shared<SchemaNode>(), date = std::make_shared<SchemaNode>();
  ToolSet set;
  CallTrace trace;
  RouteRequest request;
  Calibration calibration;
  std::array<int, 1> considered = {0};

  ResultFixture() {
    plain->types = date->types = kTypeString;
    date->format = "date";
    set.tools().push_back({"remind.me", "remind me", nullptr, {}, nullptr, {}});
  }
  void Add(Value text, Value day) {
    Call call;
    call.name_end = 1;
    call.finished = true;
    call.arguments.kind = Value::kObject;
    call.arguments.members = {{"text", 0, true, std::move(text)}, {"day", 1, false, std::move(day)}};
    trace.calls.push_back(std::move(call));
  }
  std::string Json() {
    ResultInput input;
    input.trace = &trace;
    input.tools = &set;
    input.considered = considered;
    input.request = &request;
    input.calibration = &calibration;
    auto json = ResultJson(input);
    CHECK(json.ok());
    return json.ok() ? *json : "";
  }
};

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(ResultNormalisesDatesAndFindsEvidenceInUtf16) {
  ResultFixture f;
  f.request.query = "🎉 remind me tomorrow to buy \"Brot\"";
  f.request.clock.date = CivilDate{2026, 12, 31};
  f.Add(StringValue("buy \"Brot\"", f.plain.get(), 0, 0), StringValue("tomorrow", f.date.get(), 0, 0));
  const std::string json = f.Json();
  CHECK(Has(json, R"("type":"call")"));
  CHECK(Has(json, R"({"name":"remind.me","arguments":{"text":"buy \"Brot\"","day":"2027-01-01"})"));
  CHECK(Has(json, R"("evidence":{"text":[25,35],"day":[13,21]})"));
}

TEST(APhraseThatCannotBeConvertedIsIncompleteNeverAGuess) {
  ResultFixture f;
  f.request.query = "remind me tomorrow to eat";
  f.Add(StringValue("eat", f.plain.get(), 0, 0), StringValue("tomorrow", f.date.get(), 0, 0));  // no date fact
  const std::string json = f.Json();
  CHECK(Has(json, R"("type":"incomplete","calls":[])"));
  CHECK(Has(json, R"("partial":{"name":"remind.me","arguments":{"text":"eat"}},"missing":["day"])"));
  CHECK(Has(json, R"("warnings":["remind.me.day: )"));
}

TEST(WhatAPhraseBecomesMustBeWhatItsSchemaAllows) {
  for (const uint32_t max_length : {9, 10}) {
    ResultFixture f;
    f.date->max_length = max_length;  // "tomorrow" has 8 letters, a date 10
    f.request.query = "remind me tomorrow to eat";
    f.request.clock.date = CivilDate{2026, 12, 31};
    f.Add(StringValue("eat", f.plain.get(), 0, 0), StringValue("tomorrow", f.date.get(), 0, 0));
    CHECK(Has(f.Json(), max_length < 10 ? R"("missing":["day"])" : R"("day":"2027-01-01")"));
  }
}

TEST(AMissingRequiredValueIsIncomplete) {
  ResultFixture f;
  f.request.query = "remind me";
  f.Add(Value{}, StringValue("2026-01-02", f.date.get(), 0, 0));
  const std::string json = f.Json();
  CHECK(Has(json, R"("type":"incomplete")"));
  CHECK(Has(json, R"("missing":["text"])"));
  CHECK(Has(json, R"("arguments":{"day":"2026-01-02"})"));
}

TEST(ACallIsRepeatedOnlyIfTheRequestRepeatsItself) {
  ResultFixture once, twice;
  once.request.query = "remind me to eat on 2026-01-02";
  twice.request.query = "remind me to eat on 2026-01-02 and to eat on 2026-01-02";
  for (ResultFixture* f : {&once, &twice}) {
    for (int i = 0; i < 2; ++i) {
      f->Add(StringValue("eat", f->plain.get(), 0, 0), StringValue("2026-01-02", f->date.get(), 0, 0));
    }
  }
  const auto calls = [](const std::string& json) {
    size_t count = 0;
    for (size_t at = json.find("\"name\""); at != std::string::npos; at = json.find("\"name\"", at + 1)) ++count;
    return count;
  };
  CHECK_EQ(calls(once.Json()), size_t{1});
  CHECK_EQ(calls(twice.Json()), size_t{2});
}

TEST(NoCallsAreNone) {
  ResultFixture f;
  f.trace.is_none = true;
  CHECK(Has(f.Json(), R"({"type":"none","calls":[],"confidence":0.5,"considered":["remind.me"])"));
}

TEST(JsonStringsAreEscaped) {
  std::string json = "{";
  AppendJsonKey("a\"b", &json);
  AppendJsonStrings({"\n", "\\", "é"}, &json);
  CHECK_EQ(json, "{\"a\\\"b\":[\"\\n\",\"\\\\\",\"é\"]" );
}

}  // namespace
}  // namespace needle
