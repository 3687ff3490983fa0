// SPDX-License-Identifier: Apache-2.0
#include "format/tensor_table.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "base/noinline.h"
#include "kernels/quant_layout.h"

namespace needle {
namespace {

using Used = std::set<std::string, std::less<>>;

void AddAttention(const ModelConfig& c, const std::string& prefix, std::vector<TensorSpec>* out) {
  out->push_back({TensorSpec::kVector, prefix + ".norm", c.d_model, 1});
  out->push_back({TensorSpec::kMatrix, prefix + ".q", c.q_size(), c.d_model});
  out->push_back({TensorSpec::kMatrix, prefix + ".k", c.kv_size(), c.d_model});
  out->push_back({TensorSpec::kMatrix, prefix + ".v", c.kv_size(), c.d_model});
  out->push_back({TensorSpec::kMatrix, prefix + ".o", c.d_model, c.q_size()});
  out->push_back({TensorSpec::kVector, prefix + ".q_norm", c.head_dim, 1});
  out->push_back({TensorSpec::kVector, prefix + ".k_norm", c.head_dim, 1});
  if (c.smear) out->push_back({TensorSpec::kVector, prefix + ".smear", c.kv_heads, 1});
  out->push_back({TensorSpec::kVector, prefix + ".gate", 1, 1});
}

/// Finite floats, by their exponent bits; with `non_negative` also no sign.
template <class Bits>
NEEDLE_NOINLINE bool FloatsAreSound(std::span<const uint8_t> bytes, Bits exponent, Bits sign, bool non_negative) {
  for (size_t at = 0; at < bytes.size(); at += sizeof(Bits)) {
    Bits bits;
    std::memcpy(&bits, bytes.data() + at, sizeof bits);  // little-endian, as every target is
    if ((bits & exponent) == exponent) return false;
    if (non_negative && (bits & sign) && bits != sign) return false;
  }
  return true;
}

bool FloatsAreSound(const TensorView& t, bool non_negative) {
  if (t.dtype == DType::kF32) return FloatsAreSound<uint32_t>(t.bytes, 0x7F800000u, 0x80000000u, non_negative);
  return FloatsAreSound<uint16_t>(t.bytes, 0x7C00u, 0x8000u, non_negative);
}

/// Whether no byte has a bit of `mask` set and, where `non_zero`, none is 0. Eight at a time: a megabyte is checked at load,
/// by code that has just been compiled in haste.
NEEDLE_NOINLINE bool BytesAreSound(std::span<const uint8_t> bytes, uint8_t mask, bool non_zero) {
  constexpr uint64_t kOnes = 0x0101010101010101u;
  uint64_t bad = 0;
  for (size_t at = 0; at < bytes.size(); at += 8) {
    uint64_t eight = kOnes;
    std::memcpy(&eight, bytes.data() + at, std::min<size_t>(8, bytes.size() - at));
    bad |= eight & (kOnes * mask);
    if (non_zero) bad |= (eight - kOnes) & ~eight & (kOnes * 0x80);
  }
  return bad == 0;
}

Status CheckOne(const ModelFile& file, const std::string& name, bool is_float, uint32_t rows, uint32_t cols,
                Used* used) {
  const TensorView* t = file.Find(name);
  if (!t) return TensorError(name, "it is missing");
  if (is_float == (t->dtype == DType::kU8))
    return TensorError(name, is_float ? "it must be F32 or F16" : "it must be U8");
  const int rank = cols == 0 ? 1 : 2;
  if (t->rank != rank || t->shape[0] != rows || (rank == 2 && t->shape[1] != cols))
    return TensorError(name, "its shape does not fit the config");
  if (is_float && !FloatsAreSound(*t, false)) return TensorError(name, "it holds infinities or NaNs");
  used->insert(name);
  return Ok{};
}

Status CheckScale(const ModelFile& file, const std::string& name, uint32_t rows, Used* used) {
  NEEDLE_RETURN_IF_ERROR(CheckOne(file, name, true, rows, 0, used));
  if (!FloatsAreSound(*file.Find(name), true)) return TensorError(name, "it holds negative scales");
  return Ok{};
}

Status CheckMatrix(const ModelFile& file, const TensorSpec& spec, Used* used) {
  const auto rows = static_cast<uint32_t>(spec.rows), cols = static_cast<uint32_t>(spec.cols);
  const bool plain = file.Find(spec.name), q4 = file.Find(spec.name + ".q4"), q7 = file.Find(spec.name + ".q7");
  if (plain + q4 + q7 > 1) return TensorError(spec.name, "it is stored in more than one form");
  if (plain) return CheckOne(file, spec.name, true, rows, cols, used);
  if (!q4 && !q7) return TensorError(spec.name, "it is missing");
  NEEDLE_RETURN_IF_ERROR(CheckScale(file, spec.name + ".scale", rows, used));
  if (q7) {
    NEEDLE_RETURN_IF_ERROR(CheckOne(file, spec.name + ".q7", false, rows, cols, used));
    static_assert(kQ7Max == 0x7F);
    if (!BytesAreSound(file.Find(spec.name + ".q7")->bytes, 0x80, true)) return TensorError(spec.name + ".q7", "it holds a code outside 1..127");
    return Ok{};
  }
  NEEDLE_RETURN_IF_ERROR(CheckOne(file, spec.name + ".q4", false, rows, cols / 2, used));
  NEEDLE_RETURN_IF_ERROR(CheckOne(file, spec.name + ".mul", false, rows, cols / (2 * kQuantGroup), used));
  if (!BytesAreSound(file.Find(spec.name + ".mul")->bytes, 0x88, false)) return TensorError(spec.name + ".mul", "it holds a multiplier outside 1..8");
  return Ok{};
}

}  // namespace

std::vector<TensorSpec> TensorTable(const ModelConfig& c) {
  std::vector<TensorSpec> out;
  out.push_back({TensorSpec::kMatrix, "embed", c.vocab, c.d_model});
  for (int l = 0; l < c.enc_layers; ++l) AddAttention(c, "enc." + std::to_string(l), &out);
  out.push_back({TensorSpec::kVector, "enc.norm", c.d_model, 1});
  for (int l = 0; l < c.dec_layers; ++l) {
    AddAttention(c, "dec." + std::to_string(l) + ".self", &out);
    AddAttention(c, "dec." + std::to_string(l) + ".cross", &out);
  }
  out.push_back({TensorSpec::kVector, "dec.norm", c.d_model, 1});
  out.push_back({TensorSpec::kMatrix, "retrieval", c.retrieval_dim, c.d_model});
  out.push_back({TensorSpec::kTable, "rope.cos", c.max_position, c.head_dim / 2});
  out.push_back({TensorSpec::kTable, "rope.sin", c.max_position, c.head_dim / 2});
  return out;
}

NEEDLE_NOINLINE Status CheckTensors(const ModelFile& file, const ModelConfig& config) {
  Used used;
  for (const TensorSpec& spec : TensorTable(config)) {
    if (spec.kind == TensorSpec::kMatrix) {
      NEEDLE_RETURN_IF_ERROR(CheckMatrix(file, spec, &used));
    } else {
      const uint32_t cols = spec.kind == TensorSpec::kVector ? 0 : static_cast<uint32_t>(spec.cols);
      NEEDLE_RETURN_IF_ERROR(CheckOne(file, spec.name, true, static_cast<uint32_t>(spec.rows), cols, &used));
    }
  }
  const TensorView* tokenizer = file.Find("tokenizer");
  if (!tokenizer || tokenizer->dtype != DType::kU8 || tokenizer->rank != 1)
    return TensorError("tokenizer", "it is missing or not U8 [n]");
  used.insert("tokenizer");
  for (const auto& [name, view] : file.tensors())
    if (!used.count(name))
      return Error{ErrorCode::kUnsupportedModel, "tensor " + name.substr(0, 100) + ": this engine does not know it",
                   ""};
  return Ok{};
}

}  // namespace needle
