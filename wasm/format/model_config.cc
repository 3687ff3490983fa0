// SPDX-License-Identifier: Apache-2.0
#include "format/model_config.h"

#include <cstdint>

#include "simdjson.h"

namespace needle {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

Error Invalid(std::string message) { return {ErrorCode::kInvalidModel, std::move(message), ""}; }
Error Unsupported(std::string message) { return {ErrorCode::kUnsupportedModel, std::move(message), ""}; }

Status ReadInt(const object& config, const char* key, int low, int high, int multiple, int* out) {
  int64_t value;
  if (config.at_key(key).get_int64().get(value) != simdjson::SUCCESS)
    return Invalid(std::string("config: ") + key + " is missing or not an integer");
  if (value < low || value > high || value % multiple != 0)
    return Unsupported(std::string("config: ") + key + " is " + std::to_string(value) + "; this engine runs " +
                       std::to_string(low) + " to " + std::to_string(high) +
                       (multiple > 1 ? ", multiples of " + std::to_string(multiple) : ""));
  *out = static_cast<int>(value);
  return Ok{};
}

Status ReadWord(const object& config, const char* key, std::string_view expected) {
  std::string_view value;
  if (config.at_key(key).get_string().get(value) != simdjson::SUCCESS)
    return Invalid(std::string("config: ") + key + " is missing or not a string");
  if (value != expected)
    return Unsupported(std::string("config: ") + key + " is \"" + std::string(value) + "\"; this engine runs \"" +
                       std::string(expected) + "\"");
  return Ok{};
}

Status CheckGeometry(const ModelConfig& c) {
  if (c.heads % c.kv_heads != 0) return Invalid("config: heads is not a multiple of kv_heads");
  if (c.head_dim != 32 && c.head_dim != 64) return Unsupported("config: head_dim is neither 32 nor 64");
  if (c.q_size() % 64 != 0) return Unsupported("config: heads * head_dim is not a multiple of 64");
  if (c.max_query > c.max_position || c.max_tool > c.max_position)
    return Invalid("config: blocks are longer than max_position");
  return Ok{};
}

constexpr double kMaxWeight = 1000;  // no fit comes near, and nothing computed from it overflows

/// {"w": [numbers], "b": number}
template <class Fit>
Status ReadFit(const object& calibration, const char* key, Fit* fit) {
  object entry;
  simdjson::dom::array w;
  if (calibration.at_key(key).get_object().get(entry) != simdjson::SUCCESS ||
      entry.at_key("w").get_array().get(w) != simdjson::SUCCESS || w.size() != fit->w.size() ||
      entry.at_key("b").get_double().get(fit->b) != simdjson::SUCCESS)
    return Invalid(std::string("calibration: ") + key + " is not {w: [" + std::to_string(fit->w.size()) + " numbers], b: number}");
  size_t i = 0;
  for (element value : w)
    if (value.get_double().get(fit->w[i++]) != simdjson::SUCCESS || !(std::abs(fit->w[i - 1]) <= kMaxWeight))
      return Invalid(std::string("calibration: ") + key + ".w holds something that is not a number from -1000 to 1000");
  if (!(std::abs(fit->b) <= kMaxWeight)) return Invalid(std::string("calibration: ") + key + ".b is not from -1000 to 1000");
  return Ok{};
}

/// {"vector", "words", "later"}, each 0 to 1000; nothing where the file says nothing.
Status ReadFitWeights(const object& calibration, FitWeights* weights) {
  object entry;
  if (calibration.at_key("fit").get_object().get(entry) != simdjson::SUCCESS) return Ok{};
  for (const auto& [key, weight] : {std::pair{"vector", &weights->vector}, {"words", &weights->words}, {"later", &weights->later}}) {
    if (entry.at_key(key).get_double().get(*weight) != simdjson::SUCCESS || !(*weight >= 0 && *weight <= kMaxWeight))
      return Invalid(std::string("calibration: fit.") + key + " is not a number from 0 to 1000");
  }
  return Ok{};
}

}  // namespace

Result<ModelConfig> ParseModelConfig(std::string_view json) {
  simdjson::dom::parser parser;
  object o;
  if (json.empty() || parser.parse(json.data(), json.size()).get_object().get(o) != simdjson::SUCCESS)
    return Invalid("config is not a JSON object");
  ModelConfig c;
  c.json = std::string(json);
  NEEDLE_RETURN_IF_ERROR(ReadWord(o, "attention", "isolated"));
  NEEDLE_RETURN_IF_ERROR(ReadWord(o, "format", "compact"));
  NEEDLE_RETURN_IF_ERROR(ReadInt(o, "d_model", 64, 2048, 64, &c.d_model));
  NEEDLE_RETURN_IF_ERROR(ReadInt(o, "heads", 1, 64, 1, &c.heads));
  NEEDLE_RETURN_IF_ERROR(ReadInt(o, "kv_heads", 1, 64, 1, &c.kv_heads));
  NEEDLE_RETURN_IF_ERROR(ReadInt(o, "head_dim", 32, 64, 32, &c.head_dim));
  NEEDLE_RETURN_IF_ERROR(ReadInt(o, "enc_layers", 1, 64, 1, &c.enc_layers));
  NEEDLE_RETURN_IF_ERROR(ReadInt(o, "dec_layers", 1, 64, 1, &c.dec_layers));
  NEEDLE_RETURN_IF_ERROR(ReadInt(o, "vocab", 305, 65536, 1, &c.vocab));
  NEEDLE_RETURN_IF_ERROR(ReadInt(o, "max_position", 16, 65536, 1, &c.max_position));
  NEEDLE_RETURN_IF_ERROR(ReadInt(o, "max_query", 1, 65536, 1, &c.max_query));
  NEEDLE_RETURN_IF_ERROR(ReadInt(o, "max_tool", 1, 65536, 1, &c.max_tool));
  NEEDLE_RETURN_IF_ERROR(ReadInt(o, "retrieval_dim", 4, 2048, 4, &c.retrieval_dim));
  if (o.at_key("smear").get_bool().get(c.smear) != simdjson::SUCCESS)
    return Invalid("config: smear is missing or not a boolean");
  NEEDLE_RETURN_IF_ERROR(CheckGeometry(c));
  return c;
}

Result<Calibration> ParseCalibration(std::string_view json) {
  simdjson::dom::parser parser;
  object o;
  if (json.empty() || parser.parse(json.data(), json.size()).get_object().get(o) != simdjson::SUCCESS)
    return Invalid("calibration is not a JSON object");
  Calibration c;
  c.json = std::string(json);
  if (o.size() == 0) return c;
  NEEDLE_RETURN_IF_ERROR(ReadFit(o, "call", &c.call));
  NEEDLE_RETURN_IF_ERROR(ReadFit(o, "none", &c.none));
  NEEDLE_RETURN_IF_ERROR(ReadFitWeights(o, &c.fit));
  if (!o.at_key("odds").error()) {
    NEEDLE_RETURN_IF_ERROR(ReadFit(o, "odds", &c.odds));
    c.odds.present = true;
  }
  c.present = true;
  return c;
}

}  // namespace needle
