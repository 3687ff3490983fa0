// SPDX-License-Identifier: Apache-2.0
// The network against its golden vectors (models/needle_models/vectors.py): f32 against PyTorch, integers against the
// numpy reference; and what the design promises of it: results that do not depend on how tokens come in.
#include "model/model.h"

#include <algorithm>

#include "model/decoder.h"
#include "model/encoder.h"
#include "model_writer.h"
#include "test_main.h"

using namespace needle;

namespace {

std::vector<uint8_t> GoldenBytes(const char* name) {
  const std::string text = needle_test::ReadGolden(name);
  return {text.begin(), text.end()};
}

/// Tokens and expected results.
struct Vectors {
  std::vector<uint8_t> bytes = GoldenBytes("model_tiny_vectors.safetensors");
  ModelFile file = ModelFile::Parse(bytes).value();

  std::vector<float> Floats(const std::string& name) const {
    const TensorView* t = file.Find(name);
    if (!t) return {};
    std::vector<float> out(t->bytes.size() / 4);
    std::memcpy(out.data(), t->bytes.data(), t->bytes.size());
    return out;
  }
  std::vector<TokenId> Tokens(const std::string& name) const {
    const auto floats = Floats(name);
    return {floats.begin(), floats.end()};
  }
};

std::unique_ptr<Model> TinyModel(bool f32) {
  auto bytes = GoldenBytes("model_tiny.safetensors");
  if (f32) {
    const auto config = ParseModelConfig(ModelFile::Parse(bytes)->Metadata("config"));
    bytes = needle_test::Dequantized(needle_test::TakeApart(bytes), *config).Bytes();
  }
  auto model = Model::Load(bytes);
  if (!model.ok()) std::printf("%s\n", model.error().message.c_str());
  return std::move(*model);
}

double Largest(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size() || a.empty()) return HUGE_VAL;
  double worst = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double difference = std::fabs(double(a[i]) - b[i]);
    if (!(difference <= worst)) worst = difference;
  }
  return worst;
}

using Wanted = QueryEncoder::Wanted;

/// One example, encoded.
struct Example {
  Vectors vectors;
  std::unique_ptr<Model> model;
  Scratch scratch;
  std::vector<std::unique_ptr<ToolEncoding>> tools;
  std::vector<const ToolEncoding*> tool_list;
  std::unique_ptr<QueryEncoding> query;
  std::vector<TokenId> target = vectors.Tokens("target");

  explicit Example(bool f32) : model(TinyModel(f32)) {
    for (const char* name : {"tool.0", "tool.1", "tool.2"}) {
      tools.push_back(EncodeTool(*model, vectors.Tokens(name), scratch).value());
      tool_list.push_back(tools.back().get());
    }
    query = std::move(EncodeQuery(*model, vectors.Tokens("query"), Wanted::kEncoding, tool_list)->encoding);
  }

  /// Hidden states after each piece, `step` tokens at a time.
  std::vector<float> Decode(size_t step) {
    DecoderState state(*model);
    std::vector<float> out, hidden(model->config().d_model);
    for (size_t at = 0; at < target.size(); at += step) {
      const auto tokens = std::span<const TokenId>(target).subspan(at, std::min(step, target.size() - at));
      CHECK(DecodeTokens(*model, tool_list, *query, state, tokens, hidden, scratch).ok());
      out.insert(out.end(), hidden.begin(), hidden.end());
    }
    return out;
  }

  std::vector<float> AllLogits(const std::vector<float>& hidden) {
    const size_t d = model->config().d_model, vocab = model->config().vocab;
    std::vector<float> out(hidden.size() / d * vocab);
    for (size_t i = 0; i < hidden.size() / d; ++i)
      Logits(*model, std::span<const float>(hidden).subspan(i * d, d), {}, out.data() + i * vocab, scratch);
    return out;
  }
};

void CheckAgainstGolden(bool f32) {
  Example e(f32);
  const std::string prefix = f32 ? "f32." : "int.";
  const auto hidden = e.Decode(1);
  std::vector<float> tool_vectors;
  for (const auto& tool : e.tools) tool_vectors.insert(tool_vectors.end(), tool->vector.begin(), tool->vector.end());
  const auto query_vector = EncodeQuery(*e.model, e.vectors.Tokens("query"), Wanted::kVector, {})->vector;
  CHECK_NEAR(Largest(e.query->output, e.vectors.Floats(prefix + "query")), 0, 1e-3);
  CHECK_NEAR(Largest(hidden, e.vectors.Floats(prefix + "hidden")), 0, 1e-3);
  CHECK_NEAR(Largest(e.AllLogits(hidden), e.vectors.Floats(prefix + "logits")), 0, 1e-3);
  CHECK_NEAR(Largest(tool_vectors, e.vectors.Floats(prefix + "tool_vectors")), 0, 1e-3);
  CHECK_NEAR(Largest(query_vector, e.vectors.Floats(prefix + "query_vector")), 0, 1e-3);
}

}  // namespace

TEST(FloatEngineMatchesPyTorch) { CheckAgainstGolden(true); }

TEST(IntegerEngineMatchesItsReference) { CheckAgainstGolden(false); }

TEST(IntegerEngineEqualsItsReferenceBitForBit) {
  Example e(false);
  CHECK_EQ(Largest(e.AllLogits(e.Decode(1)), e.vectors.Floats("int.logits")), 0.0);
}

