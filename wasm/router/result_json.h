// SPDX-License-Identifier: Apache-2.0
// From decoded values to what the caller gets: phrases normalised where the schema asks for dates or durations, calls
// that merely repeat dropped, evidence found, confidence computed, JSON written:
//   {"type":"call"|"none"|"incomplete","calls":[{"name","arguments","evidence":{key:[start,end]}}],"confidence",
//    "considered":[names],"partial"?:{"name","arguments"},"missing"?:[keys],"warnings":[],"tokens":{…},"explanation"?}
#pragma once

#include <span>
#include <string>

#include "base/status.h"
#include "grammar/call_trace.h"
#include "router/confidence.h"
#include "router/explain.h"
#include "router/route_request.h"
#include "router/tool_set.h"

namespace needle {

struct ResultInput {
  const CallTrace* trace = nullptr;
  const ToolSet* tools = nullptr;
  std::span<const int> considered;      // indices into tools; the trace numbers tools by their place here
  const RouteRequest* request = nullptr;
  ConfidenceFeatures features{};
  bool certain = false;                 // nothing was asked of the network
  const Calibration* calibration = nullptr;
  const Explanation* explanation = nullptr;
  int num_query_tokens = 0, num_decoded = 0, num_forced = 0;
};

Result<std::string> ResultJson(const ResultInput& input);

/// {"calls":[{"name","arguments"}]} of a trace that is not complete: what its first `num_decided` tokens say.
std::string PartialResultJson(const CallTrace& trace, const ToolSet& tools, std::span<const int> considered,
                              size_t num_decided);

}  // namespace needle
