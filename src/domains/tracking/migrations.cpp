#include "domains/tracking/migrations.h"

namespace slipway::tracking {

namespace {

// Runs carry a small integer beside their public id, so that the large tables below them stay narrow. Child rows hold
// no foreign keys: runs are never removed row by row, and the check would cost a lookup for every metric point. They
// repeat the experiment, which a run never leaves, so that a search finds the rows of one experiment by value.
constexpr std::string_view kExperimentsAndRuns = R"(
CREATE TABLE experiments (
  id BIGINT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  artifact_location TEXT NOT NULL,
  lifecycle TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL
);
CREATE TABLE experiment_tags (
  experiment BIGINT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (experiment, key)
);
CREATE TABLE runs (
  id {{identity}},
  run_id TEXT NOT NULL UNIQUE,
  experiment BIGINT NOT NULL,
  name TEXT NOT NULL,
  user_id TEXT NOT NULL,
  status TEXT NOT NULL,
  start_ms BIGINT NOT NULL,
  end_ms BIGINT,
  lifecycle TEXT NOT NULL,
  deleted_ms BIGINT,
  artifact_uri TEXT NOT NULL
);
CREATE INDEX runs_by_start ON runs (experiment, lifecycle, start_ms DESC, run_id);
CREATE TABLE run_params (
  run BIGINT NOT NULL,
  experiment BIGINT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (run, key)
) {{clustered}};
CREATE INDEX run_params_by_value ON run_params (experiment, key, substr(value, 1, 100), run);
CREATE TABLE run_tags (
  run BIGINT NOT NULL,
  experiment BIGINT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (run, key)
) {{clustered}};
CREATE INDEX run_tags_by_value ON run_tags (experiment, key, substr(value, 1, 100), run);
)";

// A series is one metric of one run; its row holds the latest point, so that run lists and searches never touch the
// points. Those lie packed in chunks, the newest few in the tail of the series (metric_store.h). The index holds all
// that finding chunks needs.
constexpr std::string_view kMetrics = R"(
CREATE TABLE metric_series (
  id {{identity}},
  run BIGINT NOT NULL,
  experiment BIGINT NOT NULL,
  key TEXT NOT NULL,
  step BIGINT NOT NULL,
  time_ms BIGINT NOT NULL,
  value DOUBLE PRECISION NOT NULL,
  is_nan BIGINT NOT NULL,
  UNIQUE (run, key)
);
CREATE INDEX metric_series_by_value ON metric_series (experiment, key, is_nan, value, run);
CREATE TABLE metric_tails (
  series BIGINT PRIMARY KEY,
  points {{bytes}} NOT NULL
);
CREATE TABLE metric_chunks (
  id {{identity}},
  series BIGINT NOT NULL,
  first_ms BIGINT NOT NULL,
  first_step BIGINT NOT NULL,
  last_ms BIGINT NOT NULL,
  points {{bytes}} NOT NULL
);
CREATE INDEX metric_chunks_in_order ON metric_chunks (series, first_ms, first_step, last_ms);
)";

constexpr std::string_view kDatasetsAndModels = R"(
CREATE TABLE datasets (
  id {{identity}},
  experiment BIGINT NOT NULL,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  source_type TEXT NOT NULL,
  source TEXT NOT NULL,
  schema_text TEXT,
  profile_text TEXT,
  UNIQUE (experiment, name, digest)
);
CREATE TABLE run_datasets (
  run BIGINT NOT NULL,
  dataset BIGINT NOT NULL,
  PRIMARY KEY (run, dataset)
);
CREATE TABLE run_dataset_tags (
  run BIGINT NOT NULL,
  dataset BIGINT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (run, dataset, key)
);
CREATE TABLE run_models (
  run BIGINT NOT NULL,
  direction TEXT NOT NULL,
  model_id TEXT NOT NULL,
  step BIGINT NOT NULL,
  PRIMARY KEY (run, direction, model_id)
);
CREATE TABLE logged_models (
  model_id TEXT PRIMARY KEY,
  experiment BIGINT NOT NULL,
  name TEXT NOT NULL,
  model_type TEXT NOT NULL,
  source_run_id TEXT NOT NULL,
  artifact_uri TEXT NOT NULL,
  status TEXT NOT NULL,
  status_message TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL,
  lifecycle TEXT NOT NULL
);
CREATE INDEX logged_models_by_time ON logged_models (experiment, created_ms DESC, model_id);
CREATE TABLE logged_model_params (
  model_id TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (model_id, key)
);
CREATE TABLE logged_model_tags (
  model_id TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (model_id, key)
);
CREATE TABLE logged_model_metrics (
  model_id TEXT NOT NULL,
  key TEXT NOT NULL,
  time_ms BIGINT NOT NULL,
  step BIGINT NOT NULL,
  run_id TEXT NOT NULL,
  value DOUBLE PRECISION NOT NULL,
  is_nan BIGINT NOT NULL,
  dataset_name TEXT NOT NULL,
  dataset_digest TEXT NOT NULL,
  PRIMARY KEY (model_id, key, time_ms, step, run_id, dataset_name, dataset_digest)
);
)";

// Here for databases that have it already; what came later is in domains/traces.
constexpr std::string_view kTraces = R"(
CREATE TABLE traces (
  trace_id TEXT PRIMARY KEY,
  experiment BIGINT NOT NULL,
  client_request_id TEXT NOT NULL,
  request_preview TEXT NOT NULL,
  response_preview TEXT NOT NULL,
  request_ms BIGINT NOT NULL,
  execution_ms BIGINT,
  state TEXT NOT NULL
);
CREATE INDEX traces_by_time ON traces (experiment, request_ms DESC, trace_id);
CREATE TABLE trace_tags (
  trace_id TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (trace_id, key)
);
CREATE TABLE trace_metadata (
  trace_id TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (trace_id, key)
);
)";

// For finding the experiment that a file belongs to. Locations are too long to be indexed whole.
constexpr std::string_view kLocations =
    "CREATE INDEX experiments_by_location ON experiments (substr(artifact_location, 1, 100));";

// Restoring an experiment brings back the runs that went with it, and no others. Of those deleted before this was kept
// it cannot be told, so all of a deleted experiment count, as they did.
constexpr std::string_view kDeletedWithExperiment = R"(
ALTER TABLE runs ADD COLUMN deleted_with_experiment BIGINT NOT NULL DEFAULT 0;
UPDATE runs SET deleted_with_experiment = 1 WHERE lifecycle = 'deleted' AND experiment IN
  (SELECT id FROM experiments WHERE lifecycle = 'deleted');
)";

}  // namespace

std::vector<sql::Migration> migrations() {
  return {{1, "experiments and runs", kExperimentsAndRuns},
          {2, "metrics", kMetrics},
          {3, "datasets and models", kDatasetsAndModels},
          {4, "traces", kTraces},
          {5, "locations of experiments", kLocations},
          {6, "runs deleted with their experiment", kDeletedWithExperiment}};
}

}  // namespace slipway::tracking
