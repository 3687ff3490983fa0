// SPDX-License-Identifier: Apache-2.0
#include "model/kv_cache.h"

#include <algorithm>

namespace needle {
namespace {

/// Moves every kv head's first `used` elements to where they lie at the new capacity. Layouts are head-major, so a head
/// is one run of elements in each of them.
template <class T>
void Grow(AlignedVector<T>* data, int heads, size_t old_head, size_t new_head) {
  AlignedVector<T> out(heads * new_head, T{});
  for (int h = 0; h < heads; ++h)
    std::copy_n(data->data() + h * old_head, old_head, out.data() + h * new_head);
  data->swap(out);
}

}  // namespace

void KvCache::Reserve(int num_keys) {
  const int capacity = (num_keys + 3) & ~3;
  if (capacity <= capacity_) return;
  const size_t before = static_cast<size_t>(capacity_) * head_dim_, after = static_cast<size_t>(capacity) * head_dim_;
  if (int8_) {
    Grow(&k8_, kv_heads_, before, after);
    Grow(&v8_, kv_heads_, before, after);
    Grow(&k_scale_, kv_heads_, capacity_, capacity);
    Grow(&v_scale_, kv_heads_, capacity_, capacity);
  } else {
    Grow(&k_, kv_heads_, before, after);
    Grow(&v_, kv_heads_, before, after);
  }
  capacity_ = capacity;
}

void KvCache::Append(const float* k, const float* v, int n) {
  if (num_keys_ + n > capacity_) Reserve(std::max({num_keys_ + n, 2 * capacity_, 32}));
  for (int t = 0; t < n; ++t)
    for (int h = 0; h < kv_heads_; ++h, k += head_dim_, v += head_dim_)
      int8_ ? StoreInt8(num_keys_ + t, h, k, v) : Store(num_keys_ + t, h, k, v);
  num_keys_ += n;
}

void KvCache::Store(int t, int head, const float* k, const float* v) {
  const size_t base = static_cast<size_t>(head) * capacity_ * head_dim_;
  float* key = k_.data() + base + static_cast<size_t>(t / 4) * 4 * head_dim_ + t % 4;
  for (int j = 0; j < head_dim_; ++j) key[4 * j] = k[j];
  std::copy_n(v, head_dim_, v_.data() + base + static_cast<size_t>(t) * head_dim_);
}

void KvCache::StoreInt8(int t, int head, const float* k, const float* v) {
  const size_t base = static_cast<size_t>(head) * capacity_ * head_dim_;
  const size_t at = static_cast<size_t>(head) * capacity_ + t;
  int8_t row[64];  // head_dim is at most 64
  int32_t sum;
  QuantizeRows(k, 1, head_dim_, row, &k_scale_[at], &sum);
  int8_t* key = k8_.data() + base + static_cast<size_t>(t / 4) * 4 * head_dim_ + 2 * (t % 4);
  for (int j = 0; j < head_dim_; j += 2) std::copy_n(row + j, 2, key + 4 * j);
  QuantizeRows(v, 1, head_dim_, row, &v_scale_[at], &sum);
  int8_t* value = v8_.data() + base + static_cast<size_t>(t / 2) * 2 * head_dim_ + t % 2;
  for (int j = 0; j < head_dim_; ++j) value[2 * j] = row[j];
}

size_t KvCache::size_bytes() const {
  return (k_.size() + v_.size()) * sizeof(float) + k8_.size() + v8_.size() +
         (k_scale_.size() + v_scale_.size()) * sizeof(float);
}

KvView KvCache::view(int num_keys) const {
  KvView out;
  if (int8_) {
    out.k8 = k8_.data();
    out.v8 = v8_.data();
    out.k_scale = k_scale_.data();
    out.v_scale = v_scale_.data();
  } else {
    out.k = k_.data();
    out.v = v_.data();
  }
  out.num_keys = num_keys;
  out.capacity = capacity_;
  return out;
}

}  // namespace needle
