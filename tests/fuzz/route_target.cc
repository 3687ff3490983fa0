// SPDX-License-Identifier: Apache-2.0
// The whole engine: any tools and any request give a result or a typed error, and leave the engine as it was.
#include "fixture.h"

namespace needle_fuzz {
namespace {

needle::Engine& GoldenEngine() {
  static needle::Engine engine;
  [[maybe_unused]] static const bool loaded = [] {
    const std::string file = ReadGolden("model_tiny.safetensors");
    Check(LoadInto(&engine, {reinterpret_cast<const uint8_t*>(file.data()), file.size()}) == "ok", "the golden model loads");
    return true;
  }();
  return engine;
}

}  // namespace

void FuzzRoute(Input input) {
  const auto [tools, request] = SplitAtLineEnd(input);
  needle::Engine& engine = GoldenEngine();
  const std::string first = RouteThrough(&engine, tools, request);
  Check(RouteThrough(&engine, tools, request) == first, "the same question has the same answer", first);
}

}  // namespace needle_fuzz