TEST(DecodingInBatchesGivesTheSameBits) {
  for (bool f32 : {false, true}) {
    Example e(f32);
    const size_t d = e.model->config().d_model;
    const auto one = e.Decode(1);
    for (size_t step : {2, 3, 5, 7, 12}) {
      const auto many = e.Decode(step);
      for (size_t i = 0; i < many.size() / d; ++i) {
        const size_t last = std::min((i + 1) * step, e.target.size()) - 1;
        CHECK(std::memcmp(&many[i * d], &one[last * d], d * sizeof(float)) == 0);
      }
    }
  }
}

TEST(LogitsOfChosenTokensAreThoseOfAllTokens) {
  for (bool f32 : {false, true}) {
    Example e(f32);
    const auto hidden = e.Decode(e.target.size());
    const auto all = e.AllLogits(hidden);
    const std::vector<TokenId> only = {319, 0, 17, 18, 300};
    std::vector<float> some(only.size());
    Logits(*e.model, hidden, only, some.data(), e.scratch);
    for (size_t i = 0; i < only.size(); ++i) CHECK(some[i] == all[only[i]]);
  }
}

TEST(AToolsEncodingDependsOnItAlone) {
  Example e(false);
  Scratch fresh;
  const auto again = EncodeTool(*e.model, e.vectors.Tokens("tool.1"), fresh).value();
  CHECK(again->vector == e.tools[1]->vector);
  CHECK_EQ(again->size_bytes, e.tools[1]->size_bytes);
  const ModelConfig& c = e.model->config();
  const size_t keys = static_cast<size_t>(c.kv_size()) * ((again->num_tokens + 3) & ~3);
  for (int l = 0; l < c.enc_layers; ++l) {
    CHECK(std::memcmp(again->enc[l].view().k8, e.tools[1]->enc[l].view().k8, keys) == 0);
    CHECK(std::memcmp(again->enc[l].view().v8, e.tools[1]->enc[l].view().v8, keys) == 0);
  }
}

TEST(VectorAndEncodingAreTheSameTogetherAsApart) {
  for (const bool f32 : {false, true}) {
    Example e(f32);
    const auto tokens = e.vectors.Tokens("query");
    const auto vector = EncodeQuery(*e.model, tokens, Wanted::kVector, {}), both = EncodeQuery(*e.model, tokens, Wanted::kBoth, e.tool_list);
    CHECK(!vector->encoding && !vector->vector.empty());
    CHECK(both->vector == vector->vector);
    CHECK(both->encoding->output == e.query->output);
    CHECK_EQ(both->encoding->num_tokens, e.query->num_tokens);
  }
}

TEST(ADecoderStateCanBeResetAndBranched) {
  Example e(false);
  const auto tokens = std::span<const TokenId>(e.target);
  std::vector<float> a(e.model->config().d_model), b(a);
  DecoderState state(*e.model);
  CHECK(DecodeTokens(*e.model, e.tool_list, *e.query, state, tokens.first(4), a, e.scratch).ok());
  DecoderState branch = state;
  CHECK(DecodeTokens(*e.model, e.tool_list, *e.query, branch, tokens.subspan(5, 2), b, e.scratch).ok());
  CHECK(DecodeTokens(*e.model, e.tool_list, *e.query, state, tokens.subspan(4, 2), a, e.scratch).ok());
  state.Reset();
  CHECK_EQ(state.position(), 0);
  CHECK(DecodeTokens(*e.model, e.tool_list, *e.query, state, tokens.first(6), b, e.scratch).ok());
  CHECK(a == b);
}

TEST(BlocksAndTokensOutOfRangeAreRefused) {
  Example e(false);
  const std::vector<TokenId> long_tool(257, 5), long_query(129, 5), foreign = {5, 320}, negative = {-1};
  CHECK(EncodeTool(*e.model, long_tool, e.scratch).error().code == ErrorCode::kToolTooLong);
  CHECK(EncodeQuery(*e.model, long_query, Wanted::kBoth, e.tool_list).error().code == ErrorCode::kQueryTooLong);
  CHECK(EncodeTool(*e.model, foreign, e.scratch).error().code == ErrorCode::kInvalidArgument);
  CHECK(EncodeTool(*e.model, negative, e.scratch).error().code == ErrorCode::kInvalidArgument);
  CHECK(EncodeTool(*e.model, {}, e.scratch).error().code == ErrorCode::kInvalidArgument);
  DecoderState state(*e.model);
  std::vector<float> hidden(e.model->config().d_model);
  const std::vector<TokenId> answer(257, 5);
  CHECK(DecodeTokens(*e.model, e.tool_list, *e.query, state, answer, hidden, e.scratch).error().code ==
        ErrorCode::kTruncated);
  CHECK_EQ(state.position(), 0);
}

TEST(NoToolsIsAFairQuestion) {
  Example e(false);
  const auto query = EncodeQuery(*e.model, e.vectors.Tokens("query"), Wanted::kEncoding, {});
  DecoderState state(*e.model);
  std::vector<float> hidden(e.model->config().d_model);
  CHECK(DecodeTokens(*e.model, {}, *query->encoding, state, e.target, hidden, e.scratch).ok());
}

TEST(ModelSaysWhatItIs) {
  const auto model = TinyModel(false);
  CHECK_EQ(model->name(), "tiny");
  CHECK_EQ(model->version(), "1.0.0");
  CHECK_EQ(model->config().d_model, 64);
  CHECK(model->calibration().present);
  CHECK_EQ(model->calibration().call.w[5], 6.0);
  CHECK_EQ(model->calibration().none.b, -1.0);
  CHECK_EQ(int{model->tokenizer_bytes()[4]} + 256 * model->tokenizer_bytes()[5], 320);  // its count of pieces
  CHECK_EQ(model->num_parameters(), int64_t{320 * 64 + 16 * 64 + 6 * (24576 + 64 + 64 + 2 + 1) + 2 * 64});
}
