// SPDX-License-Identifier: Apache-2.0
// ValueThread::AddTokens: what a thread may read next. Structure and listed values name their tokens; numbers and
// strings under a pattern walk the vocabulary's trie, plain strings walk it along the words that were said; where there
// are none, they take a mask computed once per model.
#include <algorithm>

#include "grammar/value_thread.h"

namespace needle {

void ValueThread::AddTokens(ThreadContext* context, TokenMask* mask) const {
  const Frame& frame = top();
  switch (frame.phase) {
    case kMayMiss: mask->Allow(special::kNone); return;
    case kKey: {
      const SequenceSet& keys = frame.rule->object.key_tokens;
      const auto keep = [&](int i) { return KeyMayFollow(frame, i); };
      keys.Next(frame.cursor, keep, [&](TokenId token) { mask->Allow(token); });
      if (keys.Complete(frame.cursor, keep) >= 0) mask->Allow(special::kVal);
      return;
    }
    case kFreeKey: {
      const TextRule& rule = *frame.rule->object.free_key;
      AddTextTokens(rule, frame.text, context, mask);
      if (rule.Complete(frame.text) && !TextUsed(frame, *context)) mask->Allow(special::kVal);
      return;
    }
    case kLeaf:
    case kMissing: {
      if (frame.phase == kLeaf) AddLeafTokens(frame, context, mask);
      const size_t log_size = context->log->size();
      ValueThread ended = *this;
      if (ended.EndLeaf(context)) ended.AddContainerTokens(context, mask);
      context->log->Truncate(log_size);
      return;
    }
    default: AddContainerTokens(context, mask); return;
  }
}

void ValueThread::AddContainerTokens(ThreadContext* context, TokenMask* mask) const {
  const Frame& frame = top();
  if (frame.rule->kind == ValueRule::kArray) {
    if (MoreItems(*context)) mask->Allow(special::kItem);
    if (frame.count >= frame.rule->node->min_items) mask->Allow(special::kEnd);
    return;
  }
  if (frame.phase == kBegin) return mask->Allow(special::kObj);
  const ObjectRule& object = frame.rule->object;
  if (frame.last_key + 1 < static_cast<int>(object.keys.size()) || object.free_keys) mask->Allow(special::kArg);
  if (!RequiredDone(frame)) return;
  if (stack_.size() > 1) return mask->Allow(special::kEnd);
  mask->Allow(special::kEos);
  if (context->allow_call) mask->Allow(special::kCall);
}

bool ValueThread::MoreItems(const ThreadContext& context) const {
  const SchemaNode& node = *top().rule->node;
  if (top().count >= node.max_items) return false;
  if (!node.unique_items) return true;
  Frame leaf;
  leaf.used = UsedItems(context);
  return std::any_of(top().rule->items.begin(), top().rule->items.end(), [&](const ValueRule* rule) {
    if (rule->kind == ValueRule::kNumber) return rule->number->Startable(leaf.used->numbers);
    if (rule->kind != ValueRule::kScalars) return true;
    leaf.rule = rule;
    return rule->sequences.Any(rule->sequences.Start(), [&](int i) { return Unused(leaf, i); });
  });
}

void ValueThread::AddLeafTokens(const Frame& leaf, ThreadContext* context, TokenMask* mask) {
  switch (leaf.rule->kind) {
    case ValueRule::kScalars:
      leaf.rule->sequences.Next(leaf.cursor, [&](int i) { return Unused(leaf, i); },
                                [&](TokenId token) { mask->Allow(token); });
      return;
    case ValueRule::kNumber: return AddNumberTokens(leaf, *context, mask);
    default:
      return leaf.copies ? AddCopiedTokens(leaf, *context, mask) : AddTextTokens(*leaf.rule->text, leaf.text, context, mask);
  }
}

void ValueThread::AddCopiedTokens(const Frame& leaf, const ThreadContext& context, TokenMask* mask) {
  const TokenTrie& trie = context.vocab->tokenizer().trie();
  const CopySource::Room room = RoomOf(*leaf.rule->text, leaf.text);
  const auto allow = [&](TokenTrie::NodeIdx node, uint32_t place, uint32_t read) {
    const auto tokens = trie.Tokens(node);
    const uint32_t grown = context.copy->CodePoints(place, read);
    if (tokens.empty() || grown > room.max) return;
    const CopySource::Room left = {room.min > grown ? room.min - grown : 0, room.max - grown};
    if (context.copy->CanReachEnd(place + read, left, *leaf.taken)) mask->Allow(tokens.back());
  };
  const auto walk = [&](TokenTrie::NodeIdx node, uint32_t place) {
    uint32_t read = 0;
    for (const char c : context.copy->From(place, *leaf.taken)) {
      node = trie.Child(node, static_cast<uint8_t>(c));
      if (node == TokenTrie::kNoNode) return;
      allow(node, place, ++read);
    }
  };
  const TokenTrie::NodeIdx space = leaf.text.started ? TokenTrie::kNoNode : trie.Child(TokenTrie::kRoot, ' ');
  for (const uint32_t place : leaf.places) {
    walk(TokenTrie::kRoot, place);
    if (space == TokenTrie::kNoNode) continue;
    allow(space, place, 0);
    walk(space, place);
  }
}

void ValueThread::AddNumberTokens(const Frame& leaf, const ThreadContext& context, TokenMask* mask) {
  // Pieces of digits, point and minus are one or two characters long (digits are split): a walk over characters that
  // could stand in a number, then the exact check.
  const GrammarVocab& vocab = *context.vocab;
  const auto plausible = [](char* last, uint8_t byte) {
    const bool first_space = *last == 0 && byte == ' ';
    *last = static_cast<char>(byte);
    return first_space || byte == '-' || byte == '.' || (byte >= '0' && byte <= '9');
  };
  vocab.Walk(char{0}, plausible, [&](TokenId token, char) {
    Frame next = leaf;
    if (StepNumber(&next, vocab.tokenizer().PieceText(token), vocab)) mask->Allow(token);
  });
}

void ValueThread::AddTextTokens(const TextRule& rule, const TextRule::State& state, ThreadContext* context,
                                TokenMask* mask) {
  const GrammarVocab& vocab = *context->vocab;
  if (rule.Unrestricted(state, vocab.max_code_points())) return mask->AllowAll(vocab.AnyStringMask(state.dfa));
  const auto step = [&](TextRule::State* s, uint8_t byte) { return rule.Step(s, byte); };
  if (!rule.LengthFree()) {
    return vocab.Walk(state, step, [&](TokenId token, const TextRule::State&) { mask->Allow(token); });
  }
  const auto key = std::make_pair(&rule, uint32_t{state.dfa} * 2 + state.started);
  const auto found = context->text_masks.try_emplace(key);
  TokenMask& kept = found.first->second;
  if (found.second) {
    kept.Reset(vocab.tokenizer().vocab_size());
    vocab.Walk(state, step, [&](TokenId token, const TextRule::State&) { kept.Allow(token); });
  }
  mask->AllowAll(kept);
}

}  // namespace needle
