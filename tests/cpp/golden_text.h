// SPDX-License-Identifier: Apache-2.0
// Reading the line-based golden files of tokenizer_vectors.py: fields between tabs, every byte outside printable ASCII
// (and the backslash) as \xHH, because they hold NUL and malformed UTF-8.
#pragma once

#include <cstdint>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace needle_test {

inline std::string Unescaped(std::string_view text) {
  const auto digit = [](char c) { return static_cast<uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10); };
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && text[i + 1] == 'x') {
      out.push_back(static_cast<char>(digit(text[i + 2]) << 4 | digit(text[i + 3])));
      i += 3;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

/// The lines of a file, each as its fields.
inline std::vector<std::vector<std::string>> Fields(const std::string& file) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string>& row = rows.emplace_back(1);
    for (const char c : line) {
      if (c == '\t') {
        row.emplace_back();
      } else {
        row.back().push_back(c);
      }
    }
  }
  return rows;
}

inline std::span<const uint8_t> AsBytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// FNV-1a over 32-bit values, as tokenizer_vectors.py has it.
struct Checksum {
  uint64_t state = 14695981039346656037ull;
  void Add(uint32_t value) { state = (state ^ value) * 1099511628211ull; }
};

}  // namespace needle_test
