// SPDX-License-Identifier: Apache-2.0
// What the targets share: the golden model, and the checks of every answer and every error.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "router/engine.h"
#include "router/runtime.h"
#include "targets.h"

namespace needle_fuzz {

/// A promise does not hold: ends the process, as a sanitizer would.
[[noreturn]] void Broken(const char* promise, std::string_view detail = {});

inline void Check(bool holds, const char* promise, std::string_view detail = {}) {
  if (!holds) Broken(promise, detail);
}

inline std::string_view AsText(Input input) {
  return {reinterpret_cast<const char*>(input.data()), input.size()};
}

/// The text before the first line end, and what follows it.
struct Halves {
  std::string_view first, second;
};
Halves SplitAtLineEnd(Input input);

std::string ReadGolden(const std::string& name);

/// Of tests/golden/model_tiny.safetensors, whose weights are random.
const needle::Runtime& GoldenRuntime();

/// Loads a model into an engine; the error's code, or "ok".
std::string LoadInto(needle::Engine* engine, Input file);

/// Compiles and routes to the end. The result, which is JSON, or ErrorJson of a typed error.
std::string RouteThrough(needle::Engine* engine, std::string_view tools, std::string_view request);

/// A message for people and a code that callers can rely on; never kInternal, which stands for a bug of ours.
void CheckError(const needle::Error& error);
void CheckJson(std::string_view json, const char* what);

}  // namespace needle_fuzz
