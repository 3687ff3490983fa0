// SPDX-License-Identifier: Apache-2.0
// A test runner of one header: TEST(Name) { CHECK(...); CHECK_EQ(a, b); } registers a test; main() runs them all,
// or those whose name contains argv[1], and prints "N passed, M failed". Included by exactly one file per
// executable; it may print and keep static state because it never ships.
#pragma once

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#ifndef NEEDLE_GOLDEN_DIR
#define NEEDLE_GOLDEN_DIR "tests/golden"
#endif

namespace needle_test {

struct Test {
  const char* name;
  void (*run)();
};

inline std::vector<Test>& Tests() {
  static std::vector<Test> tests;
  return tests;
}
inline int& Failures() {
  static int failures = 0;
  return failures;
}

struct Register {
  Register(const char* name, void (*run)()) { Tests().push_back({name, run}); }
};

template <class T>
std::string Show(const T& value) {
  if constexpr (requires(std::ostringstream& out) { out << value; }) {
    std::ostringstream out;
    out << value;
    return out.str();
  } else {
    return "(unprintable)";
  }
}

inline void Fail(const char* file, int line, const std::string& what) {
  std::printf("  %s:%d: %s\n", file, line, what.c_str());
  ++Failures();
}

/// The whole of tests/golden/<name>; the test fails loudly when the file is not there.
inline std::string ReadGolden(const std::string& name) {
  std::ifstream in(std::string(NEEDLE_GOLDEN_DIR) + "/" + name, std::ios::binary);
  if (!in) Fail(__FILE__, __LINE__, "no golden file " + name);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace needle_test

#define TEST(name)                                                         \
  static void Test_##name();                                               \
  static const needle_test::Register register_##name(#name, &Test_##name); \
  static void Test_##name()

#define CHECK(condition)                                                             \
  do {                                                                               \
    if (!(condition)) needle_test::Fail(__FILE__, __LINE__, "CHECK(" #condition ")"); \
  } while (0)

#define CHECK_EQ(a, b)                                                                                    \
  do {                                                                                                    \
    const auto check_a_ = (a);                                                                           \
    const auto check_b_ = (b);                                                                           \
    if (!(check_a_ == check_b_))                                                                          \
      needle_test::Fail(__FILE__, __LINE__, std::string("CHECK_EQ(" #a ", " #b "): ") +                   \
                                                needle_test::Show(check_a_) + " != " + needle_test::Show(check_b_)); \
  } while (0)

#define CHECK_NEAR(a, b, tolerance)                                                                           \
  do {                                                                                                        \
    const double check_a_ = (a), check_b_ = (b);                                                              \
    if (!(std::fabs(check_a_ - check_b_) <= (tolerance)))                                                     \
      needle_test::Fail(__FILE__, __LINE__, std::string("CHECK_NEAR(" #a ", " #b "): ") +                     \
                                                needle_test::Show(check_a_) + " vs " + needle_test::Show(check_b_)); \
  } while (0)

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IONBF, 0);  // what was said before a crash is what explains it
  int passed = 0, failed = 0;
  for (const auto& test : needle_test::Tests()) {
    if (argc > 1 && !std::strstr(test.name, argv[1])) continue;
    const int before = needle_test::Failures();
    test.run();
    const bool ok = needle_test::Failures() == before;
    ok ? ++passed : ++failed;
    if (!ok) std::printf("FAILED %s\n", test.name);
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}
