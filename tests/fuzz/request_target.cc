// SPDX-License-Identifier: Apache-2.0
// Requests: read or refused with the member's path; and phrases, which become values that stay themselves.
#include "fixture.h"
#include "normalize/evidence.h"
#include "normalize/normalize.h"
#include "normalize/number_words.h"
#include "router/route_request.h"
#include "simdjson.h"

namespace needle_fuzz {
namespace {

using Normalizer = needle::Result<std::string> (*)(std::string_view, const needle::Facts&);

void CheckPhrase(std::string_view phrase, const needle::Facts& facts) {
  for (const Normalizer normalize : {Normalizer(needle::NormalizeDate), Normalizer(needle::NormalizeTime), Normalizer(needle::NormalizeFullTime),
                                     Normalizer(needle::NormalizeDateTime), Normalizer(needle::NormalizeDuration)}) {
    const auto once = normalize(phrase, facts);
    if (!once.ok()) {  // it quotes the phrase; the engine's are valid UTF-8
      if (simdjson::validate_utf8(phrase.data(), phrase.size())) CheckError(once.error());
      continue;
    }
    const auto twice = normalize(*once, facts);
    Check(twice.ok() && *twice == *once, "a normalised value stays itself", *once);
  }
}

void CheckEvidence(std::string_view text) {
  size_t last = 0;
  for (const needle::NumberSpan& span : needle::FindNumbers(text)) {
    Check(span.begin >= last && span.begin < span.end && span.end <= text.size(), "numbers stand in the text, one after the other");
    last = span.end;
  }
  const std::string_view value = text.substr(text.size() / 3, text.size() / 3);
  const auto span = needle::FindEvidence(text, value);
  Check(!span || (span->begin < span->end && span->end <= text.size()), "evidence stands in the text");
  Check(needle::ByteToUtf16(text, text.size()) <= text.size(), "UTF-16 is never longer than UTF-8");
}

}  // namespace

void FuzzRequest(Input input) {
  const std::string_view text = AsText(input);
  CheckEvidence(text);
  needle::Facts facts;
  facts.date = needle::CivilDate{2026, 11, 21};
  facts.time = needle::TimeOfDay{8, 30, 0};
  facts.utc_offset_minutes = 60;
  CheckPhrase(text, facts);
  CheckPhrase(text, {});
  const auto request = needle::ParseRouteRequest(text);
  if (!request.ok()) return CheckError(request.error());
  Check(request->max_calls >= 1 && request->max_calls <= 8, "maxCalls is within its bounds");
  Check(request->context.size() <= 2, "at most two turns of context");
  CheckPhrase(request->query, request->clock);
  CheckEvidence(request->query);
}

}  // namespace needle_fuzz
