// SPDX-License-Identifier: Apache-2.0
// route_lines <model file> [--explain]: the native engine as a filter. Reads JSON lines {"query","tools"} and writes one
// line each: the result, or {"error":{"code","message","path"}}. For calibration, for comparing the builds with one
// another and for profilers; it never ships.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "router/engine.h"
#include "router/json_write.h"
#include "simdjson.h"

namespace {

std::string Route(needle::Engine& engine, const std::string& tools, const std::string& request) {
  auto toolset = engine.BeginToolSet(tools, "{}");
  if (!toolset.ok()) return needle::ErrorJson(toolset.error());
  for (;;) {
    auto left = engine.StepToolSet(*toolset);
    if (!left.ok()) return needle::ErrorJson(left.error());
    if (*left == 0) break;
  }
  auto session = engine.BeginRoute(*toolset, request);
  if (!session.ok()) return needle::ErrorJson(session.error());
  for (;;) {
    auto done = engine.StepRoute(*session);
    if (!done.ok()) return needle::ErrorJson(done.error());
    if (*done) break;
  }
  auto result = engine.FinishRoute(*session);
  engine.ReleaseToolSet(*toolset);
  return result.ok() ? *result : needle::ErrorJson(result.error());
}

}  // namespace

int main(int argc, char** argv) {
  const bool explain = argc == 3 && std::string(argv[2]) == "--explain";
  if (argc != 2 && !explain) {
    std::fprintf(stderr, "usage: route_lines <model.safetensors> [--explain]\n");
    return 2;
  }
  std::ifstream in(argv[1], std::ios::binary);
  const std::vector<char> file{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  needle::Engine engine;
  auto room = engine.ReserveModel(file.size());
  std::copy(file.begin(), file.end(), room.begin());
  if (auto status = engine.LoadModel(); !status.ok()) {
    std::fprintf(stderr, "%s\n", needle::ErrorJson(status.error()).c_str());
    return 1;
  }
  simdjson::dom::parser parser;
  for (std::string line; std::getline(std::cin, line);) {
    simdjson::dom::element row, tools, query;
    if (parser.parse(line).get(row) || row["tools"].get(tools) || row["query"].get(query)) {
      std::puts(needle::ErrorJson({needle::ErrorCode::kInvalidJson, "not a line with query and tools", ""}).c_str());
      continue;
    }
    std::string request = "{\"query\":";
    request += simdjson::minify(query);
    request += explain ? ",\"explain\":true}" : "}";
    std::puts(Route(engine, simdjson::minify(tools), request).c_str());
  }
  return 0;
}
