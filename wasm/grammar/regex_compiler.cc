// SPDX-License-Identifier: Apache-2.0
// RegexNode tree -> NFA over UTF-8 bytes (Thompson's construction) -> ByteDfa (subset construction). ^ and $ are
// epsilon edges that may be taken only before the first and after the last byte.
#include <algorithm>
#include <map>

#include "grammar/regex.h"

namespace needle {
namespace {

constexpr size_t kMaxNfaStates = 200000;
constexpr size_t kMaxWork = 40'000'000;  // NFA states visited by the subset construction: about a second

struct NfaState {
  enum Kind : uint8_t { kSplit, kBytes, kBegin, kEnd, kMatch };
  Kind kind = kSplit;
  uint8_t lo = 0, hi = 0;   // kBytes
  int out = -1, out2 = -1;  // -1: none
};

struct ByteRange {
  uint8_t lo, hi;
};
using ByteSequence = std::vector<ByteRange>;  // 1 to 4 ranges

void EncodeUtf8(uint32_t c, std::vector<uint8_t>* out) {
  out->clear();
  if (c < 0x80) return out->push_back(static_cast<uint8_t>(c));
  const int tail = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  const uint8_t lead = tail == 1 ? 0xC0 : tail == 2 ? 0xE0 : 0xF0;
  out->push_back(static_cast<uint8_t>(lead | c >> (6 * tail)));
  for (int i = tail - 1; i >= 0; --i) out->push_back(static_cast<uint8_t>(0x80 | (c >> (6 * i) & 63)));
}

/// Splits [lo, hi] until every part is a product of byte ranges, as all UTF-8 range compilers do.
void AddUtf8Sequences(uint32_t lo, uint32_t hi, std::vector<ByteSequence>* out) {
  if (lo > hi) return;
  if (lo <= 0xDFFF && hi >= 0xD800) {  // surrogates are not characters
    AddUtf8Sequences(lo, 0xD7FF, out);
    return AddUtf8Sequences(0xE000, hi, out);
  }
  for (uint32_t last : {0x7Fu, 0x7FFu, 0xFFFFu}) {
    if (lo <= last && hi > last) {
      AddUtf8Sequences(lo, last, out);
      return AddUtf8Sequences(last + 1, hi, out);
    }
  }
  if (hi >= 0x80) {
    for (int i = 1; i <= 3; ++i) {
      const uint32_t mask = (1u << (6 * i)) - 1;
      if ((lo & ~mask) == (hi & ~mask)) break;
      if ((lo & mask) != 0) {
        AddUtf8Sequences(lo, lo | mask, out);
        return AddUtf8Sequences((lo | mask) + 1, hi, out);
      }
      if ((hi & mask) != mask) {
        AddUtf8Sequences(lo, (hi & ~mask) - 1, out);
        return AddUtf8Sequences(hi & ~mask, hi, out);
      }
    }
  }
  std::vector<uint8_t> first, last;
  EncodeUtf8(lo, &first);
  EncodeUtf8(hi, &last);
  ByteSequence sequence;
  for (size_t i = 0; i < first.size(); ++i) sequence.push_back({first[i], last[i]});
  out->push_back(std::move(sequence));
}

/// Builds backwards: each function returns the entry of a fragment that continues at `to`.
class NfaBuilder {
 public:
  std::vector<NfaState> states;

  bool full() const { return states.size() > kMaxNfaStates; }

  int Add(NfaState state) {
    states.push_back(state);
    return static_cast<int>(states.size()) - 1;
  }

  int Class(const CodePointRanges& ranges, int to) {
    std::vector<ByteSequence> sequences;
    for (const auto& [lo, hi] : ranges) AddUtf8Sequences(lo, hi, &sequences);
    int entry = -1;
    std::map<std::pair<int, int>, int> shared;  // (range, continuation) -> state: tails of sequences repeat a lot
    for (const ByteSequence& sequence : sequences) {
      int next = to;
      for (size_t i = sequence.size(); i-- > 0;) {
        const ByteRange range = sequence[i];
        const auto [it, added] = shared.emplace(std::make_pair(range.lo << 8 | range.hi, next), 0);
        if (added) it->second = Add({NfaState::kBytes, range.lo, range.hi, next, -1});
        next = it->second;
      }
      entry = entry < 0 ? next : Add({NfaState::kSplit, 0, 0, entry, next});
    }
    return entry < 0 ? Add({}) : entry;  // the empty class matches nothing
  }

