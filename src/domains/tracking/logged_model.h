// What a logged model is: a trained model with its files, made by a run, before anybody registers it. Used by the
// tracking module, the registry and the protocols.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domains/tracking/run.h"

namespace slipway::tracking {

enum class LoggedModelStatus { kPending, kReady, kFailed };
// "PENDING", "READY", "UPLOAD_FAILED" as filters and the database know them.
std::string_view name_of(LoggedModelStatus status);
std::optional<LoggedModelStatus> parse_logged_model_status(std::string_view name);

struct LoggedModel {
  LoggedModelId id;
  ExperimentId experiment_id;
  std::string name;
  std::string model_type;
  std::string source_run_id;
  std::string artifact_uri;
  LoggedModelStatus status = LoggedModelStatus::kPending;
  std::string status_message;
  int64_t created_ms = 0;
  int64_t updated_ms = 0;
  Lifecycle lifecycle = Lifecycle::kActive;
  std::vector<Tag> tags;
  std::vector<Param> params;
  std::vector<Metric> metrics;
};

struct NewLoggedModel {
  ExperimentId experiment_id;
  std::string name;  // empty: one is made up
  std::string model_type;
  std::string source_run_id;
  std::vector<Param> params;
  std::vector<Tag> tags;
};

struct DatasetSelector {
  std::string name;
  std::string digest;  // empty: any
};

struct LoggedModelOrder {
  std::string field;  // "creation_timestamp", "metrics.accuracy", ...
  bool ascending = true;
  DatasetSelector dataset;  // limits a metric to one dataset; empty name: any
};

struct LoggedModelSearch {
  std::vector<ExperimentId> experiments;
  std::string filter;
  std::vector<DatasetSelector> datasets;
  std::vector<LoggedModelOrder> order_by;
  int64_t max_results = 50;
  std::string page_token;
};

}  // namespace slipway::tracking
