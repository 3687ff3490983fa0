// SPDX-License-Identifier: Apache-2.0
// Keys and values of one layer and one block of tokens, in the layout that the attention kernels read (kernels.h,
// KvView). int8 with one scale per token and kv head for tools, whose caches are many and long-lived; f32 for the
// query and for what the decoder has written.
#pragma once

#include "kernels/aligned.h"
#include "kernels/kernels.h"

namespace needle {

class KvCache {
 public:
  KvCache() = default;
  KvCache(int kv_heads, int head_dim, bool int8) : kv_heads_(kv_heads), head_dim_(head_dim), int8_(int8) {}

  /// k, v [n, kv_heads * head_dim], finished (smeared, normed, rotated).
  void Append(const float* k, const float* v, int n);
  /// Makes room for exactly this many keys, so that a cache of known length wastes nothing.
  void Reserve(int num_keys);
  /// Forgets the keys, keeps the room.
  void Clear() { num_keys_ = 0; }

  int num_keys() const { return num_keys_; }
  size_t size_bytes() const;
  KvView view() const { return view(num_keys_); }
  /// Only the first `num_keys`: what a token at that position may see.
  KvView view(int num_keys) const;

 private:
  void Store(int t, int head, const float* k, const float* v);
  void StoreInt8(int t, int head, const float* k, const float* v);

  int kv_heads_ = 0;
  int head_dim_ = 0;
  bool int8_ = false;
  int num_keys_ = 0;
  int capacity_ = 0;                          // a multiple of 4
  AlignedVector<float> k_, v_;                // layouts: KvView
  AlignedVector<int8_t> k8_, v8_;
  AlignedVector<float> k_scale_, v_scale_;
};

}  // namespace needle
