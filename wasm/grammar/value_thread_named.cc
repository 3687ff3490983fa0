// SPDX-License-Identifier: Apache-2.0
// ValueThread::AddNamedTokens: which of the allowed tokens the text itself speaks for, where it names arguments.
#include <algorithm>
#include <utility>

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
    auto places = NamedValues(*context->copy, keys);
    const bool any = std::any_of(places.begin(), places.end(), [](const auto& of_key) { return !of_key.empty(); });
    if (any) found->second = std::move(places);  // else nothing is looked at again
  }
  return found->second;
}

void ValueThread::AddNamedTokens(const ValueRule& arguments, ThreadContext* context, TokenMask* not_meant) {
  const size_t log_size = context->log->size();
  ValueThread(arguments, context).AddPassedOver(context, not_meant);
  context->log->Truncate(log_size);
}

namespace {

/// Whether a value of one of the rules can begin where the text does.
bool CanBegin(const ValueRules& rules, std::string_view text) {
  const auto says = [&](const Scalar& scalar) {
    const std::string value = scalar.kind == Scalar::kBoolean ? (scalar.boolean ? "true" : "false") : FoldCase(ScalarText(scalar));
    return !value.empty() && FoldCase(text.substr(0, value.size())) == FoldCase(value);
  };
  return std::any_of(rules.begin(), rules.end(), [&](const ValueRule* rule) {
    if (rule->kind == ValueRule::kScalars) return std::any_of(rule->scalars.begin(), rule->scalars.end(), says);
    return rule->kind == ValueRule::kText || (rule->kind == ValueRule::kNumber && !NumberAt(text).empty());
  });
}

}  // namespace

/// The first key behind the last one of the arguments that has a value named for it which none has taken; -1.
int ValueThread::NextNamed(ThreadContext* context) const {
  const ObjectRule& object = top().rule->object;
  const auto& named = Named(*top().rule, context);
  for (int i = top().last_key + 1; i < static_cast<int>(named.size()); ++i) {
    const ValueRules& rules = object.keys[static_cast<size_t>(i)].values;
    const auto& places = named[static_cast<size_t>(i)];
    const auto is_open = [&](uint32_t place) { return !CopySource::IsTaken(place, *taken_) && CanBegin(rules, context->copy->From(place, {})); };
    if (std::any_of(places.begin(), places.end(), is_open)) return i;
  }
  return -1;
}

void ValueThread::AddNamedTokens(ThreadContext* context, TokenMask* meant, TokenMask* not_meant) const {
  if (Named(*stack_[0].rule, context).empty()) return;
  const Frame& frame = top();
  if (frame.phase == kKey && stack_.size() == 1) {
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
  if (frame.phase == kLeaf && stack_.size() == 2) AddNamedBeginnings(context, meant, not_meant);
  const size_t log_size = context->log->size();
  ValueThread ended = *this;
  if ((frame.phase != kLeaf && frame.phase != kMissing) || ended.EndLeaf(context)) ended.AddPassedOver(context, not_meant);
  context->log->Truncate(log_size);
}

/// The ends of the arguments, while one that is named is still to come.
void ValueThread::AddPassedOver(ThreadContext* context, TokenMask* not_meant) const {
  if (stack_.size() != 1 || top().phase != kAfter || NextNamed(context) < 0) return;
  not_meant->Allow(special::kEos);
  not_meant->Allow(special::kCall);
}

/// A number that is named is followed to its end: digits are tokens of their own.
void ValueThread::AddNamedBeginnings(ThreadContext* context, TokenMask* meant, TokenMask* not_meant) const {
  const Frame& object = stack_[0];
  const Tokenizer& tokenizer = context->vocab->tokenizer();
  std::string read;
  for (size_t i = top().begin; i < context->tokens->size(); ++i) read += tokenizer.PieceText((*context->tokens)[i]);
  const bool space_is_read = read.starts_with(' ');
  const std::string_view value = std::string_view(read).substr(space_is_read);
  const bool is_number = top().rule->kind == ValueRule::kNumber;
  if (!value.empty() && !is_number) return;
  const auto& named = Named(*object.rule, context);
  if (object.last_key >= static_cast<int>(named.size())) return;  // a free key
  const auto begin = [&](uint32_t place, TokenMask* mask) {
    std::string_view text = context->copy->From(place, {});
    if (is_number) text = NumberAt(text.substr(text.starts_with('$') || text.starts_with('#')));
    if (text.size() <= value.size() || !text.starts_with(value)) return;
    AddBeginnings(text.substr(value.size()), space_is_read || !value.empty(), *context, mask);
  };
  CopySource::Places others;
  for (size_t key = 0; key < named.size(); ++key) {
    const bool is_mine = static_cast<int>(key) == object.last_key;
    for (const uint32_t place : named[key]) is_mine ? begin(place, meant) : others.push_back(place);
  }
  if (!top().copies || others.empty()) return;
  // Against what begins another's value, unless something that is nobody's begins alike.
  TokenMask nobodys, somebodys;
  nobodys.Reset(tokenizer.vocab_size());
  somebodys.Reset(tokenizer.vocab_size());
  std::sort(others.begin(), others.end());
  for (const uint32_t place : top().places) begin(place, std::binary_search(others.begin(), others.end(), place) ? &somebodys : &nobodys);
  std::vector<TokenId> tokens;
  somebodys.AppendTo(&tokens);
  for (const TokenId token : tokens)
    if (!nobodys.Allows(token)) not_meant->Allow(token);
}

}  // namespace needle
