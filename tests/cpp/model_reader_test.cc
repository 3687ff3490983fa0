// SPDX-License-Identifier: Apache-2.0
// Model files as an enemy would send them: everything is refused by name, nothing crashes (run under sanitizers).
#include "format/model_reader.h"

#include <functional>
#include <random>

#include "format/tensor_table.h"
#include "model/model.h"
#include "model_writer.h"
#include "test_main.h"

using namespace needle;

namespace {

std::vector<uint8_t> Golden() {
  const std::string text = needle_test::ReadGolden("model_tiny.safetensors");
  return {text.begin(), text.end()};
}

/// Loads the golden model after a change; expects the code, and `word` in the message.
void Refused(ErrorCode code, const std::string& word, const std::function<void(needle_test::RawModel&)>& change) {
  auto model = needle_test::TakeApart(Golden());
  change(model);
  const auto result = Model::Load(model.Bytes());
  CHECK(!result.ok());
  if (result.ok()) return;
  CHECK_EQ(ErrorCodeName(result.error().code), std::string(ErrorCodeName(code)));
  if (result.error().message.find(word) == std::string::npos)
    needle_test::Fail(__FILE__, __LINE__, "'" + result.error().message + "' does not say '" + word + "'");
}

void RefusedHeader(const std::string& header, size_t data = 0) {
  const auto result = Model::Load(needle_test::RawModel::Frame(header, std::vector<uint8_t>(data)));
  CHECK(!result.ok());
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

}  // namespace

TEST(TheGoldenModelLoadsTakenApartAndUnaligned) {
  CHECK(Model::Load(Golden()).ok());
  CHECK(Model::Load(needle_test::TakeApart(Golden()).Bytes()).ok());
  auto shifted = Golden();
  shifted.insert(shifted.begin(), 1, 0);
  CHECK(Model::Load(std::span<const uint8_t>(shifted).subspan(1)).ok());
}

TEST(HalfPrecisionVectorsAreRead) {
  auto model = needle_test::TakeApart(Golden());
  model.tensors["enc.norm"] = {"F16", {64}, std::vector<uint8_t>(128, 0x3C)};
  const auto loaded = Model::Load(model.Bytes());
  CHECK(loaded.ok());
  CHECK_EQ((*loaded)->weights().enc_norm[7], 1.05859375f);  // 0x3C3C
}

TEST(BadTensorsAreRefusedByName) {
  const auto invalid = ErrorCode::kInvalidModel;
  using M = needle_test::RawModel;
  Refused(invalid, "enc.1.q_norm", [](M& m) { m.tensors.erase("enc.1.q_norm"); });
  Refused(invalid, "dec.0.self.k.mul", [](M& m) { m.tensors.erase("dec.0.self.k.mul"); });
  Refused(invalid, "dec.0.self.k", [](M& m) { m.tensors.erase("dec.0.self.k.q4"); });
  Refused(invalid, "embed.scale",
          [](M& m) { m.tensors["embed.scale"].bytes[3] = 0x7F, m.tensors["embed.scale"].bytes[2] = 0x80; });
  Refused(invalid, "embed.scale", [](M& m) { m.tensors["embed.scale"].bytes[3] |= 0x80; });
  Refused(invalid, "enc.0.gate", [](M& m) { m.tensors["enc.0.gate"].bytes = {0, 0, 0xC0, 0x7F}; });
  Refused(invalid, "rope.cos", [](M& m) { m.tensors["rope.cos"].shape = {16, 64}; });
  Refused(invalid, "enc.0.q.q4", [](M& m) { m.tensors["enc.0.q.q4"].shape = {64, 64}; });
  Refused(invalid, "enc.0.q.mul", [](M& m) { m.tensors["enc.0.q.mul"].bytes[5] = 0x81; });
  Refused(invalid, "embed.q7", [](M& m) { m.tensors["embed.q7"].bytes[100] = 0; });
  Refused(invalid, "embed.q7", [](M& m) { m.tensors["embed.q7"].bytes[100] = 128; });
  Refused(invalid, "enc.0.norm", [](M& m) { m.tensors["enc.0.norm"] = {"U8", {64}, std::vector<uint8_t>(64)}; });
  Refused(invalid, "enc.0.norm", [](M& m) { m.tensors["enc.0.norm"].dtype = "F64"; });
  Refused(invalid, "enc.0.norm", [](M& m) { m.tensors["enc.0.norm"].bytes.pop_back(); });
  Refused(invalid, "enc.0.norm", [](M& m) { m.tensors["enc.0.norm"].shape = {64, 1}; });
  Refused(invalid, "enc.0.norm", [](M& m) { m.tensors["enc.0.norm"].shape = {4, 4, 4}; });
  Refused(invalid, "enc.0.norm", [](M& m) { m.tensors["enc.0.norm"].shape = {}; });
  Refused(invalid, "enc.0.q", [](M& m) { m.tensors["enc.0.q"] = {"F32", {128, 64}, std::vector<uint8_t>(32768)}; });
  Refused(invalid, "tokenizer", [](M& m) { m.tensors.erase("tokenizer"); });
  Refused(ErrorCode::kUnsupportedModel, "enc.0.ffn", [](M& m) { m.tensors["enc.0.ffn"] = {"U8", {1}, {0}}; });
}

TEST(BadMetadataIsRefused) {
  const auto invalid = ErrorCode::kInvalidModel, unsupported = ErrorCode::kUnsupportedModel;
  using M = needle_test::RawModel;
  const auto config = [](const char* from, const char* to) {
    return [=](M& m) { m.metadata["config"] = Replaced(m.metadata["config"], from, to); };
  };
  Refused(unsupported, "needle-router/2", [](M& m) { m.metadata["format"] = "needle-router/2"; });
  Refused(unsupported, "format", [](M& m) { m.metadata.erase("format"); });
  Refused(invalid, "config", [](M& m) { m.metadata.erase("config"); });
  Refused(invalid, "config", [](M& m) { m.metadata["config"] = "[]"; });
  Refused(invalid, "heads", config("\"heads\": 4", "\"heads\": 4.5"));
  Refused(invalid, "kv_heads", config("\"heads\": 4", "\"heads\": 3"));
  Refused(unsupported, "d_model", config("\"d_model\": 64", "\"d_model\": 65"));
  Refused(unsupported, "d_model", config("\"d_model\": 64", "\"d_model\": 1000000000"));
  Refused(unsupported, "head_dim", config("\"head_dim\": 32", "\"head_dim\": 48"));
  Refused(unsupported, "enc_layers", config("\"enc_layers\": 2", "\"enc_layers\": 0"));
  Refused(invalid, "enc.2", config("\"enc_layers\": 2", "\"enc_layers\": 3"));
  Refused(invalid, "max_position", config("\"max_query\": 128", "\"max_query\": 257"));
  Refused(unsupported, "joint", config("isolated", "joint"));
  Refused(invalid, "smear", config("\"smear\": true", "\"smear\": 1"));
  Refused(unsupported, "smear", config("\"smear\": true", "\"smear\": false"));
  Refused(invalid, "calibration", [](M& m) { m.metadata["calibration"] = "{\"call\":{\"w\":[1,2],\"b\":0}}"; });
  Refused(invalid, "calibration", [](M& m) { m.metadata["calibration"] = "nothing"; });
}

TEST(AFileWithoutCalibrationLoads) {
  auto model = needle_test::TakeApart(Golden());
  model.metadata["calibration"] = "{}";
  const auto loaded = Model::Load(model.Bytes());
  CHECK(loaded.ok());
  CHECK(!(*loaded)->calibration().present);
}

TEST(BadHeadersAreRefused) {
  for (const char* header : {"", "[]", "{", "{}", "null", "{\"a\":1}", "{\"a\":{}}", "{\"__metadata__\":[]}",
                             "{\"__metadata__\":{\"format\":1}}"})
    RefusedHeader(header);
  const std::string start = "{\"a\":{\"dtype\":\"U8\",\"shape\":";
  RefusedHeader(start + "[4],\"data_offsets\":[0,4]}}", 3);
  RefusedHeader(start + "[4],\"data_offsets\":[0,4]}}", 5);
  RefusedHeader(start + "[4],\"data_offsets\":[4,0]}}", 8);
  RefusedHeader(start + "[4],\"data_offsets\":[1,5]}}", 5);
  RefusedHeader(start + "[4],\"data_offsets\":[-1,3]}}", 4);
  RefusedHeader(start + "[18446744073709551615],\"data_offsets\":[0,4]}}", 4);
  RefusedHeader(start + "[4294967296,4294967296],\"data_offsets\":[0,0]}}", 0);
  RefusedHeader(start + "[4],\"data_offsets\":[0]}}", 4);
  RefusedHeader(start + "[4],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}}",
                8);
  CHECK(!Model::Load(std::vector<uint8_t>(7)).ok());
  CHECK(!Model::Load(std::vector<uint8_t>(64, 0xFF)).ok());
}

TEST(TruncationsNeverCrash) {
  const auto bytes = Golden();
  for (size_t n = 0; n < bytes.size(); n += n < 64 ? 1 : n < 12000 ? 97 : 4099) {
    const std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
    CHECK(!Model::Load(cut).ok());
  }
}

TEST(BitFlipsNeverCrash) {
  const auto bytes = Golden();
  std::mt19937 rng(7);
  size_t header = 8 + (bytes[0] | bytes[1] << 8 | bytes[2] << 16);
  for (int i = 0; i < 400; ++i) {
    auto changed = bytes;
    const size_t at = i % 4 == 0 ? rng() % bytes.size() : rng() % header;
    changed[at] ^= static_cast<uint8_t>(1u << (rng() % 8));
    (void)Model::Load(changed).ok();  // may still be a model
  }
}
