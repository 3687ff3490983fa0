// SPDX-License-Identifier: Apache-2.0
#include "router/explain.h"

#include "router/json_write.h"

namespace needle {
namespace {

/// In millionths, without any printing of floating-point numbers: the same text in every build.
void AppendFloat(float value, std::string* json) {
  Comma(json);
  *json += std::to_string(static_cast<int64_t>(value * 1e6f)) + "e-6";
}

void AppendTokens(std::span<const TokenId> tokens, std::string* json) {
  *json += '[';
  for (const TokenId token : tokens) {
    Comma(json);
    *json += std::to_string(token);
  }
  *json += ']';
}

void AppendDecision(const Decision& decision, std::string* json) {
  static constexpr char kHex[] = "0123456789abcdef";
  Comma(json);
  *json += "{\"at\":" + std::to_string(decision.at) + ",\"logit\":";
  AppendFloat(decision.logit, json);
  *json += decision.is_likeliest ? ",\"isLikeliest\":true" : ",\"isLikeliest\":false";
  *json += ",\"mask\":\"";
  for (const uint64_t word : decision.mask) {
    for (int shift = 60; shift >= 0; shift -= 4) *json += kHex[word >> shift & 15];
  }
  *json += "\",\"bias\":[";
  for (const float bias : decision.bias) AppendFloat(bias, json);
  *json += "]}";
}

}  // namespace

std::string ExplanationJson(const Explanation& explanation) {
  std::string json = "{";
  AppendJsonKey("features", &json);
  json += '[';
  for (const float f : explanation.features) AppendFloat(f, &json);
  json += ']';
  AppendJsonKey("odds", &json);
  json += '[';
  for (const float f : explanation.call_odds) AppendFloat(f, &json);
  json += ']';
  AppendJsonKey("query", &json);
  AppendTokens(explanation.query, &json);
  AppendJsonKey("tools", &json);
  json += '[';
  for (const auto& block : explanation.tools) {
    Comma(&json);
    AppendTokens(block, &json);
  }
  json += ']';
  AppendJsonKey("emitted", &json);
  AppendTokens(explanation.emitted, &json);
  AppendJsonKey("decisions", &json);
  json += '[';
  for (const Decision& decision : explanation.decisions) AppendDecision(decision, &json);
  return json + "]}";
}

}  // namespace needle
