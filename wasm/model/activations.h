// SPDX-License-Identifier: Apache-2.0
// All scratch memory of a forward pass: what flows. One per engine is enough, because nothing in it outlives a call
// except where a caller keeps a QueryEncoder going; then that encoder has its own. Buffers only grow.
#pragma once

#include <vector>

#include "base/thread_pool.h"
#include "format/model_config.h"
#include "kernels/aligned.h"
#include "kernels/kernels.h"
#include "model/kv_cache.h"

namespace needle {

/// What one thread needs to attend.
struct ScoreScratch {
  AlignedVector<float> scores;     // [4, keys]; then the weights
  AlignedVector<int16_t> weights;  // [4, keys of int8 caches]
};

struct Scratch {
  ThreadPool* threads = nullptr;   // who helps with what is large; none: nobody
  AlignedVector<float> x;         // [n, d]             the residual stream
  AlignedVector<float> h;         // [n, d]             its norm
  AlignedVector<float> q;         // [n, heads * hd]
  AlignedVector<float> k, v;      // [n, kv_heads * hd]
  AlignedVector<float> attended;  // [n, heads * hd]
  AlignedVector<float> y;         // [n, d]             what a layer adds
  AlignedVector<int8_t> q8;       // [n, max(d, heads * hd)] activations in front of a matrix
  AlignedVector<float> q8_scale;  // [n]
  AlignedVector<int32_t> q8_sum;  // [n]
  AlignedVector<int32_t> q8_zeros;  // [n, max(d, heads * hd) / 32]
  std::vector<ScoreScratch> score;  // [threads]
  KvCache block[2];               // f32 keys and values of the blocks being encoded
  std::vector<KvView> segments;   // what the current attention reads, in order

  void Reserve(const ModelConfig& c, int n) {
    const auto at_least = [](auto& buffer, size_t size) {
      if (buffer.size() < size) buffer.resize(size);
    };
    const size_t rows = static_cast<size_t>(n), d = static_cast<size_t>(c.d_model);
    const size_t q_size = static_cast<size_t>(c.q_size()), kv_size = static_cast<size_t>(c.kv_size());
    at_least(x, rows * d);
    at_least(h, rows * d);
    at_least(y, rows * d);
    at_least(q, rows * q_size);
    at_least(attended, rows * q_size);
    at_least(k, rows * kv_size);
    at_least(v, rows * kv_size);
    at_least(q8, rows * (d > q_size ? d : q_size));
    at_least(q8_scale, rows);
    at_least(q8_sum, rows);
    at_least(q8_zeros, rows * (d > q_size ? d : q_size) / kQuantGroup);
  }
};

}  // namespace needle
