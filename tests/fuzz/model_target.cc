// SPDX-License-Identifier: Apache-2.0
// Model files. Most mutations of a whole file hit weights, which may be anything; so the same bytes are also tried as
// the header of an otherwise sound file. A file that loads must then route without a fault, whatever it answers.
#include "fixture.h"

namespace needle_fuzz {
namespace {

const char* const kTools =
    R"([{"name":"dim","description":"Dim a lamp","parameters":{"type":"object","properties":{"level":{"type":"integer","minimum":0,"maximum":9}},"required":["level"]}},{"name":"stop"}])";

void LoadAndRoute(Input file) {
  needle::Engine engine;
  if (LoadInto(&engine, file) != "ok") return;
  CheckJson(engine.ModelInfo(), "a description of the model");
  RouteThrough(&engine, kTools, R"({"query":"dim it to 3","maxCalls":1})");
}

/// The golden model's tensors, which follow its header.
const std::string& GoldenTensors() {
  static const std::string tensors = [] {
    const std::string file = ReadGolden("model_tiny.safetensors");
    size_t header_size = 0;
    for (int i = 7; i >= 0; --i) header_size = header_size << 8 | static_cast<uint8_t>(file[static_cast<size_t>(i)]);
    return file.substr(8 + header_size);
  }();
  return tensors;
}

}  // namespace

void FuzzModel(Input input) {
  LoadAndRoute(input);
  std::vector<uint8_t> file(8);
  for (size_t i = 0; i < 8; ++i) file[i] = static_cast<uint8_t>(static_cast<uint64_t>(input.size()) >> (8 * i));
  file.insert(file.end(), input.begin(), input.end());
  file.insert(file.end(), GoldenTensors().begin(), GoldenTensors().end());
  LoadAndRoute(file);
}

}  // namespace needle_fuzz
