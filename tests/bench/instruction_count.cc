// SPDX-License-Identifier: Apache-2.0
// What callgrind counts: one piece of work, named by the first argument, alone in its function `counted`. Counts are the
// same on a busy machine as on a quiet one, so a committed figure can guard against getting slower by accident.
//   instruction_count gemm | gemv | pairs | logits | attention
//   instruction_count compile | route  <model file> <tools file> <request file>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "router/engine.h"

// of kernels_bench.cc
extern "C" {
void prepare(int rows, int out, int cols, int matrices);
void use_pair_sums(int yes);
void run_kernel(int repeats);
void run_gather(int stride, int repeats);
void prepare_attention(int rows, int tools);
void run_attention(int repeats);
}

using namespace needle;

namespace {

std::string ReadFile(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

/// One name for callgrind to find: --toggle-collect=counted.
extern "C" __attribute__((noinline)) void counted(const std::function<void()>& work) { work(); }

namespace {

int CountKernel(const std::string& what) {
  if (what == "gemm") {
    prepare(48, 512, 512, 4);
    counted([] { run_kernel(1); });
  } else if (what == "gemv") {
    prepare(1, 512, 512, 40);
    counted([] { run_kernel(1); });
  } else if (what == "pairs") {
    use_pair_sums(1);
    prepare(12, 512, 512, 4);
    counted([] { run_kernel(1); });
  } else if (what == "logits") {
    prepare(1, 8192, 512, 1);
    counted([] { run_gather(1, 1); });
  } else if (what == "attention") {
    prepare_attention(12, 8);
    counted([] { run_attention(1); });
  } else {
    return 2;
  }
  return 0;
}

template <class T>
bool Failed(const Result<T>& result) {
  if (!result.ok()) std::fprintf(stderr, "%s\n", result.error().message.c_str());
  return !result.ok();
}

int CountEngine(const std::string& what, const char* const* files) {
  Engine engine;
  const std::string model = ReadFile(files[0]), tools = ReadFile(files[1]), request = ReadFile(files[2]);
  const auto room = engine.ReserveModel(model.size());
  if (room.size() != model.size()) return 1;
  std::memcpy(room.data(), model.data(), model.size());
  if (Failed(engine.LoadModel())) return 1;
  int toolset = 0;
  bool failed = false;
  const auto compile = [&] {
    const auto handle = engine.BeginToolSet(tools, "{}");
    if ((failed = Failed(handle))) return;
    toolset = *handle;
    for (auto left = engine.StepToolSet(toolset); !(failed = Failed(left)) && *left > 0;) left = engine.StepToolSet(toolset);
  };
  const auto route = [&] {
    const auto session = engine.BeginRoute(toolset, request);
    if ((failed = Failed(session))) return;
    for (auto done = engine.StepRoute(*session); !(failed = Failed(done)) && !*done;) done = engine.StepRoute(*session);
    if (!failed) failed = Failed(engine.FinishRoute(*session));
  };
  if (what == "compile") {
    counted(compile);
  } else {
    compile();
    if (!failed) counted(route);
  }
  return failed ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (argc == 2) return CountKernel(what);
  if (argc == 5 && (what == "compile" || what == "route")) return CountEngine(what, argv + 2);
  return 2;
}