  int Fragment(const RegexNode& node, int to) {
    if (full()) return to;
    switch (node.kind) {
      case RegexNode::kEmpty: return to;
      case RegexNode::kClass: return Class(node.ranges, to);
      case RegexNode::kBegin: return Add({NfaState::kBegin, 0, 0, to, -1});
      case RegexNode::kEnd: return Add({NfaState::kEnd, 0, 0, to, -1});
      case RegexNode::kSequence:
        for (size_t i = node.children.size(); i-- > 0;) to = Fragment(node.children[i], to);
        return to;
      case RegexNode::kAlternation: {
        int entry = Fragment(node.children[0], to);
        for (size_t i = 1; i < node.children.size(); ++i) {
          const int other = Fragment(node.children[i], to);
          entry = Add({NfaState::kSplit, 0, 0, entry, other});
        }
        return entry;
      }
      case RegexNode::kRepeat: return Repeat(node, to);
    }
    return to;
  }

  int Repeat(const RegexNode& node, int to) {
    const RegexNode& body = node.children[0];
    if (node.max == RegexNode::kUnbounded) {
      to = Loop(body, to);
    } else {
      const int exit = to;
      for (int i = node.min; i < node.max && !full(); ++i) {
        const int entry = Fragment(body, to);
        to = Add({NfaState::kSplit, 0, 0, entry, exit});
      }
    }
    for (int i = 0; i < node.min && !full(); ++i) to = Fragment(body, to);
    return to;
  }

  int Loop(const RegexNode& body, int to) {
    const int loop = Add({NfaState::kSplit, 0, 0, -1, to});
    const int entry = Fragment(body, loop);
    states[loop].out = entry;
    return loop;
  }
};

/// True when every match must begin with ^.
bool Anchored(const RegexNode& node) {
  switch (node.kind) {
    case RegexNode::kBegin: return true;
    case RegexNode::kSequence: return !node.children.empty() && Anchored(node.children[0]);
    case RegexNode::kAlternation:
      return std::all_of(node.children.begin(), node.children.end(), Anchored);
    case RegexNode::kRepeat: return node.min > 0 && Anchored(node.children[0]);
    default: return false;
  }
}

class SubsetConstruction {
 public:
  SubsetConstruction(const std::vector<NfaState>& nfa, int matched) : nfa_(nfa), matched_(matched), seen_(nfa.size()) {}

  /// Null when there are too many states.
  std::shared_ptr<const ByteDfa> Run(int start, const std::shared_ptr<WorkMeter>& meter) {
    MakeClasses();
    suffix_ = Closure({nfa_[matched_].out, nfa_[matched_].out2}, false);
    sets_.push_back({});
    Id(Closure({start}, /*at_begin=*/true));
    std::vector<ByteDfa::State> next(representative_.size(), ByteDfa::kDead);
    for (size_t i = 1; i < sets_.size(); ++i) {
      for (const uint8_t byte : representative_) {
        std::vector<int> targets;
        for (int s : sets_[i]) {
          const NfaState& state = nfa_[s];
          if (state.kind == NfaState::kBytes && byte >= state.lo && byte <= state.hi) targets.push_back(state.out);
        }
        work_ += sets_[i].size() / 4 + targets.size();
        next.push_back(targets.empty() ? ByteDfa::kDead : Id(Closure(std::move(targets), false)));
        if (sets_.size() > ByteDfa::kMaxStates || work_ > kMaxWork) return nullptr;
      }
    }
    std::vector<bool> accepts;
    for (const auto& set : sets_) accepts.push_back(Accepts(set));
    return std::make_shared<ByteDfa>(
        ByteDfa::Make(class_of_, static_cast<int>(representative_.size()), std::move(next), std::move(accepts), meter));
  }

