// What a trace is: one recorded call of an application, as its client reports it when it ends. Its spans lie as a file
// among the artifacts; here is what lists and searches need. Used by Traces and the protocols.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domains/tracking/experiment.h"

namespace slipway::tracking {

// "tr-" and 32 hexadecimal digits, given by the client.
using TraceId = Id<struct TraceIdTag>;

struct Trace {
  TraceId id;
  ExperimentId experiment_id;
  std::string client_request_id;
  std::string request_preview;
  std::string response_preview;
  int64_t request_ms = 0;
  std::optional<int64_t> execution_ms;
  std::string state;  // "OK", "ERROR", "IN_PROGRESS", "STATE_UNSPECIFIED"
  std::vector<Tag> tags;
  std::vector<Tag> metadata;
};

}  // namespace slipway::tracking
