// SPDX-License-Identifier: Apache-2.0
// A small mutator with a fixed seed: the same inputs on every machine, for the replay that needs no libFuzzer.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace needle_fuzz {

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : state_(seed * 2 + 1) {}

  /// One of the seeds with one to six changes.
  std::string Next(const std::vector<std::string>& seeds) {
    std::string text = seeds[Below(seeds.size())];
    for (size_t changes = 1 + Below(6); changes > 0; --changes) Change(&text, seeds[Below(seeds.size())]);
    if (text.size() > kMaxBytes) text.resize(kMaxBytes);
    return text;
  }

 private:
  static constexpr size_t kMaxBytes = 1 << 18;
  static constexpr std::array<std::string_view, 40> kWords = {
      "\"", "\\", "{", "}", "[", "]", ",", ":", "null", "true", "-1", "0", "1e308", "18446744073709551615", "\"$ref\":\"#\"",
      "\"type\":\"string\"", "\"required\":[\"a\"]", "\"enum\":[1,null]", "\"anyOf\":[{}]", "\"pattern\":\"^(a|b)*$\"",
      "\"maxLength\":0", "\"minItems\":9", "\"multipleOf\":0.1", "\"uniqueItems\":true", "\"__proto__\"", "<call>", "</s>",
      "\\ud800", "\\u0000", "\xE2\x80\xAE", "\xFF", "\xED\xA0\x80", "(", ")*", "{1,9}", "$", "tomorrow", "at 7", "\n", "x"};

  uint64_t Random() {  // SplitMix64
    uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
  }
  size_t Below(size_t bound) { return static_cast<size_t>(Random() % bound); }

  void Change(std::string* text, const std::string& other) {
    const size_t at = Below(text->size() + 1), size = std::min(text->size() - at, 1 + Below(1u << Below(8)));
    switch (Below(9)) {
      case 0: case 1:
        if (at < text->size()) (*text)[at] ^= static_cast<char>(1u << Below(8));
        return;
      case 2:
        if (at < text->size()) (*text)[at] = static_cast<char>(Below(256));
        return;
      case 3: return void(text->erase(at, size));
      case 4: return void(text->insert(at, text->substr(at, size)));  // twice
      case 5: return void(text->insert(at, kWords[Below(kWords.size())]));
      case 6: return void(text->replace(at, size, kWords[Below(kWords.size())]));
      case 7: {  // a piece of another seed
        const size_t from = Below(other.size() + 1);
        return void(text->insert(at, other.substr(from, 1 + Below(60))));
      }
      default: return void(text->resize(at));  // cut short
    }
  }

  uint64_t state_;
};

}  // namespace needle_fuzz
