// What an issue is: a fault of an application that its traces show. Traces are tied to it by assessments of the kind
// "issue" that bear its id as their name. Used by Issues and the protocols.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domains/tracking/experiment.h"

namespace slipway::genai {

using tracking::ExperimentId;
using tracking::Page;

// "iss-" and 32 hexadecimal digits.
using IssueId = Id<struct IssueIdTag>;

inline constexpr std::string_view kPending = "pending";

struct Issue {
  IssueId id;
  ExperimentId experiment_id;
  std::string name;
  std::string description;
  std::string status = std::string(kPending);  // pending, rejected or resolved
  std::optional<std::string> severity;         // not_an_issue, low, medium or high
  std::vector<std::string> root_causes;
  std::vector<std::string> categories;
  std::optional<std::string> source_run_id;  // of the run that found it
  int64_t created_ms = 0;
  int64_t updated_ms = 0;
  std::optional<std::string> created_by;
  std::optional<int64_t> trace_count;  // when it was asked for
};

// What is not set stays.
struct IssueChange {
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::optional<std::string> status;
  std::optional<std::string> severity;
};

struct IssueSearch {
  std::optional<ExperimentId> experiment;
  std::string filter;  // on status and source_run_id
  int64_t max_results = 100;
  std::string page_token;
  bool count_traces = false;  // the more traces, the earlier, among those of one severity
};

}  // namespace slipway::genai
