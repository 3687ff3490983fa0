// SPDX-License-Identifier: Apache-2.0
#include "router/result_json.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "grammar/schema_merge.h"
#include "normalize/evidence.h"
#include "normalize/normalize.h"
#include "router/json_write.h"

namespace needle {
namespace {

/// The values of one call on their way to JSON.
struct FinishedCall {
  const ToolEntry* tool = nullptr;
  Value arguments;
  std::vector<std::pair<std::string, ByteSpan>> evidence;  // top-level key, span in the request
  std::vector<std::string> missing;                        // required keys the request does not state
};

using Normalizer = Result<std::string> (*)(std::string_view, const Facts&);

Normalizer NormalizerOf(const Value& value) {
  if (value.kind != Value::kString || !value.schema || value.schema->has_enum) return nullptr;
  const std::string& format = value.schema->format;
  if (format == "date") return NormalizeDate;
  if (format == "time") return NormalizeFullTime;
  if (format == "date-time") return NormalizeDateTime;
  return format == "duration" ? NormalizeDuration : nullptr;
}

std::vector<Value*> Children(Value* value) {
  std::vector<Value*> children;
  for (Value& item : value->items) children.push_back(&item);
  for (Member& member : value->members) children.push_back(&member.value);
  return children;
}

bool HasMissing(Value* value) {
  if (value->kind == Value::kMissing) return true;
  for (Value* child : Children(value)) {
    if (HasMissing(child)) return true;
  }
  return false;
}

/// Turns copied phrases into what their format wants. False when one cannot be: never a guess. `problem` says why.
bool Normalize(Value* value, const Facts& facts, std::string* problem) {
  if (const Normalizer normalizer = NormalizerOf(*value)) {
    auto text = normalizer(value->text, facts);
    if (!text.ok()) {
      *problem = text.error().message;
      return false;
    }
    value->text = std::move(text.value());
    // Length and pattern held for the phrase; the schema means what it has become.
    if (!ScalarFits({.kind = Scalar::kString, .string = value->text}, *value->schema)) {
      *problem = "'" + value->text + "' is not what its schema allows";
      return false;
    }
  }
  for (Value* child : Children(value)) {
    if (!Normalize(child, facts, problem)) return false;
  }
  return true;
}

/// Spans of a value's leaves in the request, as one span from the first to the last.
void Widen(const Value& value, std::string_view query, std::optional<ByteSpan>* span) {
  if (value.kind == Value::kString || value.kind == Value::kNumber) {
    const auto found = FindEvidence(query, value.text, *span);
    if (!found) return;
    *span = *span ? ByteSpan{std::min((*span)->begin, found->begin), std::max((*span)->end, found->end)} : *found;
  }
  for (const Value& item : value.items) Widen(item, query, span);
  for (const Member& member : value.members) Widen(member.value, query, span);
}

FinishedCall FinishCall(const Call& call, const ResultInput& input, std::vector<std::string>* warnings) {
  FinishedCall out;
  out.tool = &input.tools->tools()[static_cast<size_t>(input.considered[static_cast<size_t>(call.tool_idx)])];
  out.arguments = call.arguments;
  Facts facts = input.request->clock;
  facts.request = input.request->query;
  for (Member& member : out.arguments.members) {
    std::optional<ByteSpan> span;
    Widen(member.value, input.request->query, &span);  // before phrases become dates
    std::string problem;
    if (HasMissing(&member.value)) {
      out.missing.push_back(member.key);
    } else if (!Normalize(&member.value, facts, &problem)) {
      warnings->push_back(out.tool->name + "." + member.key + ": " + problem);
      out.missing.push_back(member.key);
    } else if (span) {
      out.evidence.emplace_back(member.key, *span);
    }
  }
  std::erase_if(out.arguments.members, [&](const Member& member) {
    return std::find(out.missing.begin(), out.missing.end(), member.key) != out.missing.end();
  });
  return out;
}

/// Whether the request says the call's values twice ("add milk and another milk").
bool SaidTwice(const FinishedCall& call, std::string_view query) {
  for (const auto& [key, span] : call.evidence) {
    const auto again = FindEvidence(query.substr(span.end), query.substr(span.begin, span.end - span.begin));
    if (!again) return false;
  }
  return !call.evidence.empty();
}

/// The finished calls; one that repeats the call before it stays only if the request repeats itself.
std::vector<FinishedCall> FinishCalls(const ResultInput& input, std::vector<std::string>* warnings) {
  std::vector<FinishedCall> calls;
  for (const Call& call : input.trace->calls) {
    FinishedCall next = FinishCall(call, input, warnings);
    const bool repeats = !calls.empty() && calls.back().tool == next.tool &&
                         SameValue(calls.back().arguments, next.arguments);
    if (!repeats || SaidTwice(next, input.request->query)) calls.push_back(std::move(next));
  }
  return calls;
}

void AppendCall(const FinishedCall& call, std::string_view query, std::string* json) {
  Comma(json);
  *json += '{';
  AppendJsonKey("name", json);
  AppendJsonString(call.tool->name, json);
  AppendJsonKey("arguments", json);
  *json += ToJson(call.arguments);
  AppendJsonKey("evidence", json);
  *json += '{';
  for (const auto& [key, span] : call.evidence) {
    AppendJsonKey(key, json);
    *json += '[' + std::to_string(ByteToUtf16(query, span.begin)) + ',' + std::to_string(ByteToUtf16(query, span.end)) + ']';
  }
  *json += "}}";
}

void AppendPartial(const FinishedCall& call, std::string* json) {
  AppendJsonKey("partial", json);
  *json += '{';
  AppendJsonKey("name", json);
  AppendJsonString(call.tool->name, json);
  AppendJsonKey("arguments", json);
  *json += ToJson(call.arguments) + '}';
  AppendJsonKey("missing", json);
  AppendJsonStrings(call.missing, json);
}

/// A multiple of 1/10000 in 0..1, without the noise of a double's last digits.
std::string FourPlaces(double value) {
  const int units = static_cast<int>(value * 10000 + 0.5);
  std::string digits = std::to_string(units % 10000);
  digits.insert(0, 4 - digits.size(), '0');
  while (!digits.empty() && digits.back() == '0') digits.pop_back();
  return std::to_string(units / 10000) + (digits.empty() ? "" : "." + digits);
}

void AppendTokens(const ResultInput& input, std::string* json) {
  AppendJsonKey("tokens", json);
  *json += "{\"query\":" + std::to_string(input.num_query_tokens) + ",\"decoded\":" + std::to_string(input.num_decoded) +
           ",\"forced\":" + std::to_string(input.num_forced) + '}';
}

void AppendConsidered(const ResultInput& input, std::string* json) {
  std::vector<std::string> names;
  for (const int index : input.considered) names.push_back(input.tools->tools()[static_cast<size_t>(index)].name);
  AppendJsonKey("considered", json);
  AppendJsonStrings(names, json);
}

}  // namespace

Result<std::string> ResultJson(const ResultInput& input) {
  std::vector<std::string> warnings;
  const std::vector<FinishedCall> calls = FinishCalls(input, &warnings);
  const auto incomplete = std::find_if(calls.begin(), calls.end(), [](const FinishedCall& c) { return !c.missing.empty(); });
  const bool is_none = calls.empty();
  std::string json = "{";
  AppendJsonKey("type", &json);
  AppendJsonString(is_none ? "none" : incomplete != calls.end() ? "incomplete" : "call", &json);
  AppendJsonKey("calls", &json);
  json += '[';
  if (incomplete == calls.end()) {
    for (const FinishedCall& call : calls) AppendCall(call, input.request->query, &json);
  }
  json += ']';
  AppendJsonKey("confidence", &json);
  json += input.certain ? "1" : FourPlaces(Confidence(input.features, is_none, *input.calibration));
  AppendConsidered(input, &json);
  if (incomplete != calls.end()) AppendPartial(*incomplete, &json);
  AppendJsonKey("warnings", &json);
  AppendJsonStrings(warnings, &json);
  AppendTokens(input, &json);
  if (input.explanation) {
    AppendJsonKey("explanation", &json);
    json += ExplanationJson(*input.explanation);
  }
  return json + "}";
}

std::string PartialResultJson(const CallTrace& trace, const ToolSet& tools, std::span<const int> considered,
                              size_t num_decided) {
  std::string json = "{\"calls\":[";
  for (const Call& call : trace.calls) {
    // While the name is not decided the call has no tool. What ends at a token is known to end there by that token.
    if (call.name_end == 0 || call.name_end >= num_decided) continue;
    Value arguments = call.arguments;
    std::erase_if(arguments.members, [&](const Member& member) { return member.value.end >= num_decided; });
    const size_t index = static_cast<size_t>(considered[static_cast<size_t>(call.tool_idx)]);
    Comma(&json);
    json += '{';
    AppendJsonKey("name", &json);
    AppendJsonString(tools.tools()[index].name, &json);
    AppendJsonKey("arguments", &json);
    json += ToJson(arguments) + '}';
  }
  return json + "]}";
}

}  // namespace needle
