// SPDX-License-Identifier: Apache-2.0
#include "router/prompt.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "tokenizer/unicode.h"

namespace needle {
namespace {

/// ` from a to b`. An exclusive bound of an integer is shown as the inclusive one next to it; a bound of a million or
/// more says nothing to the network and is left out.
std::string BoundsText(const SchemaNode& node, bool integer) {
  std::string text;
  const auto add = [&](const char* word, std::optional<double> inclusive, std::optional<double> exclusive, int step) {
    if (!inclusive && !exclusive) return;
    const double value = inclusive ? *inclusive : *exclusive + (integer ? step : 0);
    if (!(std::fabs(value) < 1e6)) return;
    char number[32];
    std::snprintf(number, sizeof number, "%.6g", value);
    text += word;
    text += number;
  };
  add(" from ", node.minimum, node.exclusive_minimum, 1);
  add(" to ", node.maximum, node.exclusive_maximum, -1);
  return text;
}

/// The `<type>` of a string with this format; empty where the network is shown a plain string.
std::string FormatText(const std::string& format) {
  constexpr std::array<std::string_view, 8> kShown = {"date", "time", "date-time", "duration",
                                                      "email", "uri", "uuid", "ipv4"};
  if (std::find(kShown.begin(), kShown.end(), format) == kShown.end()) return "";
  std::string text = format;
  std::replace(text.begin(), text.end(), '-', ' ');
  return text;
}

/// Collects a tool block as parts, so that whole parts can be dropped at the end.
class ToolBlockWriter {
 public:
  explicit ToolBlockWriter(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}

  void Control(TokenId token) { Append({token}); }
  void Text(std::string_view text) { Append(tokenizer_.Encode(text)); }

  void Fields(const SchemaNode& object, int depth) {
    const std::vector<int> order = CanonicalOrder(object);
    for (size_t i = 0; i < order.size() && i < kMaxShownArguments && !IsFull(); ++i) {
      const SchemaProperty& property = object.properties[static_cast<size_t>(order[i])];
      Control(special::kArg);
      Text(property.shown);
      if (property.required) Control(special::kReq);
      Shape(*property.node, depth);
      DroppableDescription(CutText(property.node->Shown().description, kMaxArgumentDescription));
    }
  }

  /// The parts that stay, joined.
  std::vector<TokenId> Finish() {
    size_t total = fixed_tokens_ + droppable_tokens_;
    for (auto part = parts_.rbegin(); part != parts_.rend() && total > kMaxToolTokens; ++part) {
      if (!part->droppable) continue;
      total -= part->tokens.size();
      part->tokens.clear();
    }
    std::vector<TokenId> tokens;
    for (const Part& part : parts_) {
      if (tokens.size() + part.tokens.size() > kMaxToolTokens) break;
      tokens.insert(tokens.end(), part.tokens.begin(), part.tokens.end());
    }
    return tokens;
  }

 private:
  struct Part {
    std::vector<TokenId> tokens;
    bool droppable = false;
  };

  /// Once the undroppable parts alone pass the limit, nothing that follows can be seen. Without this, nested objects
  /// of 24 keys each would cost 24^4 fields.
  bool IsFull() const { return fixed_tokens_ > kMaxToolTokens; }

  void Append(std::vector<TokenId> tokens) {
    fixed_tokens_ += tokens.size();
    parts_.push_back({std::move(tokens), false});
  }

  void DroppableDescription(const std::string& text) {
    if (text.empty() || IsFull()) return;
    std::vector<TokenId> tokens = tokenizer_.Encode(text);
    tokens.insert(tokens.begin(), special::kDesc);
    droppable_tokens_ += tokens.size();
    parts_.push_back({std::move(tokens), true});
  }

  void Type(std::string_view text) {
    Control(special::kType);
    Text(text);
  }

  /// <enum> v (<item> v)*; false when there is no value but null.
  bool Enum(const SchemaNode& node) {
    size_t shown = 0;
    for (const Scalar& value : node.enum_values) {
      if (value.kind == Scalar::kNull || shown == kMaxShownEnumValues) continue;
      Control(shown++ == 0 ? special::kEnum : special::kItem);
      Text(ScalarText(value));
    }
    return shown > 0;
  }

  void Shape(const SchemaNode& schema, int depth) {
    const SchemaNode& node = schema.Shown();
    if (node.has_enum && Enum(node)) return;
    switch (node.shown_type) {
      case kTypeInteger: return Type("integer" + BoundsText(node, true));
      case kTypeNumber: return Type("number" + BoundsText(node, false));
      case kTypeBoolean: return Type("boolean");
      case kTypeNull: return Type("null");
      case kTypeArray:
        Type("list");
        if (node.items) Shape(*node.items, depth);
        return;
      case kTypeObject:
        if (node.properties.empty() || depth >= kMaxShownDepth) return Type("object");
        Control(special::kObj);
        Fields(node, depth + 1);
        return Control(special::kEnd);
      default:
        if (const std::string format = FormatText(node.format); !format.empty()) Type(format);
    }
  }

