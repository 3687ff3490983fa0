// SPDX-License-Identifier: Apache-2.0
// The engine as its host sees it: bytes of a model in, JSON texts in and out, work cut into bounded steps. Top of the
// layers; only binding/ and the native tools stand above it. Owns the model, the tokenizer, the tool sets, the cache of
// tool encodings and the running sessions. One Engine per router: nothing is shared between two, nothing is global.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/thread_pool.h"
#include "router/session.h"
#include "router/tool_cache.h"
#include "router/tool_set.h"

namespace needle {

class Engine {
 public:
  Engine();
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Room for a model file of that size; the caller writes it there, then calls LoadModel. [size_bytes]; empty when
  /// there is no memory for it.
  std::span<uint8_t> ReserveModel(size_t size_bytes);
  /// Reads the reserved bytes and lets them go: weights are repacked. kInvalidModel, kUnsupportedModel.
  Status LoadModel();
  /// {"name","version","licence","parameters","sizeBytes","config":{…}}; "{}" before LoadModel.
  std::string ModelInfo() const;

  /// Parses tools ([{name, description?, parameters?}]) and compiles their grammars. Options: see tool_set.h. Returns a
  /// handle. kInvalidJson, kInvalidSchema, kUnsupportedSchema, kDuplicateName with the path.
  Result<int> BeginToolSet(std::string_view tools_json, std::string_view options_json);
  /// Encodes tools that are not yet encoded, one a thread; returns how many remain.
  Result<int> StepToolSet(int toolset);
  /// {"tools":[names],"warnings":[paths],"tokens":n}; "{}" for an unknown handle.
  std::string ToolSetInfo(int toolset) const;
  void ReleaseToolSet(int toolset);

  /// Starts a route; the request is described in route_request.h. Returns a handle.
  Result<int> BeginRoute(int toolset, std::string_view request_json);
  /// One bounded piece of work: encoding the request, or one decode step. True when FinishRoute may be called; an
  /// error ends the session.
  Result<bool> StepRoute(int session);
  /// Whether the steps of a route have come from encoding to decoding; false for an unknown handle.
  bool IsEncoded(int session) const;
  /// What has been decided so far, in the form of a result without confidence; "{}" for an unknown handle.
  std::string PartialResult(int session) const;
  /// The result as JSON (see result_json.h); the session ends. kInvalidArgument before it is done.
  Result<std::string> FinishRoute(int session);
  /// Ends a session at any point; unknown handles are ignored.
  void AbortRoute(int session);

  /// At most so many threads, the caller's among them, encode tools and long requests (1 until said; see thread_pool.h).
  void SetThreads(int threads);
  /// Bound on the cached tool encodings, in bytes; the least recently used are dropped and rebuilt when needed.
  void SetMaxCacheBytes(size_t size_bytes);

 private:
  ThreadPool threads_;
  std::unique_ptr<uint8_t[]> file_;
  size_t file_size_bytes_ = 0;
  std::unique_ptr<Runtime> runtime_;   // model, tokenizer; const after LoadModel
  std::unique_ptr<ToolCache> cache_;
  size_t max_cache_bytes_ = ToolCache::kDefaultMaxBytes;
  std::map<int, std::shared_ptr<ToolSet>> toolsets_;
  std::map<int, std::unique_ptr<Session>> sessions_;
  int next_handle_ = 1;
};

}  // namespace needle
