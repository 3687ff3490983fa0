// SPDX-License-Identifier: Apache-2.0
#include "out_of_memory.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace needle {
namespace {

std::atomic<bool> has_run_out = false;

[[noreturn]] void RunOut() {
  has_run_out.store(true);
  __builtin_trap();
}

}  // namespace

void TrapWhereMemoryEnds() { std::set_new_handler(RunOut); }

bool HasRunOutOfMemory() { return has_run_out.load(); }

void RequireRoom(size_t size_bytes) {
  void* volatile room = std::malloc(size_bytes);  // volatile: a compiler may leave out a malloc whose memory nobody uses
  if (room == nullptr) RunOut();
  std::free(room);
}

}  // namespace needle
