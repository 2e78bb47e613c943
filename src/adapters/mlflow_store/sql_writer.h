// Rows of an MLflow database made of the structs of the domains. Used by SqlTarget inside its transactions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/mlflow_store/sql_schema.h"
#include "domains/genai/intake.h"
#include "domains/registry/intake.h"
#include "domains/traces/intake.h"
#include "domains/tracking/intake.h"

namespace slipway::mlflow_store {

class SqlWriter {
 public:
  SqlWriter(sql::Transaction& transaction, const SqlSchema& schema) : transaction_(transaction), schema_(schema) {}

  // Throws failed_precondition when a table has a column that must be given and that nobody here knows.
  void check_columns();

  void insert(const tracking::Experiment& experiment);
  void insert_tag(const tracking::ExperimentId& experiment, const tracking::Tag& tag);
  void insert(const tracking::StoredRun& run);
  // Returns how many were not there; brings the latest values up to date.
  int64_t insert(const tracking::SeriesPoints& series);
  void insert(const tracking::LoggedModel& model);
  // The model itself, those of its versions and aliases that are not there.
  void insert(const registry::StoredModel& model, bool is_known);
  void insert(const traces::StoredTrace& stored);
  void insert(const genai::StoredDataset& stored);
  void insert(const genai::DatasetId& dataset, const genai::Record& record);
  // The scorer itself, those of its versions and its online settings that are not there.
  void insert(const genai::StoredScorer& scorer, const genai::StoredScorer* known);
  void insert(const genai::Issue& issue);

 private:
  // A column and its value; columns that the table does not have are left out.
  using Cells = std::vector<std::pair<std::string_view, sql::Value>>;
  int64_t insert_row(const std::string& table, const Cells& cells, std::string_view tail = "");
  // For a column of truth values.
  sql::Value flag(bool value) const;
  void insert_inputs(const tracking::Run& run);
  std::string dataset_id(const tracking::ExperimentId& experiment, const tracking::Dataset& dataset);
  void insert_version(const registry::StoredVersion& stored);
  void insert_spans(const traces::StoredTrace& stored);
  void insert_assessments(const traces::StoredTrace& stored);

  sql::Transaction& transaction_;
  const SqlSchema& schema_;
};

}  // namespace slipway::mlflow_store
