// What a run is: who ran what when, its params, latest metrics, tags, inputs and outputs. Used by the tracking module,
// the registry and every protocol that shows runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domains/tracking/experiment.h"

namespace slipway::tracking {

using RunId = Id<struct RunIdTag>;
// "m-" and 32 hexadecimal digits.
using LoggedModelId = Id<struct LoggedModelIdTag>;

enum class RunStatus { kRunning, kScheduled, kFinished, kFailed, kKilled };
// "RUNNING", "FINISHED", ...: the words that filters and the database know.
std::string_view name_of(RunStatus status);
std::optional<RunStatus> parse_run_status(std::string_view name);
bool has_ended(RunStatus status);

struct Metric {
  std::string key;
  double value = 0;
  int64_t time_ms = 0;
  int64_t step = 0;
  // A metric of a model that the run made or used, perhaps on a certain dataset; empty for a metric of the run alone.
  LoggedModelId model_id;
  std::string dataset_name;
  std::string dataset_digest;
  RunId run_id;  // set when metrics are shown apart from their run
};

struct Param {
  std::string key;
  std::string value;
};

struct Dataset {
  std::string name;
  std::string digest;
  std::string source_type;
  std::string source;
  std::optional<std::string> schema;
  std::optional<std::string> profile;
};

// That runs of an experiment used a dataset for something ("training").
struct DatasetSummary {
  ExperimentId experiment_id;
  std::string name;
  std::string digest;
  std::string context;  // empty when the runs did not say
  bool operator==(const DatasetSummary&) const = default;
};

struct DatasetInput {
  Dataset dataset;
  std::vector<Tag> tags;
};

struct ModelOutput {
  LoggedModelId model_id;
  int64_t step = 0;
};

struct RunInfo {
  RunId id;
  ExperimentId experiment_id;
  std::string name;
  std::string user_id;
  RunStatus status = RunStatus::kRunning;
  int64_t start_ms = 0;
  std::optional<int64_t> end_ms;
  std::string artifact_uri;
  Lifecycle lifecycle = Lifecycle::kActive;
};

struct Run {
  RunInfo info;
  std::vector<Metric> metrics;  // the latest of each key
  std::vector<Param> params;
  std::vector<Tag> tags;
  std::vector<DatasetInput> dataset_inputs;
  std::vector<LoggedModelId> model_inputs;
  std::vector<ModelOutput> model_outputs;
};

struct NewRun {
  ExperimentId experiment_id;
  std::string name;  // empty: one is made up
  std::string user_id;
  int64_t start_ms = 0;
  std::vector<Tag> tags;
};

struct RunUpdate {
  std::optional<RunStatus> status;
  std::optional<int64_t> end_ms;
  std::optional<std::string> name;
};

// Everything that one log request may carry; written in one transaction.
struct Batch {
  std::vector<Metric> metrics;
  std::vector<Param> params;
  std::vector<Tag> tags;
};

}  // namespace slipway::tracking
