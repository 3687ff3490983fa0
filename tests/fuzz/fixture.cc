// SPDX-License-Identifier: Apache-2.0
#include "fixture.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "router/json_write.h"
#include "simdjson.h"

namespace needle_fuzz {

void Broken(const char* promise, std::string_view detail) {
  std::fprintf(stderr, "broken: %s\n%.*s\n", promise, static_cast<int>(std::min<size_t>(detail.size(), 2000)), detail.data());
  std::abort();
}

Halves SplitAtLineEnd(Input input) {
  const std::string_view text = AsText(input);
  const size_t end = std::min(text.find('\n'), text.size());
  return {text.substr(0, end), text.substr(std::min(end + 1, text.size()))};
}

std::string ReadGolden(const std::string& name) {
  std::ifstream in(std::string(NEEDLE_GOLDEN_DIR) + "/" + name, std::ios::binary);
  Check(in.good(), "the golden files are there", name);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

const needle::Runtime& GoldenRuntime() {
  static const needle::Runtime runtime = [] {
    const std::string file = ReadGolden("model_tiny.safetensors");
    auto model = needle::Model::Load({reinterpret_cast<const uint8_t*>(file.data()), file.size()});
    Check(model.ok(), "the golden model loads");
    auto tokenizer = needle::Tokenizer::Parse((*model)->tokenizer_bytes());
    Check(tokenizer.ok(), "its tokenizer is read");
    return needle::Runtime(std::move(*model), std::move(*tokenizer));
  }();
  return runtime;
}

std::string LoadInto(needle::Engine* engine, Input file) {
  const auto room = engine->ReserveModel(file.size());
  Check(room.size() == file.size(), "there is memory for the file");
  std::copy(file.begin(), file.end(), room.begin());
  const auto status = engine->LoadModel();
  if (status.ok()) return "ok";
  CheckError(status.error());
  return needle::ErrorCodeName(status.error().code);
}

std::string RouteThrough(needle::Engine* engine, std::string_view tools, std::string_view request) {
  const auto failed = [](const needle::Error& error) {
    CheckError(error);
    return needle::ErrorJson(error);
  };
  const auto set = engine->BeginToolSet(tools, "{}");
  if (!set.ok()) return failed(set.error());
  const struct Release {
    needle::Engine* engine;
    int set;
    ~Release() { engine->ReleaseToolSet(set); }
  } release{engine, *set};
  CheckJson(engine->ToolSetInfo(*set), "a description of tools");
  for (;;) {
    const auto left = engine->StepToolSet(*set);
    if (!left.ok()) return failed(left.error());
    if (*left == 0) break;
  }
  const auto session = engine->BeginRoute(*set, request);
  if (!session.ok()) return failed(session.error());
  for (;;) {
    const auto done = engine->StepRoute(*session);
    if (!done.ok()) {
      engine->AbortRoute(*session);
      return failed(done.error());
    }
    CheckJson(engine->PartialResult(*session), "a partial result");
    if (*done) break;
  }
  const auto result = engine->FinishRoute(*session);
  if (!result.ok()) return failed(result.error());
  CheckJson(*result, "a result");
  return *result;
}

void CheckError(const needle::Error& error) {
  Check(!error.message.empty(), "an error says what is wrong");
  Check(error.code != needle::ErrorCode::kInternal, "no input reaches a broken invariant", error.message);
  Check(error.code != needle::ErrorCode::kGrammarDeadEnd, "no schema leads into a dead end", error.message);
  CheckJson(needle::ErrorJson(error), "an error");
}

void CheckJson(std::string_view json, const char* what) {
  simdjson::dom::parser parser;
  Check(parser.parse(json.data(), json.size()).error() == simdjson::SUCCESS, what, json);
}

}  // namespace needle_fuzz