  size_t work() const { return work_; }

 private:
  void MakeClasses() {
    std::vector<bool> boundary(257, false);
    boundary[0] = true;
    for (const NfaState& state : nfa_) {
      if (state.kind == NfaState::kBytes) boundary[state.lo] = boundary[state.hi + 1] = true;
    }
    for (int b = 0; b < 256; ++b) {
      if (boundary[b]) representative_.push_back(static_cast<uint8_t>(b));
      class_of_[b] = static_cast<uint8_t>(representative_.size() - 1);
    }
  }

  /// The sorted byte, $ and match states reachable without reading. Once the pattern has matched, whatever follows is
  /// fine: such sets become the suffix alone, which keeps unanchored patterns small.
  std::vector<int> Closure(std::vector<int> stack, bool at_begin) {
    ++mark_;
    std::vector<int> set;
    while (!stack.empty()) {
      const int s = stack.back();
      stack.pop_back();
      if (s < 0 || seen_[s] == mark_) continue;
      seen_[s] = mark_;
      ++work_;
      if (s == matched_) return suffix_;
      const NfaState& state = nfa_[s];
      if (state.kind == NfaState::kSplit || (state.kind == NfaState::kBegin && at_begin)) {
        stack.push_back(state.out);
        stack.push_back(state.out2);
      } else if (state.kind != NfaState::kBegin) {
        set.push_back(s);
      }
    }
    std::sort(set.begin(), set.end());
    return set;
  }

  bool Accepts(const std::vector<int>& set) {
    ++mark_;
    std::vector<int> stack = set;
    while (!stack.empty()) {
      const int s = stack.back();
      stack.pop_back();
      if (s < 0 || seen_[s] == mark_) continue;
      seen_[s] = mark_;
      if (s == matched_ || nfa_[s].kind == NfaState::kMatch) return true;
      if (nfa_[s].kind == NfaState::kEnd || nfa_[s].kind == NfaState::kSplit) {
        stack.push_back(nfa_[s].out);
        stack.push_back(nfa_[s].out2);
      }
    }
    return false;
  }

  ByteDfa::State Id(std::vector<int> set) {
    if (set.empty()) return ByteDfa::kDead;
    const auto [it, added] = ids_.emplace(std::move(set), static_cast<ByteDfa::State>(sets_.size()));
    if (added) sets_.push_back(it->first);
    return it->second;
  }

  const std::vector<NfaState>& nfa_;
  const int matched_;          // a split: the suffix loop or the final match
  std::vector<int> suffix_;    // closure of matched_
  std::vector<uint32_t> seen_;
  uint32_t mark_ = 0;
  size_t work_ = 0;
  std::array<uint8_t, 256> class_of_{};
  std::vector<uint8_t> representative_;          // one byte of each class
  std::map<std::vector<int>, ByteDfa::State> ids_;
  std::vector<std::vector<int>> sets_;           // NFA states of each DFA state; 0 is dead
};

}  // namespace

Result<std::shared_ptr<const ByteDfa>> CompileRegex(std::string_view pattern, std::shared_ptr<WorkMeter> meter) {
  auto root = ParseRegex(pattern);
  if (!root.ok()) return std::move(root.error());
  const RegexNode any{.kind = RegexNode::kClass, .ranges = {{0, 0x10FFFF}}};

  NfaBuilder nfa;
  const int match = nfa.Add({NfaState::kMatch, 0, 0, -1, -1});
  const int matched = nfa.Loop(any, match);
  int start = nfa.Fragment(*root, matched);
  if (!Anchored(*root)) start = nfa.Loop(any, start);
  const Error too_large{ErrorCode::kUnsupportedSchema, "pattern: its automaton is too large", ""};
  if (nfa.full()) return too_large;

  SubsetConstruction construction(nfa.states, matched);
  auto dfa = construction.Run(start, meter);
  if (!dfa || (meter && !meter->Spend(construction.work()))) return too_large;
  if (!dfa->Feasible()) return Error{ErrorCode::kInvalidSchema, "pattern: matches no string", ""};
  return dfa;
}

}  // namespace needle
