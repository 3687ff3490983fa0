// SPDX-License-Identifier: Apache-2.0
// What the network reads: the block of a tool, from its shown name, description and schema, and the block of a request.
// Mirrors the first half of models/needle_models/call_language.py; tests/golden/call_language.jsonl holds both to it:
//   tool  := <tool> name [<desc> text] field*
//   field := <arg> key [<req>] shape [<desc> text]
//   shape := (nothing: plain string) | <enum> v (<item> v)* | <type> t | <type> list shape | <obj> field* <end>
//   query := (<desc> fact)* (<desc> "before: " turn)* <query> text
// Cuts (kMax...) bound what the network sees of a schema, never what the grammar enforces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "grammar/schema_node.h"
#include "tokenizer/tokenizer.h"

namespace needle {

inline constexpr size_t kMaxToolDescription = 160;      // code points
inline constexpr size_t kMaxArgumentDescription = 100;  // code points
inline constexpr size_t kMaxShownArguments = 24;        // per object, required first
inline constexpr size_t kMaxShownEnumValues = 24;
inline constexpr int kMaxShownDepth = 4;                // the tool's own fields are depth 1
inline constexpr size_t kMaxToolTokens = 256;
inline constexpr size_t kMaxQueryTokens = 512;

/// The tool block. `shown` is the tool's display name in its set (DisplayNames). Over kMaxToolTokens, the descriptions
/// of arguments go first, the last one first; then the block is cut off behind the last whole part that fits.
/// kToolTooLong when not even the name does.
Result<std::vector<TokenId>> ToolBlock(const Tokenizer& tokenizer, std::string_view shown, std::string_view description,
                                       const SchemaNode& parameters);

/// Indices of the blocks in canonical order: by a hash of the tokens, then by the tokens themselves. Floating-point
/// sums depend on their order, so the answer could otherwise depend on the order in which tools are given.
std::vector<int> CanonicalToolOrder(std::span<const std::vector<TokenId>> blocks);

struct QueryBlock {
  std::vector<TokenId> tokens;
  size_t text_begin = 0;           // index of the request's own first token, behind <query>
  std::vector<uint32_t> text_ofs;  // [tokens.size() - text_begin] byte of the request at which each token starts
};

/// The query block; facts in the order given, earlier user turns oldest first. kQueryTooLong above kMaxQueryTokens.
Result<QueryBlock> BuildQueryBlock(const Tokenizer& tokenizer, std::string_view query,
                                   std::span<const std::string> context,
                                   std::span<const std::pair<std::string, std::string>> facts);

/// ASCII white space collapsed and stripped; beyond `limit` code points cut at a sentence, else at a word, else hard.
std::string CutText(std::string_view text, size_t limit);

}  // namespace needle
