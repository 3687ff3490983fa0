// SPDX-License-Identifier: Apache-2.0
// Whether any tool is called: the fitted odds, and that the engine goes by them where there is a choice of tools.
#include "test_main.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "model_writer.h"
#include "router/call_odds.h"
#include "router/engine.h"

namespace needle {
namespace {

TEST(TheFeaturesAreTheNetworksOddsTheNearestToolsAndHowManyThereAre) {
  const ToolNearness nearness = {{0.25f, 0.75f, -0.5f}, {3.0f, 0.0f, 1.0f}};
  const CallOddsFeatures f = ComputeCallOdds(1.5f, nearness);
  CHECK_EQ(f[0], 1.5f);
  CHECK_EQ(f[1], 0.75f);
  CHECK_NEAR(f[2], std::log(3.0), 1e-6);
  CHECK_EQ(ComputeCallOdds(0, {std::vector<float>(40, 0.1f), {}})[2], ComputeCallOdds(0, {std::vector<float>(10000, 0.1f), {}})[2]);
  CHECK_EQ(ComputeCallOdds(100.0f, nearness)[0], 12.0f);
  CHECK_EQ(ComputeCallOdds(-100.0f, nearness)[0], -12.0f);
  CHECK_NEAR(CallOdds(f, {true, {2, 4, -1}, -3}), 3 + 3 - std::log(3.0) - 3, 1e-5);
}

const char* const kConfidence = R"("call":{"w":[0,0,0,0,0,0],"b":0},"none":{"w":[0,0,0,0,0,0],"b":0})";

TEST(TheFitIsOptionalAndRefusedWhereItIsNotWhole) {
  const std::string begin = std::string("{") + kConfidence;
  CHECK(!ParseCalibration(begin + "}")->odds.present);
  const auto with = ParseCalibration(begin + R"(,"odds":{"w":[1,2.5,-1],"b":0.5}})");
  CHECK(with.ok());
  CHECK(with->odds.present);
  CHECK_EQ(with->odds.w[1], 2.5);
  CHECK_EQ(with->odds.b, 0.5);
  for (const char* wrong : {R"({"w":[1,2],"b":0})", R"({"w":[1,2,"3"],"b":0})", R"({"w":[1,2,3]})", R"({"w":[1,2,1e300],"b":0})",
                            R"({"w":[1,2,3],"b":-1e300})", "7", "null"}) {
    const auto refused = ParseCalibration(begin + ",\"odds\":" + wrong + "}");
    CHECK(!refused.ok());
    if (!refused.ok()) CHECK(refused.error().message.find("calibration: odds") != std::string::npos);
  }
}

/// What the tiny model answers to a request over these tools, with this calibration.
std::string Answer(const std::string& odds, const char* tools, const std::string& options = "") {
  const std::string golden = needle_test::ReadGolden("model_tiny.safetensors");
  auto model = needle_test::TakeApart({golden.begin(), golden.end()});
  model.metadata["calibration"] = std::string("{") + kConfidence + odds + "}";
  const std::vector<uint8_t> file = model.Bytes();
  Engine engine;
  auto room = engine.ReserveModel(file.size());
  std::copy(file.begin(), file.end(), room.begin());
  CHECK(engine.LoadModel().ok());
  auto set = engine.BeginToolSet(tools, "{}");
  CHECK(set.ok());
  while (*engine.StepToolSet(*set) > 0) {
  }
  auto session = engine.BeginRoute(*set, R"({"query":"stop","explain":true,"maxCalls":1)" + options + "}");
  CHECK(session.ok());
  while (!*engine.StepRoute(*session)) {
  }
  return *engine.FinishRoute(*session);
}

bool IsNone(const std::string& result) { return result.find("\"type\":\"none\"") != std::string::npos; }

TEST(TheEngineGoesByTheFitWhereThereIsAChoiceOfTools) {
  const char* const two = R"([{"name":"stop"},{"name":"start"}])";
  const char* const one = R"([{"name":"stop"}])";
  const std::string always = R"(,"odds":{"w":[0,0,0],"b":50})", never = R"(,"odds":{"w":[0,0,0],"b":-50})";
  CHECK(!IsNone(Answer(always, two)));
  CHECK(IsNone(Answer(never, two)));
  CHECK(!IsNone(Answer(never, two, R"(,"toolChoice":"required")")));  // nothing to decide
  CHECK_EQ(IsNone(Answer(never, one)), IsNone(Answer("", one)));      // the network's own
}

TEST(OddsOfOneAndNothingElseAreTheNetworks) {
  const char* const two = R"([{"name":"stop"},{"name":"start"}])";
  const std::string own = Answer(R"(,"odds":{"w":[0,0,0],"b":0})", two);
  const size_t at = own.find("\"odds\":[");
  CHECK(at != std::string::npos);
  CHECK(own[at + 8] != ']');
  CHECK_EQ(IsNone(Answer(R"(,"odds":{"w":[1,0,0],"b":0})", two)), own[at + 8] == '-');
}

}  // namespace
}  // namespace needle
