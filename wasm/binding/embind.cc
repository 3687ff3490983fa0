// SPDX-License-Identifier: Apache-2.0
// The Engine as JavaScript sees it, and the only file with Emscripten headers. No logic: text goes in and text comes
// out, one call a step. A Result crosses as {"ok":value} or {"error":{"code","message","path"}}, because exceptions are
// off and an error must keep its fields. Logits, masks and tokens never cross.
#include <emscripten/bind.h>
#include <emscripten/heap.h>
#include <emscripten/val.h>

#include <span>
#include <string>

#include "out_of_memory.h"
#include "router/engine.h"
#include "router/json_write.h"

namespace needle {
namespace {

constexpr size_t kEmbindBytes = 64;  // that embind and the allocator add to a text, and some

std::string ValueJson(const Ok&) { return "null"; }
std::string ValueJson(bool value) { return value ? "true" : "false"; }
std::string ValueJson(int value) { return std::to_string(value); }
std::string ValueJson(const std::string& json) { return json; }  // the engine's own JSON

/// Embind copies a text that it returns, and does not look whether there was room for the copy.
std::string Returned(std::string text) {
  RequireRoom(text.size() + kEmbindBytes);
  return text;
}

template <class T>
std::string ResultJson(const Result<T>& result) {
  return Returned(result.ok() ? "{\"ok\":" + ValueJson(result.value()) + "}" : ErrorJson(result.error()));
}

/// The Engine with its Results as text.
class EngineBinding {
 public:
  EngineBinding() { TrapWhereMemoryEnds(); }

  /// Traps where there is no room for a text of so many UTF-8 bytes: asked for before each text that is handed over,
  /// because embind's copy does not look.
  void RequireRoomFor(double size_bytes) { RequireRoom(static_cast<size_t>(size_bytes) + kEmbindBytes); }
  /// After a trap: whether it was for want of memory. Nothing else may be asked of an engine that trapped.
  bool HasRunOutOfMemory() const { return needle::HasRunOutOfMemory(); }
  /// A view of the engine's memory, [size_bytes], for the caller to write the model file into. Memory growth detaches
  /// it, so it is asked for anew before each chunk; asking again with the same size keeps what was written.
  emscripten::val ReserveModel(size_t size_bytes) {
    if (reserved_.size() != size_bytes) reserved_ = engine_.ReserveModel(size_bytes);
    return emscripten::val(emscripten::typed_memory_view(reserved_.size(), reserved_.data()));
  }
  /// How many threads encode tools and long requests, the caller's among them; no effect in builds without threads.
  void SetThreads(int threads) { engine_.SetThreads(threads); }
  /// Bound on the cached tool encodings.
  void SetMaxCacheBytes(double size_bytes) { engine_.SetMaxCacheBytes(static_cast<size_t>(size_bytes)); }
  std::string LoadModel() { return ResultJson(engine_.LoadModel()); }
  std::string ModelInfo() const { return Returned(engine_.ModelInfo()); }
  std::string BeginToolSet(const std::string& tools, const std::string& options) {
    return ResultJson(engine_.BeginToolSet(tools, options));
  }
  std::string StepToolSet(int toolset) { return ResultJson(engine_.StepToolSet(toolset)); }
  std::string ToolSetInfo(int toolset) const { return Returned(engine_.ToolSetInfo(toolset)); }
  void ReleaseToolSet(int toolset) { engine_.ReleaseToolSet(toolset); }
  std::string BeginRoute(int toolset, const std::string& request) {
    return ResultJson(engine_.BeginRoute(toolset, request));
  }
  std::string StepRoute(int session) { return ResultJson(engine_.StepRoute(session)); }
  bool IsEncoded(int session) const { return engine_.IsEncoded(session); }
  std::string PartialResult(int session) const { return Returned(engine_.PartialResult(session)); }
  std::string FinishRoute(int session) { return ResultJson(engine_.FinishRoute(session)); }
  void AbortRoute(int session) { engine_.AbortRoute(session); }
  /// All memory that this build holds: weights, caches, stacks, and what it grew for once. A double: sizes above 2 GB.
  double MemoryBytes() const { return static_cast<double>(emscripten_get_heap_size()); }

 private:
  Engine engine_;
  std::span<uint8_t> reserved_;
};

EMSCRIPTEN_BINDINGS(needle) {
  emscripten::class_<EngineBinding>("Engine")
      .constructor<>()
      .function("requireRoomFor", &EngineBinding::RequireRoomFor)
      .function("hasRunOutOfMemory", &EngineBinding::HasRunOutOfMemory)
      .function("setThreads", &EngineBinding::SetThreads)
      .function("setMaxCacheBytes", &EngineBinding::SetMaxCacheBytes)
      .function("reserveModel", &EngineBinding::ReserveModel)
      .function("loadModel", &EngineBinding::LoadModel)
      .function("modelInfo", &EngineBinding::ModelInfo)
      .function("beginToolSet", &EngineBinding::BeginToolSet)
      .function("stepToolSet", &EngineBinding::StepToolSet)
      .function("toolSetInfo", &EngineBinding::ToolSetInfo)
      .function("releaseToolSet", &EngineBinding::ReleaseToolSet)
      .function("beginRoute", &EngineBinding::BeginRoute)
      .function("stepRoute", &EngineBinding::StepRoute)
      .function("isEncoded", &EngineBinding::IsEncoded)
      .function("partialResult", &EngineBinding::PartialResult)
      .function("finishRoute", &EngineBinding::FinishRoute)
      .function("abortRoute", &EngineBinding::AbortRoute)
      .function("memoryBytes", &EngineBinding::MemoryBytes);
}

}  // namespace
}  // namespace needle
