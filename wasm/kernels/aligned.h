// SPDX-License-Identifier: Apache-2.0
// Buffers that start on a cache line, so that a 16-byte vector never straddles two.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

namespace needle {

/// Aligns by itself, in a block a little larger. The library's aligned allocation asks the heap for more than it keeps, so
/// that a freed buffer's place never fits the next buffer of its size: with encodings coming and going, memory grew
/// without end.
template <class T>
struct AlignedAllocator {
  using value_type = T;
  static constexpr size_t kAlignment = 64;

  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) {}  // NOLINT: rebinding is implicit by design
  T* allocate(size_t n) {
    const uintptr_t block = reinterpret_cast<uintptr_t>(::operator new(n * sizeof(T) + kAlignment));
    const uintptr_t p = (block + kAlignment) & ~uintptr_t{kAlignment - 1};
    reinterpret_cast<uintptr_t*>(p)[-1] = block;  // there is room: blocks start at multiples of 8
    return reinterpret_cast<T*>(p);
  }
  void deallocate(T* p, size_t) {
    ::operator delete(reinterpret_cast<void*>(reinterpret_cast<uintptr_t*>(p)[-1]));
  }
  bool operator==(const AlignedAllocator&) const { return true; }
};

template <class T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

}  // namespace needle
