// SPDX-License-Identifier: Apache-2.0
// TextRule: an automaton beside a counter. Where a pattern and a length bound meet, the lengths that each state can
// still reach decide what is alive; a product automaton would be thousands of times larger.
#include "grammar/text_rules.h"

#include <algorithm>

namespace needle {
namespace {

constexpr uint32_t kMaxTrackedLength = 4096;  // code points; no value we write is longer
constexpr uint64_t kMaxLengthCells = uint64_t{1} << 27;  // states times lengths, a bit each: 16 MB

bool AnyBit(const std::vector<uint64_t>& bits, uint32_t lo, uint32_t hi) {
  for (uint32_t word = lo / 64; word < bits.size() && word <= hi / 64; ++word) {
    uint64_t mask = ~uint64_t{0};
    if (word == lo / 64) mask &= ~uint64_t{0} << (lo % 64);
    if (word == hi / 64) mask &= ~uint64_t{0} >> (63 - hi % 64);
    if (bits[word] & mask) return true;
  }
  return false;
}

}  // namespace

Result<TextRule> TextRule::Make(const SchemaNode& node, std::shared_ptr<const ByteDfa> any) {
  const Error infeasible{ErrorCode::kInvalidSchema, "no string satisfies pattern, format and length", ""};
  TextRule rule;
  rule.restricted_ = node.dfa != nullptr;
  rule.dfa_ = rule.restricted_ ? node.dfa : std::move(any);
  rule.min_length_ = node.min_length;
  rule.max_length_ = node.max_length;
  if (!rule.dfa_->Feasible() || rule.min_length_ > rule.max_length_) return infeasible;
  if (rule.restricted_ && (rule.min_length_ > 0 || rule.max_length_ != SchemaNode::kUnbounded)) {
    const bool bounded = rule.max_length_ != SchemaNode::kUnbounded;
    if (bounded) rule.max_length_ = std::min(rule.max_length_, std::max(kMaxTrackedLength, rule.min_length_));
    // Without an upper bound: an accepted string of min_length or more exists within min_length + states.
    rule.horizon_ = bounded ? rule.max_length_ : rule.min_length_ + static_cast<uint32_t>(rule.dfa_->num_states());
    if (rule.horizon_ > 16 * kMaxTrackedLength) {
      return Error{ErrorCode::kUnsupportedSchema, "a pattern with so large a minLength", ""};
    }
    const uint64_t cells = uint64_t{rule.horizon_} * rule.dfa_->num_states();
    if (cells > kMaxLengthCells || !rule.dfa_->Affords(cells / 8)) {
      return Error{ErrorCode::kUnsupportedSchema, "a pattern and a length that are too large together", ""};
    }
    rule.lengths_ = rule.dfa_->ReachableLengths(rule.horizon_);
  }
  // An empty value says nothing that <none> does not say better, so it is written only where nothing else fits.
  if (rule.min_length_ == 0) {
    rule.min_length_ = 1;
    const bool some = rule.max_length_ > 0 && rule.dfa_->CanContinue(ByteDfa::kStart) && rule.Alive(State{});
    if (!some) rule.min_length_ = 0;
  }
  return rule.Alive(State{}) ? Result<TextRule>(std::move(rule)) : infeasible;
}

bool TextRule::Alive(const State& state) const {
  if (state.dfa == ByteDfa::kDead || state.length > max_length_) return false;
  if (lengths_.empty()) return true;
  const uint32_t least = min_length_ > state.length ? min_length_ - state.length : 0;
  if (max_length_ == SchemaNode::kUnbounded) return least == 0 || AnyBit(lengths_[state.dfa], least, horizon_);
  return AnyBit(lengths_[state.dfa], least, max_length_ - state.length);
}

bool TextRule::Step(State* state, uint8_t byte) const {
  if (!state->started) {
    state->started = true;
    if (byte == ' ') return true;
  }
  state->dfa = dfa_->Next(state->dfa, byte);
  if (BeginsCodePoint(byte)) ++state->length;
  return Alive(*state);
}

bool TextRule::Complete(const State& state) const {
  return dfa_->Accepts(state.dfa) && state.length >= min_length_ && state.length <= max_length_;
}

bool TextRule::CanContinue(const State& state) const {
  if (!dfa_->CanContinue(state.dfa)) return false;
  for (int byte = 0; byte < 256; ++byte) {
    State next = state;
    next.started = true;
    if (dfa_->Next(state.dfa, static_cast<uint8_t>(byte)) != ByteDfa::kDead && Step(&next, static_cast<uint8_t>(byte))) {
      return true;
    }
  }
  return false;
}

}  // namespace needle
