// SPDX-License-Identifier: Apache-2.0
// Patterns: compiled within bounds or refused. What is compiled matches something, and is its own intersection.
#include "fixture.h"
#include "grammar/regex.h"

namespace needle_fuzz {

void FuzzRegex(Input input) {
  const auto dfa = needle::CompileRegex(AsText(input));
  if (!dfa.ok()) return CheckError(dfa.error());
  const needle::ByteDfa& automaton = **dfa;
  Check(automaton.Feasible() && automaton.CountStrings(50) > 0, "a compiled pattern matches something");
  Check(automaton.num_states() <= needle::ByteDfa::kMaxStates + 1, "automata are bounded");
  if (automaton.num_states() > 300) return;  // below it is quadratic
  const auto itself = needle::ByteDfa::Intersect(automaton, automaton);
  Check(itself && itself->CountStrings(50) == automaton.CountStrings(50), "an automaton is its own intersection");
  const auto lengths = automaton.ReachableLengths(63);
  Check(lengths[needle::ByteDfa::kStart][0] != 0 || automaton.num_states() > 63, "some length is reached");
  Check(automaton.Accepts(needle::ByteDfa::kStart) == ((lengths[needle::ByteDfa::kStart][0] & 1) != 0), "length 0 is the empty string");
}

}  // namespace needle_fuzz
