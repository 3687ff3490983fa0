// SPDX-License-Identifier: Apache-2.0
#include "model/weights.h"

#include <cstring>
#include <string>

#include "base/noinline.h"
#include "kernels/math.h"
#include "kernels/quant_layout.h"

namespace needle {
namespace {

/// F32 or F16, unaligned, to f32.
NEEDLE_NOINLINE AlignedVector<float> Floats(const TensorView& t) {
  const size_t n = t.bytes.size() / (t.dtype == DType::kF32 ? 4 : 2);
  AlignedVector<float> out(n);
  if (t.dtype == DType::kF32) {
    std::memcpy(out.data(), t.bytes.data(), t.bytes.size());  // little-endian, as every target is
    return out;
  }
  for (size_t i = 0; i < n; ++i)
    out[i] = FloatFromHalf(static_cast<uint16_t>(t.bytes[2 * i] | t.bytes[2 * i + 1] << 8));
  return out;
}

NEEDLE_NOINLINE Matrix MakeMatrix(const ModelFile& file, const std::string& name, int rows, int cols) {
  Matrix m;
  m.rows = rows;
  m.cols = cols;
  if (const TensorView* plain = file.Find(name)) {
    m.f32 = Floats(*plain);
    return m;
  }
  m.scale = Floats(*file.Find(name + ".scale"));
  if (const TensorView* q7 = file.Find(name + ".q7")) {
    m.form = Matrix::Form::kQ7;
    m.packed.resize(PackedSize(rows, cols));
    PackQ7(q7->bytes.data(), rows, cols, m.packed.data());
    return m;
  }
  const uint8_t* codes = file.Find(name + ".q4")->bytes.data();
  const uint8_t* multipliers = file.Find(name + ".mul")->bytes.data();
  // Rows are taken out of an embedding one by one, and a panel of q4 keeps none together.
  m.form = PairSumsPay() && name != "embed" ? Matrix::Form::kQ4 : Matrix::Form::kQ7;
  if (m.form == Matrix::Form::kQ4) {
    m.packed.resize(PackedSizeQ4(rows, cols));
    PackQ4(codes, multipliers, rows, cols, m.packed.data());
  } else {
    m.packed.resize(PackedSize(rows, cols));
    ExpandQ4(codes, multipliers, rows, cols, m.packed.data());
  }
  return m;
}

AttentionWeights MakeAttention(const ModelFile& file, const ModelConfig& c, const std::string& prefix) {
  AttentionWeights w;
  w.norm = Floats(*file.Find(prefix + ".norm"));
  w.q = MakeMatrix(file, prefix + ".q", c.q_size(), c.d_model);
  w.k = MakeMatrix(file, prefix + ".k", c.kv_size(), c.d_model);
  w.v = MakeMatrix(file, prefix + ".v", c.kv_size(), c.d_model);
  w.o = MakeMatrix(file, prefix + ".o", c.d_model, c.q_size());
  w.q_norm = Floats(*file.Find(prefix + ".q_norm"));
  w.k_norm = Floats(*file.Find(prefix + ".k_norm"));
  if (c.smear) w.smear = Floats(*file.Find(prefix + ".smear"));
  w.gate = Sigmoid(Floats(*file.Find(prefix + ".gate"))[0]);
  return w;
}

}  // namespace

NEEDLE_NOINLINE Weights MakeWeights(const ModelFile& file, const ModelConfig& c) {
  Weights w;
  w.embed = MakeMatrix(file, "embed", c.vocab, c.d_model);
  w.retrieval = MakeMatrix(file, "retrieval", c.retrieval_dim, c.d_model);
  for (int l = 0; l < c.enc_layers; ++l) w.enc.push_back(MakeAttention(file, c, "enc." + std::to_string(l)));
  for (int l = 0; l < c.dec_layers; ++l) {
    const std::string prefix = "dec." + std::to_string(l);
    w.dec.push_back({MakeAttention(file, c, prefix + ".self"), MakeAttention(file, c, prefix + ".cross")});
  }
  w.enc_norm = Floats(*file.Find("enc.norm"));
  w.dec_norm = Floats(*file.Find("dec.norm"));
  w.rope_cos = Floats(*file.Find("rope.cos"));
  w.rope_sin = Floats(*file.Find("rope.sin"));
  w.integer = w.enc[0].k.form != Matrix::Form::kF32;
  return w;
}

}  // namespace needle
