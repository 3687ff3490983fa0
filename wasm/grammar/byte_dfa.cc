// SPDX-License-Identifier: Apache-2.0
// ByteDfa: pruning, intersection and the lengths that a state can still reach.
#include "grammar/byte_dfa.h"

#include <algorithm>
#include <map>
#include <utility>

namespace needle {

bool ByteDfa::CanContinue(State state) const {
  const auto row = next_.begin() + state * num_classes_;
  return std::any_of(row, row + num_classes_, [](State next) { return next != kDead; });
}

bool ByteDfa::Matches(std::string_view text) const {
  State state = Feasible() ? kStart : kDead;
  for (char c : text) state = Next(state, static_cast<uint8_t>(c));
  return Accepts(state);
}

size_t ByteDfa::CountStrings(size_t limit) const {
  if (!Feasible()) return 0;
  // Depth first: every kept state leads to acceptance, so a way back into the path means no end of strings; without
  // one, a state is counted behind all that it leads to.
  std::vector<size_t> bytes_of(static_cast<size_t>(num_classes_), 0);
  for (const uint8_t id : class_of_) ++bytes_of[id];
  struct Visit {
    State state;
    int next_class;
  };
  enum Mark : uint8_t { kNew, kOnPath, kCounted };
  std::vector<Mark> marks(num_states(), kNew);
  std::vector<size_t> count(num_states(), 0);
  std::vector<Visit> path = {{kStart, 0}};
  marks[kStart] = kOnPath;
  while (!path.empty()) {
    Visit& visit = path.back();
    if (visit.next_class == num_classes_) {
      size_t sum = accepts_[visit.state];
      for (int c = 0; c < num_classes_; ++c) {
        sum = std::min(limit, sum + bytes_of[static_cast<size_t>(c)] * count[next_[visit.state * num_classes_ + c]]);
      }
      count[visit.state] = sum;
      marks[visit.state] = kCounted;
      path.pop_back();
      continue;
    }
    const State next = next_[visit.state * num_classes_ + visit.next_class++];
    if (next == kDead || marks[next] == kCounted) continue;
    if (marks[next] == kOnPath) return limit;
    marks[next] = kOnPath;
    path.push_back({next, 0});
  }
  return count[kStart];
}

ByteDfa ByteDfa::Make(std::array<uint8_t, 256> class_of, int num_classes, std::vector<State> next,
                      std::vector<bool> accepts, std::shared_ptr<WorkMeter> meter) {
  // States that reach acceptance, backwards from the accepting ones.
  const size_t n = accepts.size();
  std::vector<std::vector<State>> previous(n);
  for (size_t s = 0; s < n; ++s) {
    for (int c = 0; c < num_classes; ++c) previous[next[s * num_classes + c]].push_back(static_cast<State>(s));
  }
  std::vector<bool> live(n, false);
  std::vector<State> queue;
  for (size_t s = kStart; s < n; ++s) {
    if (accepts[s]) live[s] = true, queue.push_back(static_cast<State>(s));
  }
  while (!queue.empty()) {
    const State s = queue.back();
    queue.pop_back();
    for (State p : previous[s]) {
      if (p != kDead && !live[p]) live[p] = true, queue.push_back(p);
    }
  }
  // Renumber; without a live start nothing but the dead state remains.
  std::vector<State> renamed(n, kDead);
  State count = 1;
  if (n > kStart && live[kStart]) {
    for (size_t s = kStart; s < n; ++s) {
      if (live[s]) renamed[s] = count++;
    }
  }
  ByteDfa dfa;
  dfa.class_of_ = class_of;
  dfa.num_classes_ = num_classes;
  dfa.meter_ = std::move(meter);
  dfa.next_.assign(static_cast<size_t>(count) * num_classes, kDead);
  dfa.accepts_.assign(count, false);
  for (size_t s = kStart; s < n; ++s) {
    if (renamed[s] == kDead) continue;
    dfa.accepts_[renamed[s]] = accepts[s];
    for (int c = 0; c < num_classes; ++c) {
      dfa.next_[renamed[s] * num_classes + c] = renamed[next[s * num_classes + c]];
    }
  }
  return dfa;
}

std::vector<std::vector<uint64_t>> ByteDfa::ReachableLengths(uint32_t max_length) const {
  // lengths[s] = {0 if s accepts} u { n + (byte begins a code point) : n in lengths[next(s, byte)] }. Level by level: the
  // bits of length n depend on length n - 1 over lead bytes and on length n over the (at most 3) continuation bytes.
  const size_t words = max_length / 64 + 1;
  std::vector<std::vector<uint64_t>> lengths(num_states(), std::vector<uint64_t>(words, 0));
  std::vector<std::vector<State>> lead(num_states()), tail(num_states());
  for (size_t s = kStart; s < num_states(); ++s) {
    for (int b = 0; b < 256; ++b) {
      const State next = Next(static_cast<State>(s), static_cast<uint8_t>(b));
      if (next != kDead) (BeginsCodePoint(static_cast<uint8_t>(b)) ? lead : tail)[s].push_back(next);
    }
    for (auto* list : {&lead[s], &tail[s]}) {
      std::sort(list->begin(), list->end());
      list->erase(std::unique(list->begin(), list->end()), list->end());
    }
  }
  const auto has = [&](State s, uint32_t n) { return lengths[s][n / 64] >> (n % 64) & 1; };
  for (uint32_t n = 0; n <= max_length; ++n) {
    for (int pass = 0, changed = 1; pass < 4 && changed; ++pass) {
      changed = 0;
      for (size_t s = kStart; s < num_states(); ++s) {
        if (has(static_cast<State>(s), n)) continue;
        bool reach = n == 0 && Accepts(static_cast<State>(s));
        for (size_t i = 0; n > 0 && pass == 0 && !reach && i < lead[s].size(); ++i) reach = has(lead[s][i], n - 1);
        for (size_t i = 0; !reach && i < tail[s].size(); ++i) reach = has(tail[s][i], n);
        if (reach) lengths[s][n / 64] |= uint64_t{1} << (n % 64), changed = 1;
      }
    }
  }
  return lengths;
}

ByteDfa ByteDfa::AnyString() {
  // Classes: ASCII, 80-8F, 90-9F, A0-BF, C2-DF, E0, E1-EC/EE-EF, ED, F0, F1-F3, F4, never valid.
  std::array<uint8_t, 256> class_of{};
  for (int b = 0; b < 256; ++b) {
    class_of[b] = b < 0x80 ? 0 : b < 0x90 ? 1 : b < 0xA0 ? 2 : b < 0xC0 ? 3 : b < 0xC2 ? 11 : b < 0xE0 ? 4
                : b == 0xE0 ? 5 : b == 0xED ? 7 : b < 0xF0 ? 6 : b == 0xF0 ? 8 : b < 0xF4 ? 9 : b == 0xF4 ? 10 : 11;
  }
  constexpr int kClasses = 12;
  // States: 1 whole, 2/3/4 one/two/three continuation bytes to come, 5 after E0, 6 after ED, 7 after F0, 8 after F4.
  std::vector<State> next(9 * kClasses, kDead);
  const auto set = [&](State from, std::initializer_list<int> classes, State to) {
    for (int c : classes) next[from * kClasses + c] = to;
  };
  set(1, {0}, 1), set(1, {4}, 2), set(1, {5}, 5), set(1, {6}, 3), set(1, {7}, 6), set(1, {8}, 7), set(1, {9}, 4);
  set(1, {10}, 8);
  set(2, {1, 2, 3}, 1), set(3, {1, 2, 3}, 2), set(4, {1, 2, 3}, 3);
  set(5, {3}, 2), set(6, {1, 2}, 2), set(7, {2, 3}, 3), set(8, {1}, 3);
  std::vector<bool> accepts(9, false);
  accepts[1] = true;
  return Make(class_of, kClasses, std::move(next), std::move(accepts));
}

std::shared_ptr<const ByteDfa> ByteDfa::Intersect(const ByteDfa& a, const ByteDfa& b) {
  std::map<std::pair<uint8_t, uint8_t>, uint8_t> class_ids;
  std::array<uint8_t, 256> class_of{};
  std::vector<uint8_t> representative;
  for (int byte = 0; byte < 256; ++byte) {
    const auto key = std::make_pair(a.class_of_[byte], b.class_of_[byte]);
    const auto [it, added] = class_ids.emplace(key, static_cast<uint8_t>(representative.size()));
    if (added) representative.push_back(static_cast<uint8_t>(byte));
    class_of[byte] = it->second;
  }
  const int classes = static_cast<int>(representative.size());
  const auto& meter = a.meter_ ? a.meter_ : b.meter_;
  if (!a.Feasible() || !b.Feasible()) {
    return std::make_shared<ByteDfa>(Make(class_of, classes, std::vector<State>(classes, kDead), {false}, meter));
  }
  std::map<std::pair<State, State>, State> ids;
  std::vector<std::pair<State, State>> pairs = {{kDead, kDead}, {kStart, kStart}};
  ids[{kStart, kStart}] = kStart;
  std::vector<State> next(classes, kDead);
  for (size_t i = kStart; i < pairs.size(); ++i) {
    for (int c = 0; c < classes; ++c) {
      const State x = a.Next(pairs[i].first, representative[c]), y = b.Next(pairs[i].second, representative[c]);
      State to = kDead;
      if (x != kDead && y != kDead) {
        const auto [it, added] = ids.emplace(std::make_pair(x, y), static_cast<State>(pairs.size()));
        if (added) pairs.push_back({x, y});
        to = it->second;
      }
      next.push_back(to);
    }
    if (pairs.size() > kMaxStates || (meter && !meter->Spend(4 * static_cast<uint64_t>(classes)))) return nullptr;
  }
  std::vector<bool> accepts;
  for (const auto& [x, y] : pairs) accepts.push_back(a.Accepts(x) && b.Accepts(y));
  return std::make_shared<ByteDfa>(Make(class_of, classes, std::move(next), std::move(accepts), meter));
}

}  // namespace needle
