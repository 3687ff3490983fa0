// SPDX-License-Identifier: Apache-2.0
// ValueThread::AddNamedTokens: which of the allowed tokens the text itself speaks for, where it names arguments.
#include <algorithm>

#include "grammar/named_values.h"
#include "grammar/value_thread.h"
#include "tokenizer/unicode.h"

namespace needle {
namespace {

/// The tokens that go on with `text`, a value of which the leaf has read nothing or the space before it.
void AddBeginnings(std::string_view text, bool space_is_read, const ThreadContext& context, TokenMask* mask) {
  const TokenTrie& trie = context.vocab->tokenizer().trie();
  const auto allow = [&](TokenTrie::NodeIdx node) {
    if (!trie.Tokens(node).empty()) mask->Allow(trie.Tokens(node).back());
  };
  const auto walk = [&](TokenTrie::NodeIdx node) {
    size_t read = 0;
    for (; read < text.size(); ++read) {
      node = trie.Child(node, static_cast<uint8_t>(text[read]));
      if (node == TokenTrie::kNoNode) break;
      allow(node);
    }
    return read;
  };
  walk(TokenTrie::kRoot);
  const TokenTrie::NodeIdx space = space_is_read ? TokenTrie::kNoNode : trie.Child(TokenTrie::kRoot, ' ');
  if (space != TokenTrie::kNoNode && walk(space) == 0) allow(space);  // digits stand alone, behind a space alone
}

/// The number at the beginning of the text, as it is written there.
std::string_view NumberAt(std::string_view text) {
  size_t end = 0;
  while (end < text.size() && ((text[end] >= '0' && text[end] <= '9') || text[end] == '.' || text[end] == '-')) ++end;
  while (end > 0 && text[end - 1] == '.') --end;
  return text.substr(0, end);
}

}  // namespace

const std::vector<CopySource::Places>& ValueThread::Named(const ValueRule& object, ThreadContext* context) {
  const auto [found, is_new] = context->named.try_emplace(&object);
  if (is_new && context->copy) {
    std::vector<std::string> keys;
    for (const ObjectRule::Key& key : object.object.keys) {
      keys.push_back(object.node->properties[static_cast<size_t>(key.property_idx)].key);
    }
    found->second = NamedValues(*context->copy, keys);
  }
  return found->second;
}

void ValueThread::AddNamedTokens(const ValueRule& arguments, ThreadContext* context, TokenMask* not_meant) {
  const size_t log_size = context->log->size();
  ValueThread(arguments, context).AddPassedOver(context, not_meant);
  context->log->Truncate(log_size);
}

/// The first key behind the last one of the object on top that has a value named for it which none has taken; -1.
int ValueThread::NextNamed(ThreadContext* context) const {
  const auto& named = Named(*top().rule, context);
  const auto is_free = [this](uint32_t place) {
    return std::none_of(taken_->begin(), taken_->end(), [&](const auto& piece) { return place >= piece.first && place < piece.second; });
  };
  for (int i = top().last_key + 1; i < static_cast<int>(named.size()); ++i) {
    const auto& places = named[static_cast<size_t>(i)];
    if (std::any_of(places.begin(), places.end(), is_free)) return i;
  }
  return -1;
}

void ValueThread::AddNamedTokens(ThreadContext* context, TokenMask* meant, TokenMask* not_meant) const {
  const Frame& frame = top();
  if (frame.phase == kKey) {
    const int next = NextNamed(context);
    if (next < 0) return;
    const SequenceSet& keys = frame.rule->object.key_tokens;
    TokenMask up_to;
    up_to.Reset(context->vocab->tokenizer().vocab_size());
    keys.Next(frame.cursor, [&](int i) { return KeyMayFollow(frame, i) && i <= next; }, [&](TokenId token) { up_to.Allow(token); });
    keys.Next(frame.cursor, [&](int i) { return KeyMayFollow(frame, i); }, [&](TokenId token) {
      if (!up_to.Allows(token)) not_meant->Allow(token);
    });
    return;
  }
  if (frame.phase == kLeaf && stack_.size() > 1) AddNamedBeginnings(context, meant, not_meant);
  const size_t log_size = context->log->size();
  ValueThread ended = *this;
  if ((frame.phase != kLeaf && frame.phase != kMissing) || ended.EndLeaf(context)) ended.AddPassedOver(context, not_meant);
  context->log->Truncate(log_size);
}

/// Ends of an object some of whose keys are named and still to come.
void ValueThread::AddPassedOver(ThreadContext* context, TokenMask* not_meant) const {
  if (top().phase != kAfter || top().rule->kind != ValueRule::kObject || NextNamed(context) < 0) return;
  for (const TokenId token : {special::kEos, special::kCall, special::kEnd}) not_meant->Allow(token);
}

/// A number that is named is followed to its end: digits are tokens of their own.
void ValueThread::AddNamedBeginnings(ThreadContext* context, TokenMask* meant, TokenMask* not_meant) const {
  const Frame& object = stack_[stack_.size() - 2];
  if (object.rule->kind != ValueRule::kObject) return;
  const Tokenizer& tokenizer = context->vocab->tokenizer();
  std::string read;
  for (size_t i = top().begin; i < context->tokens->size(); ++i) read += tokenizer.PieceText((*context->tokens)[i]);
  const bool space_is_read = read.starts_with(' ');
  const std::string_view value = std::string_view(read).substr(space_is_read);
  const bool is_number = top().rule->kind == ValueRule::kNumber;
  if (!value.empty() && !is_number) return;
  const auto& named = Named(*object.rule, context);
  for (size_t key = 0; key < named.size(); ++key) {
    const bool is_mine = static_cast<int>(key) == object.last_key;
    for (const uint32_t place : named[key]) {
      std::string_view text = context->copy->From(place, {});
      if (is_number) text = NumberAt(text);
      if (text.size() <= value.size() || !text.starts_with(value)) continue;
      if (!is_mine && IsDigit(static_cast<unsigned char>(text[0]))) continue;  // one digit tells no two numbers apart
      AddBeginnings(text.substr(value.size()), space_is_read || !value.empty(), *context, is_mine ? meant : not_meant);
    }
  }
}

}  // namespace needle
