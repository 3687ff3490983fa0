// SPDX-License-Identifier: Apache-2.0
// What every session of an engine reads and none changes: the loaded model, its tokenizer, and what the grammar derives
// from the vocabulary. Stays where it is once made: the grammar points into it.
#pragma once

#include <memory>
#include <utility>

#include "grammar/grammar_vocab.h"
#include "model/model.h"
#include "tokenizer/tokenizer.h"

namespace needle {

struct Runtime {
  Runtime(std::unique_ptr<const Model> loaded, Tokenizer parsed)
      : model(std::move(loaded)), tokenizer(std::move(parsed)), vocab(GrammarVocab::Make(tokenizer)) {}
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  const std::unique_ptr<const Model> model;
  const Tokenizer tokenizer;
  const std::shared_ptr<const GrammarVocab> vocab;
};

}  // namespace needle
