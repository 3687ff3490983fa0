// SPDX-License-Identifier: Apache-2.0
// ValueThread::Step: how a thread reads tokens. What it may read next is in value_thread_mask.cc; both follow the same
// few predicates, so that the mask and the reading cannot disagree.
#include "grammar/value_thread.h"

#include <algorithm>

namespace needle {

using special::kArg;
using special::kCall;
using special::kEnd;
using special::kEos;
using special::kItem;
using special::kNone;
using special::kObj;
using special::kVal;

ValueThread::ValueThread(const ValueRule& arguments, ThreadContext* context) {
  const auto begin = static_cast<uint32_t>(context->tokens->size());
  log_ = context->log->Append({ValueLog::kOpen, &arguments, 0, begin, begin, -1});
  Frame root;
  root.rule = &arguments;
  root.phase = kAfter;
  root.log_begin = log_;
  stack_.push_back(std::move(root));
}

void ValueThread::Step(TokenId token, ThreadContext* context, std::vector<ValueThread>* out) const {
  if (token < special::kFirstByte) return StepStructure(token, context, out);
  ValueThread next = *this;
  if (next.StepText(token, context)) out->push_back(std::move(next));
}

// --- text ------------------------------------------------------------------------------------------------------------

bool ValueThread::Unused(const Frame& leaf, int scalar_idx) {
  if (!leaf.used) return true;
  const Scalar& scalar = leaf.rule->scalars[static_cast<size_t>(scalar_idx)];
  const bool has_text = scalar.kind == Scalar::kString || scalar.kind == Scalar::kNumber;
  const std::string text = has_text ? ScalarText(scalar) : "";
  static constexpr Value::Kind kKinds[] = {Value::kNull, Value::kBoolean, Value::kNumber, Value::kString};
  return std::none_of(leaf.used->values.begin(), leaf.used->values.end(), [&](const Value& value) {
    return value.kind == kKinds[scalar.kind] && value.text == text && value.boolean == scalar.boolean;
  });
}

bool ValueThread::StepNumber(Frame* leaf, std::string_view text, const GrammarVocab& vocab) {
  const std::vector<ScaledNumber> none;
  const auto& used = leaf->used ? leaf->used->numbers : none;
  const NumberRule& rule = *leaf->rule->number;
  const bool lone_space = !leaf->number_started && text == " ";
  for (char c : text) {
    if (!leaf->number_started) {
      if (c != ' ') return false;
      leaf->number_started = true;
    } else if (!rule.Step(&leaf->number, c, used)) {
      return false;
    }
  }
  // Only the tokenizer's own segmentation: where "▁-" is a piece, "▁" is never followed by "-".
  if (lone_space && vocab.space_minus_is_piece()) leaf->number.minus_allowed = false;
  return rule.Alive(leaf->number, used);
}

bool ValueThread::StepText(TokenId token, ThreadContext* context) {
  Frame& frame = top();
  const std::string_view text = context->vocab->tokenizer().PieceText(token);
  if (frame.phase == kKey) {
    const SequenceSet& keys = frame.rule->object.key_tokens;
    return keys.Advance(&frame.cursor, token) && keys.Any(frame.cursor, [&](int i) { return KeyMayFollow(frame, i); });
  }
  if (frame.phase == kLeaf && frame.rule->kind == ValueRule::kScalars) {
    const SequenceSet& values = frame.rule->sequences;
    return values.Advance(&frame.cursor, token) && values.Any(frame.cursor, [&](int i) { return Unused(frame, i); });
  }
  if (frame.phase == kLeaf && frame.rule->kind == ValueRule::kNumber) return StepNumber(&frame, text, *context->vocab);
  if (frame.phase != kLeaf && frame.phase != kFreeKey) return false;
  const TextRule& rule = frame.phase == kFreeKey ? *frame.rule->object.free_key : *frame.rule->text;
  for (char c : text) {
    const bool is_space_before = !frame.text.started && c == ' ';
    if (!rule.Step(&frame.text, static_cast<uint8_t>(c))) return false;
    if (!frame.copies || is_space_before) continue;
    context->copy->Step(static_cast<uint8_t>(c), *frame.taken, &frame.places);
    ++frame.copied;
  }
  if (frame.copies) {
    context->copy->Prune(RoomOf(rule, frame.text), *frame.taken, &frame.places);
    if (frame.places.empty()) return false;
  }
  if (++frame.count > context->max_string_tokens) {
    context->truncated = true;  // an error if no other reading goes on: a cut value would look like a whole one
    return false;
  }
  return !text.empty();
}

bool ValueThread::TextUsed(const Frame& leaf, const ThreadContext& context) {
  if (!leaf.used) return false;
  const std::string text = context.vocab->tokenizer().Decode(std::span(*context.tokens).subspan(leaf.begin));
  return std::any_of(leaf.used->values.begin(), leaf.used->values.end(),
                     [&](const Value& value) { return value.kind == Value::kString && value.text == text; });
}

bool ValueThread::LeafComplete(const Frame& leaf, const ThreadContext& context) {
  if (leaf.phase == kMissing) return true;
  switch (leaf.rule->kind) {
    case ValueRule::kScalars:
      return leaf.rule->sequences.Complete(leaf.cursor, [&](int i) { return Unused(leaf, i); }) >= 0;
    case ValueRule::kNumber:
      return leaf.rule->number->Complete(leaf.number, leaf.used ? leaf.used->numbers : std::vector<ScaledNumber>());
    default:
      // A repeated string must grow; one that cannot (maxLength) may end and is dropped when the list is built.
      return leaf.rule->text->Complete(leaf.text) && (!leaf.copies || context.copy->FirstEnd(leaf.places) != CopySource::kNoPlace) &&
             !(TextUsed(leaf, context) && leaf.rule->text->CanContinue(leaf.text));
  }
}

bool ValueThread::EndLeaf(ThreadContext* context) {
  const Frame& leaf = top();
  if (!LeafComplete(leaf, *context)) return false;
  const auto end = static_cast<uint32_t>(context->tokens->size());
  ValueLog::Event event{ValueLog::kLeaf, leaf.rule, 0, leaf.begin, end, log_};
  if (leaf.phase == kMissing) event.kind = ValueLog::kMissing;
  if (leaf.rule && leaf.rule->kind == ValueRule::kScalars) {
    event.index = leaf.rule->sequences.Complete(leaf.cursor, [&](int i) { return Unused(leaf, i); });
  }
  log_ = context->log->Append(event);
  if (leaf.copies) {
    const uint32_t place = context->copy->FirstEnd(leaf.places);
    auto taken = std::make_shared<CopySource::Taken>(*taken_);
    taken->push_back({place - leaf.copied, place});
    taken_ = std::move(taken);
  }
  stack_.pop_back();
  AfterValue(context);
  return true;
}

// --- structure -------------------------------------------------------------------------------------------------------

void ValueThread::StepStructure(TokenId token, ThreadContext* context, std::vector<ValueThread>* out) const {
  ValueThread next = *this;
  if (top().phase == kLeaf || top().phase == kMissing) {
    if (!next.EndLeaf(context)) return;
  }
  switch (next.top().phase) {
    case kMayMiss:
      if (token != kNone) return;
      next.top().phase = kMissing;
      next.top().begin = static_cast<uint32_t>(context->tokens->size());
      out->push_back(std::move(next));
      return;
    case kKey:
    case kFreeKey:
      if (token == kVal && next.EndKey(context)) next.BeginMember(context, out);
      return;
    default: break;
  }
  if (next.top().rule->kind == ValueRule::kArray) return next.StepArray(token, context, out);
  next.StepObject(token, context, out);
}

void ValueThread::StepArray(TokenId token, ThreadContext* context, std::vector<ValueThread>* out) {
  if (token != kItem && token != kEnd) return;
  if (token == kItem ? !MoreItems(*context) : top().count < top().rule->node->min_items) return;
  if (top().phase == kBegin) {
    const auto begin = static_cast<uint32_t>(context->tokens->size());
    top().log_begin = log_ = context->log->Append({ValueLog::kOpen, top().rule, 0, begin, begin, log_});
    top().phase = kAfter;
  }
  if (token == kEnd) {
    Close(context);
    out->push_back(std::move(*this));
    return;
  }
  top().phase = kInside;
  auto used = top().rule->node->unique_items ? UsedItems(*context) : nullptr;
  BeginValue(top().rule->items, /*may_miss=*/false, std::move(used), context, out);
}

void ValueThread::StepObject(TokenId token, ThreadContext* context, std::vector<ValueThread>* out) {
  const bool at_root = stack_.size() == 1;
  if (top().phase == kBegin) {
    if (token != kObj) return;
    const auto begin = static_cast<uint32_t>(context->tokens->size());
    top().log_begin = log_ = context->log->Append({ValueLog::kOpen, top().rule, 0, begin, begin, log_});
    top().phase = kAfter;
    out->push_back(std::move(*this));
  } else if (token == kArg) {
    BeginKey(context, out);
  } else if (RequiredDone(top()) && (at_root ? token == kCall || token == kEos : token == kEnd)) {
    if (!at_root) Close(context);
    out->push_back(std::move(*this));
  }
}

bool ValueThread::RequiredDone(const Frame& object) {
  return object.last_key + 1 >= static_cast<int>(object.rule->object.num_required);
}

bool ValueThread::KeyMayFollow(const Frame& object, int position) {
  return RequiredDone(object) ? position > object.last_key : position == object.last_key + 1;
}

void ValueThread::BeginKey(ThreadContext* context, std::vector<ValueThread>* out) const {
  const auto begin = static_cast<uint32_t>(context->tokens->size()) + 1;
  const ObjectRule& object = top().rule->object;
  if (top().last_key + 1 < static_cast<int>(object.keys.size())) {
    ValueThread next = *this;
    next.top().phase = kKey;
    next.top().cursor = object.key_tokens.Start();
    next.top().begin = begin;
    out->push_back(std::move(next));
  }
  if (object.free_keys && RequiredDone(top())) {
    ValueThread next = *this;
    next.top().phase = kFreeKey;
    next.top().text = {};
    next.top().count = 0;
    next.top().begin = begin;
    next.top().used = UsedKeys(*context);
    out->push_back(std::move(next));
  }
}

bool ValueThread::EndKey(ThreadContext* context) {
  Frame& frame = top();
  const auto end = static_cast<uint32_t>(context->tokens->size());
  ValueLog::Event event{ValueLog::kKey, frame.rule, 0, frame.begin, end, log_};
  if (frame.phase == kFreeKey) {
    if (!frame.rule->object.free_key->Complete(frame.text) || TextUsed(frame, *context)) return false;
    event.kind = ValueLog::kFreeKey;
    event.index = static_cast<int>(frame.rule->object.keys.size());
  } else {
    event.index = frame.rule->object.key_tokens.Complete(frame.cursor, [&](int i) { return KeyMayFollow(frame, i); });
    if (event.index < 0) return false;
  }
  frame.last_key = event.index;
  frame.used = nullptr;
  frame.phase = kInside;
  log_ = context->log->Append(event);
  return true;
}

void ValueThread::BeginMember(ThreadContext* context, std::vector<ValueThread>* out) const {
  const ObjectRule& object = top().rule->object;
  const auto position = static_cast<size_t>(top().last_key);
  if (position == object.keys.size()) return BeginValue(object.free_values, false, nullptr, context, out);
  const ObjectRule::Key& key = object.keys[position];
  BeginValue(key.values, key.required && context->allow_missing, nullptr, context, out);
}

void ValueThread::BeginValue(const ValueRules& rules, bool may_miss, std::shared_ptr<const UsedValues> used,
                             ThreadContext* context, std::vector<ValueThread>* out) const {
  const auto push = [&](Frame frame) {
    ValueThread next = *this;
    next.stack_.push_back(std::move(frame));
    out->push_back(std::move(next));
  };
  for (const ValueRule* rule : rules) {
    Frame frame;
    frame.rule = rule;
    frame.phase = rule->kind == ValueRule::kArray || rule->kind == ValueRule::kObject ? kBegin : kLeaf;
    frame.cursor = rule->sequences.Start();
    frame.begin = static_cast<uint32_t>(context->tokens->size()) + 1;
    frame.used = used;
    if (rule->kind == ValueRule::kScalars &&
        !rule->sequences.Any(frame.cursor, [&](int i) { return Unused(frame, i); })) {
      continue;
    }
    // Items that must differ from one another may need more words than were said.
    if (rule->kind == ValueRule::kText && context->copy && !used) BeginCopy(&frame, *context->copy);
    if (rule->kind == ValueRule::kNumber && used && !rule->number->Startable(used->numbers)) continue;
    push(std::move(frame));
  }
  if (may_miss) {
    Frame frame;
    frame.phase = kMayMiss;
    push(std::move(frame));
  }
}

std::shared_ptr<const CopySource::Taken> ValueThread::NoneTaken() {
  static const auto none = std::make_shared<const CopySource::Taken>();
  return none;
}

/// Where nothing that was said is long or short enough, any text will do; where it is taken already, it may be taken again.
void ValueThread::BeginCopy(Frame* leaf, const CopySource& source) const {
  const TextRule& rule = *leaf->rule->text;
  if (!rule.IsPlain()) return;
  for (const auto& taken : {taken_, NoneTaken()}) {
    leaf->taken = taken;
    leaf->places = source.Starts(RoomOf(rule, leaf->text), *taken);
    if (!leaf->places.empty()) break;
  }
  leaf->copies = !leaf->places.empty();
}

void ValueThread::Close(ThreadContext* context) {
  const auto end = static_cast<uint32_t>(context->tokens->size()) + 1;
  log_ = context->log->Append({ValueLog::kClose, top().rule, 0, end, end, log_});
  stack_.pop_back();
  AfterValue(context);
}

void ValueThread::AfterValue(ThreadContext* context) {
  Frame& parent = top();
  parent.phase = kAfter;
  if (parent.rule->kind != ValueRule::kArray) return;
  ++parent.count;
  if (parent.rule->node->unique_items) {  // only distinct items count
    const Value list = context->log->Build(parent.log_begin, log_, *context->tokens, context->vocab->tokenizer());
    parent.count = static_cast<uint32_t>(list.items.size());
  }
}

// --- what was read ---------------------------------------------------------------------------------------------------

std::shared_ptr<const UsedValues> ValueThread::UsedItems(const ThreadContext& context) const {
  auto used = std::make_shared<UsedValues>();
  if (top().log_begin < 0) return used;
  used->values = context.log->Build(top().log_begin, log_, *context.tokens, context.vocab->tokenizer()).items;
  for (const Value& value : used->values) {
    if (value.kind == Value::kNumber) used->numbers.push_back(NumberRule::Parse(value.text));
  }
  return used;
}

std::shared_ptr<const UsedValues> ValueThread::UsedKeys(const ThreadContext& context) const {
  auto used = std::make_shared<UsedValues>();
  const auto add = [&](const std::string& key) {
    used->values.emplace_back();
    used->values.back().kind = Value::kString;
    used->values.back().text = key;
  };
  for (const SchemaProperty& property : top().rule->node->properties) add(property.key);
  for (const std::string& key : top().rule->node->forbidden_keys) add(key);
  const Value object = context.log->Build(top().log_begin, log_, *context.tokens, context.vocab->tokenizer());
  for (const Member& member : object.members) add(member.key);
  return used;
}

Value ValueThread::Arguments(const ThreadContext& context) const {
  return context.log->Build(stack_[0].log_begin, log_, *context.tokens, context.vocab->tokenizer());
}

bool ValueThread::SameFuture(const ValueThread& other) const {
  return std::equal(stack_.begin(), stack_.end(), other.stack_.begin(), other.stack_.end(),
                    [](const Frame& a, const Frame& b) {
                      return a.rule == b.rule && a.phase == b.phase && a.cursor == b.cursor && a.number == b.number &&
                             a.number_started == b.number_started && a.text == b.text && a.count == b.count &&
                             a.last_key == b.last_key && a.copies == b.copies && a.places == b.places;
                    });
}

}  // namespace needle