  const Tokenizer& tokenizer_;
  std::vector<Part> parts_;
  size_t fixed_tokens_ = 0, droppable_tokens_ = 0;
};

uint64_t HashOf(const std::vector<TokenId>& tokens) {  // FNV-1a
  uint64_t hash = 14695981039346656037ull;
  for (const TokenId token : tokens) hash = (hash ^ static_cast<uint64_t>(token)) * 1099511628211ull;
  return hash;
}

bool IsAsciiSpace(char32_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

std::string CutText(std::string_view text, size_t limit) {
  std::vector<char32_t> chars;
  for (const char32_t c : ToCodePoints(text)) {
    if (!IsAsciiSpace(c)) {
      chars.push_back(c);
    } else if (!chars.empty() && chars.back() != ' ') {
      chars.push_back(' ');
    }
  }
  if (!chars.empty() && chars.back() == ' ') chars.pop_back();
  if (chars.size() > limit) {
    const auto ends_sentence = [&](size_t end) {
      const char32_t last = chars[end - 1];
      return (last == '.' || last == '!' || last == '?') && chars[end] == ' ';
    };
    size_t end = limit;
    while (end > limit / 4 && !ends_sentence(end)) --end;  // a sentence of at least a quarter
    if (end <= limit / 4) {
      end = limit;
      while (end > 0 && chars[end] != ' ') --end;
      if (end == 0) end = limit;
    }
    chars.resize(end);
  }
  return FromCodePoints(chars);
}

Result<std::vector<TokenId>> ToolBlock(const Tokenizer& tokenizer, std::string_view shown, std::string_view description,
                                       const SchemaNode& parameters) {
  const Error too_long{ErrorCode::kToolTooLong, "the tool's name is longer than the network reads", ""};
  if (shown.size() > tokenizer.MaxBytes(kMaxToolTokens)) return too_long;
  ToolBlockWriter writer(tokenizer);
  writer.Control(special::kTool);
  writer.Text(shown);
  if (const std::string text = CutText(description, kMaxToolDescription); !text.empty()) {
    writer.Control(special::kDesc);
    writer.Text(text);
  }
  writer.Fields(parameters.Shown(), 1);
  std::vector<TokenId> tokens = writer.Finish();
  if (tokens.size() < 2 && !shown.empty()) {
    return too_long;
  }
  return tokens;
}

std::vector<int> CanonicalToolOrder(std::span<const std::vector<TokenId>> blocks) {
  std::vector<uint64_t> hashes;
  for (const auto& block : blocks) hashes.push_back(HashOf(block));
  std::vector<int> order(blocks.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    const size_t i = static_cast<size_t>(a), j = static_cast<size_t>(b);
    return hashes[i] != hashes[j] ? hashes[i] < hashes[j] : blocks[i] < blocks[j];
  });
  return order;
}

Result<QueryBlock> BuildQueryBlock(const Tokenizer& tokenizer, std::string_view query,
                                   std::span<const std::string> context,
                                   std::span<const std::pair<std::string, std::string>> facts) {
  QueryBlock block;
  size_t bytes = query.size();
  for (const auto& [name, value] : facts) bytes += name.size() + value.size();
  for (const std::string& turn : context) bytes += turn.size();
  if (bytes > tokenizer.MaxBytes(kMaxQueryTokens)) {
    return Error{ErrorCode::kQueryTooLong, "the request has " + std::to_string(bytes) + " bytes with its context and facts; at most " +
                                               std::to_string(kMaxQueryTokens) + " tokens are read", "query"};
  }
  const auto describe = [&](const std::string& text) {
    const std::vector<TokenId> tokens = tokenizer.Encode(text);
    block.tokens.push_back(special::kDesc);
    block.tokens.insert(block.tokens.end(), tokens.begin(), tokens.end());
  };
  for (const auto& [name, value] : facts) describe(name + ": " + value);
  for (const std::string& turn : context) describe("before: " + turn);
  block.tokens.push_back(special::kQuery);
  block.text_begin = block.tokens.size();
  std::vector<TokenId> text;
  tokenizer.EncodeWithOffsets(query, &text, &block.text_ofs);
  block.tokens.insert(block.tokens.end(), text.begin(), text.end());
  if (block.tokens.size() > kMaxQueryTokens) {
    return Error{ErrorCode::kQueryTooLong,
                 "the request has " + std::to_string(block.tokens.size()) +
                     " tokens with its context and facts; at most " + std::to_string(kMaxQueryTokens) + " are read",
                 "query"};
  }
  return block;
}

}  // namespace needle
