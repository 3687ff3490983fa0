// SPDX-License-Identifier: Apache-2.0
#include "model/model.h"

#include "base/noinline.h"
#include "format/model_reader.h"
#include "format/tensor_table.h"

namespace needle {

NEEDLE_NOINLINE Result<std::unique_ptr<Model>> Model::Load(std::span<const uint8_t> bytes) {
  auto file = ModelFile::Parse(bytes);
  if (!file.ok()) return std::move(file.error());
  auto config = ParseModelConfig(file->Metadata("config"));
  if (!config.ok()) return std::move(config.error());
  const std::string_view calibration_json = file->Metadata("calibration");
  auto calibration = ParseCalibration(calibration_json.empty() ? "{}" : calibration_json);
  if (!calibration.ok()) return std::move(calibration.error());
  NEEDLE_RETURN_IF_ERROR(CheckTensors(*file, *config));

  std::unique_ptr<Model> model(new Model);
  model->weights_ = MakeWeights(*file, *config);
  const auto tokenizer = file->Find("tokenizer")->bytes;
  model->tokenizer_.assign(tokenizer.begin(), tokenizer.end());
  model->name_ = std::string(file->Metadata("name"));
  model->version_ = std::string(file->Metadata("version"));
  model->licence_ = std::string(file->Metadata("licence"));
  for (const TensorSpec& spec : TensorTable(*config))
    if (spec.kind != TensorSpec::kTable) model->num_parameters_ += int64_t{spec.rows} * spec.cols;
  model->file_bytes_ = bytes.size();
  model->config_ = std::move(*config);
  model->calibration_ = std::move(*calibration);
  return model;
}

Status Model::CheckTokens(std::span<const TokenId> tokens) const {
  for (const TokenId token : tokens)
    if (token < 0 || token >= config_.vocab)
      return Error{ErrorCode::kInvalidArgument, "token " + std::to_string(token) + " is not in the vocabulary", ""};
  return Ok{};
}

}  // namespace needle
