// SPDX-License-Identifier: Apache-2.0
// One reading of the arguments decoded so far: a stack of what is open, from the tool's arguments down to the string or
// number being written. Where the schema allows several kinds of value the matcher runs one thread for each, until
// tokens tell them apart. Threads are values; they share the log and the list of emitted tokens through ThreadContext.
#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "grammar/compiled_tool.h"
#include "grammar/copy_source.h"
#include "grammar/token_mask.h"
#include "grammar/value_log.h"

namespace needle {

struct ThreadContext {
  const GrammarVocab* vocab = nullptr;
  const std::vector<TokenId>* tokens = nullptr;  // everything emitted, without the token being stepped over
  ValueLog* log = nullptr;
  bool allow_missing = true;                     // <none> for required keys
  bool allow_call = true;                        // another <call> may follow
  uint32_t max_string_tokens = 0;
  const CopySource* copy = nullptr;              // plain strings are pieces of it; null: any text
  // Masks of strings under a pattern, which come back to the same few states: by rule and state.
  std::map<std::pair<const TextRule*, uint32_t>, TokenMask> text_masks;
  // Where the copied text names the keys of an object (named_values.h): by rule, [keys]; empty where it names none.
  std::map<const ValueRule*, std::vector<CopySource::Places>> named;
  bool truncated = false;                        // set when a thread ended because a string was too long
};

/// What an array with uniqueItems or an object with free keys may not repeat.
struct UsedValues {
  std::vector<Value> values;
  std::vector<ScaledNumber> numbers;
};

class ValueThread {
 public:
  explicit ValueThread(const ValueRule& arguments, ThreadContext* context);

  /// Adds the tokens that this thread can read, among them `<arg>`, `<call>` and `</s>` of the arguments themselves.
  void AddTokens(ThreadContext* context, TokenMask* mask) const;

  /// Reads a token; appends the threads that come of it (none, one, or one per kind of the value that begins).
  void Step(TokenId token, ThreadContext* context, std::vector<ValueThread>* out) const;

  /// Adds to `meant` the tokens with which a value begins that the text itself names for the argument at hand, to
  /// `not_meant` those that begin another's, and those that pass over an argument with such a value. Both only ever tell
  /// apart what AddTokens allows.
  void AddNamedTokens(ThreadContext* context, TokenMask* meant, TokenMask* not_meant) const;
  /// The same before the first argument.
  static void AddNamedTokens(const ValueRule& arguments, ThreadContext* context, TokenMask* not_meant);

  /// At the level of arguments, not inside the value of one: the log holds whole ones.
  bool AtArguments() const { return stack_.size() == 1 && stack_[0].phase != kInside; }
  Value Arguments(const ThreadContext& context) const;

  /// Will go on exactly as `other` does, whatever either has read.
  bool SameFuture(const ValueThread& other) const;

 private:
  enum Phase : uint8_t {
    kLeaf,       // a scalar, number or string is being read
    kMissing,    // <none> has been read
    kMayMiss,    // a value that may be <none> is about to begin
    kBegin,      // an array or object is about to begin
    kKey,        // a listed key is being read
    kFreeKey,    // a free key is being read
    kInside,     // a key or item has begun; its value is above on the stack
    kAfter,      // between members or items
  };
  struct Frame {
    const ValueRule* rule = nullptr;
    Phase phase = kLeaf;
    SequenceSet::Cursor cursor;     // kLeaf of scalars, kKey
    NumberRule::State number;
    bool number_started = false;    // the space before it has been read
    TextRule::State text;           // kLeaf of strings, kFreeKey
    bool copies = false;            // kLeaf of strings: it is a piece of the context's `copy`, at one of `places`
    CopySource::Places places;
    uint32_t copied = 0;            // its bytes so far
    std::shared_ptr<const CopySource::Taken> taken;  // what it keeps off
    uint32_t count = 0;             // kLeaf, kFreeKey: tokens read; arrays: distinct items
    int last_key = -1;              // objects: position of the last listed key; keys.size() after a free one
    uint32_t begin = 0;             // first token of the leaf or key
    int log_begin = -1;             // containers: the event that opened them
    std::shared_ptr<const UsedValues> used;  // leaves in unique arrays, free keys
  };

  Frame& top() { return stack_.back(); }
  const Frame& top() const { return stack_.back(); }

  bool StepText(TokenId token, ThreadContext* context);
  void StepStructure(TokenId token, ThreadContext* context, std::vector<ValueThread>* out) const;
  void StepArray(TokenId token, ThreadContext* context, std::vector<ValueThread>* out);
  void StepObject(TokenId token, ThreadContext* context, std::vector<ValueThread>* out);
  void BeginKey(ThreadContext* context, std::vector<ValueThread>* out) const;
  bool EndKey(ThreadContext* context);
  void BeginMember(ThreadContext* context, std::vector<ValueThread>* out) const;
  void BeginValue(const ValueRules& rules, bool may_miss, std::shared_ptr<const UsedValues> used,
                  ThreadContext* context, std::vector<ValueThread>* out) const;
  void Close(ThreadContext* context);
  void AfterValue(ThreadContext* context);

  /// The thread after the end of the leaf on top; false when it may not end here.
  bool EndLeaf(ThreadContext* context);
  static bool LeafComplete(const Frame& leaf, const ThreadContext& context);
  static bool TextUsed(const Frame& leaf, const ThreadContext& context);
  std::shared_ptr<const UsedValues> UsedItems(const ThreadContext& context) const;
  std::shared_ptr<const UsedValues> UsedKeys(const ThreadContext& context) const;

  static void AddLeafTokens(const Frame& leaf, ThreadContext* context, TokenMask* mask);
  static void AddNumberTokens(const Frame& leaf, const ThreadContext& context, TokenMask* mask);
  static std::shared_ptr<const CopySource::Taken> NoneTaken();
  void BeginCopy(Frame* leaf, const CopySource& source) const;
  static void AddCopiedTokens(const Frame& leaf, const ThreadContext& context, TokenMask* mask);
  static CopySource::Room RoomOf(const TextRule& rule, const TextRule::State& state) {
    return {rule.MinMore(state), rule.MaxMore(state)};
  }
  static const std::vector<CopySource::Places>& Named(const ValueRule& object, ThreadContext* context);
  int NextNamed(ThreadContext* context) const;
  void AddPassedOver(ThreadContext* context, TokenMask* not_meant) const;
  void AddNamedBeginnings(ThreadContext* context, TokenMask* meant, TokenMask* not_meant) const;
  static void AddTextTokens(const TextRule& rule, const TextRule::State& state, ThreadContext* context, TokenMask* mask);
  void AddContainerTokens(ThreadContext* context, TokenMask* mask) const;
  bool MoreItems(const ThreadContext& context) const;
  static bool RequiredDone(const Frame& object);
  static bool KeyMayFollow(const Frame& object, int position);
  /// The number goes on like `text`, a whole token.
  static bool StepNumber(Frame* leaf, std::string_view text, const GrammarVocab& vocab);
  static bool Unused(const Frame& leaf, int scalar_idx);

  std::vector<Frame> stack_;
  int log_ = -1;  // the last event of this thread
  std::shared_ptr<const CopySource::Taken> taken_ = NoneTaken();  // by the strings of this call
};

}  // namespace needle
