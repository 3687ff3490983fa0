// SPDX-License-Identifier: Apache-2.0
// libFuzzer's door to one target, which the build names.
#include "targets.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  needle_fuzz::NEEDLE_FUZZ_TARGET({data, size});
  return 0;
}
