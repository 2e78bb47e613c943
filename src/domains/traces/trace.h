// What a trace is: one recorded call of an application, made of spans. Used by Traces and the protocols.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domains/traces/assessment.h"
#include "domains/traces/span.h"
#include "domains/tracking/experiment.h"

namespace slipway::traces {

using tracking::ExperimentId;
using tracking::Page;
using tracking::Search;
using tracking::Tag;

inline constexpr std::string_view kStateOk = "OK";
inline constexpr std::string_view kStateError = "ERROR";
inline constexpr std::string_view kStateInProgress = "IN_PROGRESS";
inline constexpr std::string_view kStateUnspecified = "STATE_UNSPECIFIED";

struct Trace {
  TraceId id;
  ExperimentId experiment_id;
  std::string client_request_id;
  std::string request_preview;
  std::string response_preview;
  int64_t request_ms = 0;
  std::optional<int64_t> execution_ms;
  std::string state;  // one of the four above
  std::vector<Tag> tags;
  std::vector<Tag> metadata;
  std::vector<Assessment> assessments;
};

const std::string* find_pair(const std::vector<Tag>& pairs, std::string_view key);

// Tags and metadata that have a meaning here.
namespace tag {
inline constexpr std::string_view kName = "mlflow.traceName";
inline constexpr std::string_view kArtifacts = "mlflow.artifactLocation";
inline constexpr std::string_view kSpansLocation = "mlflow.trace.spansLocation";
inline constexpr std::string_view kSpansHere = "TRACKING_STORE";
}  // namespace tag

namespace metadata {
inline constexpr std::string_view kRun = "mlflow.sourceRun";
inline constexpr std::string_view kSession = "mlflow.trace.session";
inline constexpr std::string_view kUser = "mlflow.trace.user";
inline constexpr std::string_view kTokens = "mlflow.trace.tokenUsage";
inline constexpr std::string_view kCost = "mlflow.trace.cost";
inline constexpr std::string_view kSizeStats = "mlflow.trace.sizeStats";
// Set once the client has reported the trace itself: what it says wins over what spans let us guess.
inline constexpr std::string_view kFinalized = "mlflow.trace.infoFinalized";
}  // namespace metadata

// Whether the spans lie in this database; else the client has put them among the artifacts.
bool has_spans_here(const Trace& trace);
// How many spans the client says there are; 0 when it did not.
int64_t expected_span_count(const Trace& trace);

}  // namespace slipway::traces
