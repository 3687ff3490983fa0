// SPDX-License-Identifier: Apache-2.0
// What is fuzzed: one function per door through which foreign bytes come in. Each must return, whatever it is given; it
// calls Broken() when a promise does not hold, and the sanitizers find the rest. libfuzzer.cc and replay.cc drive them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace needle_fuzz {

using Input = std::span<const uint8_t>;

void FuzzModel(Input input);      // a model file, or the header of one before the golden model's tensors
void FuzzTokenizer(Input input);  // a packed tokenizer, and text for the golden one
void FuzzTools(Input input);      // the JSON of a tool list
void FuzzAnswer(Input input);     // a JSON Schema, a line end, and bytes that choose tokens among the allowed ones
void FuzzRegex(Input input);      // a pattern
void FuzzRequest(Input input);    // the JSON of a request, and a phrase for the normaliser
void FuzzRoute(Input input);      // a tool list, a line end, a request: the whole engine

struct Target {
  std::string_view name;  // of its folder under corpus/
  void (*run)(Input);
};

inline constexpr std::array<Target, 7> kTargets = {{{"model", FuzzModel},
                                                    {"tokenizer", FuzzTokenizer},
                                                    {"tools", FuzzTools},
                                                    {"answer", FuzzAnswer},
                                                    {"regex", FuzzRegex},
                                                    {"request", FuzzRequest},
                                                    {"route", FuzzRoute}}};

}  // namespace needle_fuzz
