// SPDX-License-Identifier: Apache-2.0
#include "format/model_reader.h"

#include <algorithm>
#include <vector>

#include "base/noinline.h"
#include "simdjson.h"

namespace needle {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr uint64_t kMaxHeader = 16u << 20;
constexpr uint64_t kMaxDimension = 1u << 24;  // two of them times four bytes stay far below 2^64

Error Invalid(std::string message) { return {ErrorCode::kInvalidModel, std::move(message), ""}; }

struct Extent {
  uint64_t begin, end;
};

Status ReadShape(std::string_view name, const object& entry, TensorView* view, uint64_t* elements) {
  array shape;
  if (entry.at_key("shape").get_array().get(shape) != simdjson::SUCCESS || shape.size() < 1 || shape.size() > 2)
    return TensorError(name, "shape is not a list of one or two sizes");
  *elements = 1;
  for (element e : shape) {
    uint64_t n;
    if (e.get_uint64().get(n) != simdjson::SUCCESS || n < 1 || n > kMaxDimension)
      return TensorError(name, "a size in its shape is out of range");
    view->shape[view->rank++] = static_cast<uint32_t>(n);
    *elements *= n;
  }
  return Ok{};
}

Result<uint64_t> ReadDType(std::string_view name, const object& entry, DType* dtype) {
  std::string_view text;
  if (entry.at_key("dtype").get_string().get(text) != simdjson::SUCCESS) return TensorError(name, "it has no dtype");
  if (text == "F32") return *dtype = DType::kF32, uint64_t{4};
  if (text == "F16") return *dtype = DType::kF16, uint64_t{2};
  if (text == "U8") return *dtype = DType::kU8, uint64_t{1};
  return TensorError(name, "dtype " + std::string(text) + " is not one of F32, F16, U8");
}

Status ReadEntry(std::string_view name, const element& value, std::span<const uint8_t> data, TensorView* view,
                 Extent* extent) {
  object entry;
  array offsets;
  if (value.get_object().get(entry) != simdjson::SUCCESS) return TensorError(name, "its header entry is no object");
  auto element_size = ReadDType(name, entry, &view->dtype);
  if (!element_size.ok()) return element_size.error();
  uint64_t elements = 0;
  NEEDLE_RETURN_IF_ERROR(ReadShape(name, entry, view, &elements));
  if (entry.at_key("data_offsets").get_array().get(offsets) != simdjson::SUCCESS || offsets.size() != 2 ||
      offsets.at(0).get_uint64().get(extent->begin) != simdjson::SUCCESS ||
      offsets.at(1).get_uint64().get(extent->end) != simdjson::SUCCESS)
    return TensorError(name, "data_offsets is not a pair of numbers");
  if (extent->begin > extent->end || extent->end > data.size()) return TensorError(name, "it ends outside of the file");
  if (extent->end - extent->begin != elements * *element_size)
    return TensorError(name, "its bytes do not match its dtype and shape");
  view->bytes = data.subspan(extent->begin, extent->end - extent->begin);
  return Ok{};
}

/// Tensors cover the data exactly: whatever else stood in a file would go unchecked.
Status CheckCoverage(std::vector<Extent> extents, uint64_t size) {
  std::sort(extents.begin(), extents.end(), [](const Extent& a, const Extent& b) { return a.begin < b.begin; });
  uint64_t at = 0;
  for (const Extent& e : extents) {
    if (e.begin != at) return Invalid("the tensors overlap or leave gaps");
    at = e.end;
  }
  if (at != size) return Invalid("there are bytes behind the last tensor");
  return Ok{};
}

Status ReadMetadata(const element& value, std::map<std::string, std::string, std::less<>>* out) {
  object o;
  if (value.get_object().get(o) != simdjson::SUCCESS) return Invalid("__metadata__ is no object");
  for (const auto& field : o) {
    std::string_view text;
    if (field.value.get_string().get(text) != simdjson::SUCCESS)
      return Invalid("__metadata__ holds something that is not a string");
    out->insert_or_assign(std::string(field.key), std::string(text));
  }
  return Ok{};
}

}  // namespace

Error TensorError(std::string_view name, std::string_view what) {
  return Invalid("tensor " + std::string(name.substr(0, 100)) + ": " + std::string(what));
}

NEEDLE_NOINLINE Result<ModelFile> ModelFile::Parse(std::span<const uint8_t> file) {
  if (file.size() < 8) return Invalid("the file is too short to be a model");
  uint64_t header_size = 0;
  for (int i = 7; i >= 0; --i) header_size = header_size << 8 | file[i];
  if (header_size > kMaxHeader || header_size > file.size() - 8)
    return Invalid("the header does not fit into the file; it may be cut short, or no safetensors file");
  simdjson::dom::parser parser;
  object header;
  const char* text = reinterpret_cast<const char*>(file.data()) + 8;
  if (parser.parse(text, header_size).get_object().get(header) != simdjson::SUCCESS)
    return Invalid("the header is not a JSON object");
  const auto data = file.subspan(8 + header_size);
  ModelFile out;
  std::vector<Extent> extents;
  for (const auto& field : header) {
    if (field.key == "__metadata__") {
      NEEDLE_RETURN_IF_ERROR(ReadMetadata(field.value, &out.metadata_));
      continue;
    }
    TensorView view;
    Extent extent{};
    NEEDLE_RETURN_IF_ERROR(ReadEntry(field.key, field.value, data, &view, &extent));
    if (!out.tensors_.emplace(std::string(field.key), view).second) return TensorError(field.key, "it occurs twice");
    extents.push_back(extent);
  }
  NEEDLE_RETURN_IF_ERROR(CheckCoverage(std::move(extents), data.size()));
  if (const auto format = out.Metadata("format"); format != kModelFormat)
    return Error{ErrorCode::kUnsupportedModel, "the file's format is \"" + std::string(format.substr(0, 100)) +
                 "\"; this engine reads \"" + std::string(kModelFormat) + "\"", ""};
  return out;
}

const TensorView* ModelFile::Find(std::string_view name) const {
  const auto it = tensors_.find(name);
  return it == tensors_.end() ? nullptr : &it->second;
}

std::string_view ModelFile::Metadata(std::string_view key) const {
  const auto it = metadata_.find(key);
  return it == metadata_.end() ? std::string_view{} : std::string_view(it->second);
}

}  // namespace needle
