// SPDX-License-Identifier: Apache-2.0
// Where memory ends. Exceptions are off, and nothing could go on from the middle of an allocation: the thread traps, and
// whoever owns the engine learns from HasRunOutOfMemory() why.
#pragma once

#include <cstddef>

namespace needle {

/// From now on an allocation that fails traps, outside of the allocator, so that other threads can still allocate.
void TrapWhereMemoryEnds();

/// Whether one has, on any thread.
bool HasRunOutOfMemory();

/// Traps where no piece of `size_bytes` is left: before an allocation by code that does not look whether it failed.
void RequireRoom(size_t size_bytes);

}  // namespace needle
