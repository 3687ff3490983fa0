// SPDX-License-Identifier: Apache-2.0
#include "router/engine.h"

#include <algorithm>
#include <new>
#include <utility>

#include "router/json_write.h"

namespace needle {
namespace {

Error UnknownHandle(const char* what, int handle) {
  return Error{ErrorCode::kNotFound, std::string("no ") + what + " " + std::to_string(handle), ""};
}

Error NotLoaded() { return Error{ErrorCode::kInvalidArgument, "no model is loaded", ""}; }

}  // namespace

Engine::Engine() = default;
Engine::~Engine() = default;

std::span<uint8_t> Engine::ReserveModel(size_t size_bytes) {
  file_.reset(new (std::nothrow) uint8_t[size_bytes]);
  file_size_bytes_ = file_ ? size_bytes : 0;
  return {file_.get(), file_size_bytes_};
}

Status Engine::LoadModel() {
  auto model = Model::Load({file_.get(), file_size_bytes_});
  file_.reset();
  file_size_bytes_ = 0;
  if (!model.ok()) return std::move(model.error());
  auto tokenizer = Tokenizer::Parse(model.value()->tokenizer_bytes());
  if (!tokenizer.ok()) return std::move(tokenizer.error());
  if (tokenizer->vocab_size() != model.value()->config().vocab) {
    return Error{ErrorCode::kInvalidModel, "the tokenizer has " + std::to_string(tokenizer->vocab_size()) +
                                               " pieces, the network " + std::to_string(model.value()->config().vocab),
                 "tokenizer"};
  }
  sessions_.clear();
  toolsets_.clear();
  runtime_ = std::make_unique<Runtime>(std::move(model.value()), std::move(tokenizer.value()));
  cache_ = std::make_unique<ToolCache>(*runtime_->model, threads_);
  cache_->SetMaxBytes(max_cache_bytes_);
  return Ok{};
}

std::string Engine::ModelInfo() const {
  if (!runtime_) return "{}";
  const Model& model = *runtime_->model;
  std::string json = "{";
  AppendJsonKey("name", &json);
  AppendJsonString(model.name(), &json);
  AppendJsonKey("version", &json);
  AppendJsonString(model.version(), &json);
  AppendJsonKey("licence", &json);
  AppendJsonString(model.licence(), &json);
  AppendJsonKey("parameters", &json);
  json += std::to_string(model.num_parameters());
  AppendJsonKey("sizeBytes", &json);
  json += std::to_string(model.file_bytes());
  AppendJsonKey("config", &json);
  return json + model.config().json + "}";
}

Result<int> Engine::BeginToolSet(std::string_view tools_json, std::string_view options_json) {
  if (!runtime_) return NotLoaded();
  auto set = ToolSet::Parse(tools_json, options_json, *runtime_);
  if (!set.ok()) return std::move(set.error());
  toolsets_.emplace(next_handle_, std::move(set.value()));
  return next_handle_++;
}

Result<int> Engine::StepToolSet(int toolset) {
  const auto found = toolsets_.find(toolset);
  if (found == toolsets_.end()) return UnknownHandle("tool set", toolset);
  ToolSet& set = *found->second;
  const size_t first = set.num_encoded();
  const size_t last = std::min(set.tools().size(), first + static_cast<size_t>(threads_.size()));
  std::vector<std::span<const TokenId>> blocks;
  for (size_t i = first; i < last; ++i) blocks.push_back(set.tools()[i].block);
  if (threads_.size() > 1) cache_->Prepare(blocks);
  for (size_t i = first; i < last; ++i) {
    auto encoding = cache_->Get(blocks[i - first]);
    if (!encoding.ok()) return std::move(encoding.error());
    set.tools()[i].vector = encoding.value()->vector;
    set.set_num_encoded(i + 1);
  }
  return static_cast<int>(set.tools().size() - set.num_encoded());
}

std::string Engine::ToolSetInfo(int toolset) const {
  const auto found = toolsets_.find(toolset);
  return found == toolsets_.end() ? "{}" : found->second->InfoJson();
}

void Engine::ReleaseToolSet(int toolset) { toolsets_.erase(toolset); }

Result<int> Engine::BeginRoute(int toolset, std::string_view request_json) {
  const auto found = toolsets_.find(toolset);
  if (found == toolsets_.end()) return UnknownHandle("tool set", toolset);
  if (found->second->num_encoded() < found->second->tools().size()) {
    return Error{ErrorCode::kInvalidArgument, "the tool set is not encoded yet", ""};
  }
  auto request = ParseRouteRequest(request_json);
  if (!request.ok()) return std::move(request.error());
  auto session = Session::Start(*runtime_, *cache_, found->second, std::move(request.value()));
  if (!session.ok()) return std::move(session.error());
  sessions_.emplace(next_handle_, std::move(session.value()));
  return next_handle_++;
}

Result<bool> Engine::StepRoute(int session) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return UnknownHandle("route", session);
  auto done = found->second->Step();
  if (!done.ok()) sessions_.erase(found);  // a matcher is not to be used after an error
  return done;
}

bool Engine::IsEncoded(int session) const {
  const auto found = sessions_.find(session);
  return found != sessions_.end() && found->second->IsEncoded();
}

std::string Engine::PartialResult(int session) const {
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? "{}" : found->second->PartialJson();
}

Result<std::string> Engine::FinishRoute(int session) {
  auto found = sessions_.extract(session);
  if (found.empty()) return UnknownHandle("route", session);
  if (!found.mapped()->IsDone()) return Error{ErrorCode::kInvalidArgument, "the route is not done yet", ""};
  return found.mapped()->Finish();
}

void Engine::AbortRoute(int session) { sessions_.erase(session); }

void Engine::SetThreads(int threads) { threads_.Resize(threads); }

void Engine::SetMaxCacheBytes(size_t size_bytes) {
  max_cache_bytes_ = size_bytes;
  if (cache_) cache_->SetMaxBytes(size_bytes);
}

}  // namespace needle
