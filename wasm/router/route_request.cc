// SPDX-License-Identifier: Apache-2.0
#include "router/route_request.h"

#include <algorithm>

#include "router/json_read.h"

namespace needle {
namespace {

using simdjson::dom::element;

/// The date, time and offset of "2026-11-21", "2026-11-21T08:30" or "2026-11-21T08:30:00+02:00".
Status ReadClock(std::string_view text, Facts* clock) {
  const auto bad = [] { return BadArgument("facts.date", "an ISO 8601 date or date-time"); };
  clock->date = ParseIsoDate(text.substr(0, 10));
  if (!clock->date) return bad();
  if (text.size() == 10) return Ok{};
  if (text[10] != 'T' && text[10] != ' ') return bad();
  std::string_view rest = text.substr(11);
  const size_t offset_at = rest.find_first_of("Zz+-");
  std::string_view time = rest.substr(0, offset_at);
  time = time.substr(0, time.find('.'));  // fractions of a second say nothing
  clock->time = ParseIsoTime(time);
  if (!clock->time) return bad();
  if (offset_at == std::string_view::npos) return Ok{};
  clock->utc_offset_minutes = ParseUtcOffset(rest.substr(offset_at));
  if (!clock->utc_offset_minutes) return bad();
  return Ok{};
}

Status ReadFacts(const element& value, RouteRequest* request) {
  simdjson::dom::object object;
  if (value.get(object)) return BadArgument("facts", "an object of strings");
  for (const auto field : object) {
    std::string_view text;
    if (field.value.get(text)) return BadArgument("facts." + std::string(field.key), "a string");
    if (field.key == "date") {
      NEEDLE_RETURN_IF_ERROR(ReadClock(text, &request->clock));
      text = text.substr(0, 10);  // the network is told the day; the time only matters to the normaliser
    }
    request->facts.emplace_back(field.key, text);
  }
  return Ok{};
}

Status ReadContext(const element& value, RouteRequest* request) {
  simdjson::dom::array turns;
  if (value.get(turns)) return BadArgument("context", "an array of strings");
  for (const element turn : turns) {
    std::string_view text;
    if (turn.get(text)) return BadArgument("context[" + std::to_string(request->context.size()) + "]", "a string");
    request->context.emplace_back(text);
  }
  if (request->context.size() > 2) request->context.erase(request->context.begin(), request->context.end() - 2);
  return Ok{};
}

Status ReadToolChoice(const element& value, RouteRequest* request) {
  std::string_view text;
  if (!value.get(text)) {
    if (text == "auto") return Ok{};
    if (text == "required" || text == "none") {
      request->tool_choice = text == "none" ? ToolChoice::kNone : ToolChoice::kRequired;
      return Ok{};
    }
  } else if (!value["name"].get(text)) {
    request->tool_choice = ToolChoice::kNamed;
    request->tool_name = text;
    return Ok{};
  }
  return BadArgument("toolChoice", "\"auto\", \"required\", \"none\" or {\"name\": a tool's name}");
}

Status ReadCount(const element& value, const char* path, int highest, int* count) {
  int64_t number;
  if (value.get(number) || number < 1 || number > highest) {
    return BadArgument(path, "an integer from 1 to " + std::to_string(highest));
  }
  *count = static_cast<int>(number);
  return Ok{};
}

Status ReadMember(std::string_view key, const element& value, RouteRequest* request) {
  if (key == "query") {
    std::string_view text;
    if (value.get(text)) return BadArgument("query", "a string");
    request->query = text;
    return Ok{};
  }
  if (key == "facts") return ReadFacts(value, request);
  if (key == "context") return ReadContext(value, request);
  if (key == "toolChoice") return ReadToolChoice(value, request);
  if (key == "maxCalls") return ReadCount(value, "maxCalls", 8, &request->max_calls);
  if (key == "maxConsidered") return ReadCount(value, "maxConsidered", 64, &request->max_considered);
  if (key == "explain") {
    return value.get(request->explain) ? Status(BadArgument("explain", "a boolean")) : Status(Ok{});
  }
  return Error{ErrorCode::kInvalidArgument, "unknown member of a route request", std::string(key)};
}

}  // namespace

int MaxConsidered(const RouteRequest& request, size_t num_tools) {
  return request.max_considered > 0 ? request.max_considered : static_cast<int>(std::clamp<size_t>(num_tools / 8, 8, 16));
}

Result<RouteRequest> ParseRouteRequest(std::string_view json) {
  simdjson::dom::parser parser;
  auto root = ParseJson(json, parser, "request");
  if (!root.ok()) return std::move(root.error());
  simdjson::dom::object object;
  if (root->get(object)) return BadArgument("request", "an object");
  RouteRequest request;
  bool has_query = false;
  for (const auto field : object) {
    NEEDLE_RETURN_IF_ERROR(ReadMember(field.key, field.value, &request));
    has_query |= field.key == "query";
  }
  if (!has_query) return BadArgument("query", "a string");
  return request;
}

}  // namespace needle
