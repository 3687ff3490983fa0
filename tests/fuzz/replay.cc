// SPDX-License-Identifier: Apache-2.0
// fuzz_replay [target [number]]: every seed of corpus/, then mutations of them with a fixed seed; NEEDLE_FUZZ_MUTATIONS
// of each target (1500). The same inputs everywhere, so it needs no libFuzzer, and a failure names the input that
// repeats it. With a number, that input alone, which is also written to stdout.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fixture.h"
#include "mutator.h"

extern "C" void __sanitizer_set_death_callback(void (*)()) __attribute__((weak));

namespace needle_fuzz {
namespace {

char current[100] = "";  // what is running, for whoever reads of a crash

void SayWhere() { std::fprintf(stderr, "fuzz_replay: died of input %s\n", current); }

std::vector<std::string> ReadSeeds(std::string_view target) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(NEEDLE_CORPUS_DIR) / target)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  if (target == "model") paths.push_back(std::filesystem::path(NEEDLE_GOLDEN_DIR) / "model_tiny.safetensors");
  if (target == "tokenizer") paths.push_back(std::filesystem::path(NEEDLE_GOLDEN_DIR) / "tokenizer.bin");
  std::vector<std::string> seeds;
  for (const auto& path : paths) {
    std::ifstream in(path, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  Check(!seeds.empty(), "there are seeds", target);
  return seeds;
}

void Run(const Target& target, size_t number, const std::string& text) {
  std::snprintf(current, sizeof current, "%s %zu", target.name.data(), number);
  target.run({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

/// Numbers below the count of seeds are the seeds themselves.
void Replay(const Target& target, size_t mutations, const char* only) {
  const std::vector<std::string> seeds = ReadSeeds(target.name);
  Mutator mutator(7);
  for (size_t number = 0; number < seeds.size() + mutations; ++number) {
    const std::string text = number < seeds.size() ? seeds[number] : mutator.Next(seeds);
    if (!only) {
      Run(target, number, text);
    } else if (number == std::strtoull(only, nullptr, 10)) {
      std::fwrite(text.data(), 1, text.size(), stdout);
      std::fflush(stdout);  // what aborts writes nothing more
      return Run(target, number, text);
    }
  }
  std::printf("%s: %zu seeds, %zu mutations\n", target.name.data(), seeds.size(), mutations);
}

}  // namespace
}  // namespace needle_fuzz

int main(int argc, char** argv) {
  using namespace needle_fuzz;
  if (__sanitizer_set_death_callback) __sanitizer_set_death_callback(SayWhere);
  std::signal(SIGABRT, [](int) { SayWhere(); });
  const char* wanted = std::getenv("NEEDLE_FUZZ_MUTATIONS");
  const size_t mutations = wanted ? std::strtoull(wanted, nullptr, 10) : 1500;
  bool found = false;
  for (const Target& target : kTargets) {
    if (argc > 1 && target.name != argv[1]) continue;
    found = true;
    Replay(target, argc > 2 ? 100'000'000 : mutations, argc > 2 ? argv[2] : nullptr);
  }
  return found ? 0 : 2;
}
