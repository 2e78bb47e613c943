#include "domains/genai/migrations.h"

namespace slipway::genai {

namespace {

// The number of records stands with the dataset, so that a batch need not count them all again.
constexpr std::string_view kDatasets = R"(
CREATE TABLE evaluation_datasets (
  id {{identity}},
  dataset_id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  field_types TEXT,
  record_count BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL,
  created_by TEXT,
  updated_by TEXT
);
CREATE INDEX evaluation_datasets_by_time ON evaluation_datasets (created_ms, id);
CREATE INDEX evaluation_datasets_by_name ON evaluation_datasets (name);
CREATE TABLE evaluation_dataset_tags (
  dataset BIGINT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (dataset, key)
) {{clustered}};
CREATE TABLE evaluation_dataset_experiments (
  dataset BIGINT NOT NULL,
  experiment BIGINT NOT NULL,
  PRIMARY KEY (dataset, experiment)
) {{clustered}};
CREATE INDEX evaluation_dataset_experiments_by_experiment ON evaluation_dataset_experiments (experiment);
CREATE TABLE evaluation_records (
  id {{identity}},
  dataset BIGINT NOT NULL,
  record_id TEXT NOT NULL UNIQUE,
  input_hash TEXT NOT NULL,
  inputs TEXT NOT NULL,
  outputs TEXT,
  expectations TEXT,
  tags TEXT NOT NULL,
  source_type TEXT,
  source_data TEXT,
  source_id TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL,
  created_by TEXT,
  updated_by TEXT
);
CREATE UNIQUE INDEX evaluation_records_by_input ON evaluation_records (dataset, input_hash);
CREATE INDEX evaluation_records_in_order ON evaluation_records (dataset, id);
)";

// A scorer is scored with online as it says itself, so there is at most one row for each.
constexpr std::string_view kScorers = R"(
CREATE TABLE scorers (
  id {{identity}},
  scorer_id TEXT NOT NULL UNIQUE,
  experiment BIGINT NOT NULL,
  name TEXT NOT NULL
);
CREATE UNIQUE INDEX scorers_by_name ON scorers (experiment, name);
CREATE TABLE scorer_versions (
  scorer BIGINT NOT NULL,
  version BIGINT NOT NULL,
  definition TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  PRIMARY KEY (scorer, version)
);
CREATE TABLE online_scorings (
  scorer BIGINT PRIMARY KEY,
  config_id TEXT NOT NULL,
  sample_rate DOUBLE PRECISION NOT NULL,
  filter TEXT
);
)";

// `rank` orders by severity: the worst is the highest, none said the lowest.
constexpr std::string_view kIssues = R"(
CREATE TABLE issues (
  id {{identity}},
  issue_id TEXT NOT NULL UNIQUE,
  experiment BIGINT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  status TEXT NOT NULL,
  severity TEXT,
  severity_rank BIGINT NOT NULL,
  root_causes TEXT NOT NULL,
  categories TEXT NOT NULL,
  source_run_id TEXT,
  created_ms BIGINT NOT NULL,
  updated_ms BIGINT NOT NULL,
  created_by TEXT
);
CREATE INDEX issues_in_order ON issues (experiment, severity_rank, created_ms, id);
)";

}  // namespace

std::vector<sql::Migration> migrations() {
  return {{1, "evaluation datasets", kDatasets}, {2, "scorers", kScorers}, {3, "issues", kIssues}};
}

}  // namespace slipway::genai
