// An MLflow database (SQLite or PostgreSQL) as the place to move to: so nobody is locked in here. Its tables belong to
// MLflow and change with its versions, so they are made by the user's own `mlflow db upgrade` and only filled here, as
// far as the columns that are there.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "adapters/mlflow_store/sql_reader.h"
#include "adapters/mlflow_store/store.h"
#include "foundation/sql/database.h"

namespace slipway::mlflow_store {

struct SqlTargetOptions {
  std::string name;
  std::string artifact_root;  // what the locations in its rows begin with: a folder or mlflow-artifacts:
  bool only_look = false;
};

class SqlTarget final : public Target {
 public:
  // `blobs` is the folder beside it that the files go to. Throws failed_precondition when the tables lack what is
  // needed, or need what nobody here knows.
  SqlTarget(sql::Database& database, blobs::BlobStore& blobs, SqlTargetOptions options);

  std::string name() const override { return name_; }
  std::optional<tracking::Experiment> find_experiment(const tracking::ExperimentId& id) override;
  std::optional<tracking::Experiment> find_experiment_by_name(const std::string& name) override;
  int64_t next_experiment() override;
  tracking::Arrival take(const tracking::Experiment& experiment) override;
  std::vector<tracking::Arrival> take(const std::vector<tracking::StoredRun>& runs) override;
  std::vector<tracking::SeriesSummary> series_of(const std::vector<tracking::RunId>& runs) override;
  int64_t take(const std::vector<tracking::SeriesPoints>& series) override;
  std::vector<tracking::Arrival> take(const std::vector<tracking::LoggedModel>& models) override;
  tracking::Arrival take(const registry::StoredModel& model) override;
  std::vector<tracking::Arrival> take(std::vector<traces::StoredTrace> traces) override;
  std::vector<tracking::Arrival> take(const std::vector<genai::StoredDataset>& datasets) override;
  std::vector<tracking::Arrival> take(const genai::DatasetId& dataset,
                                      const std::vector<genai::Record>& records) override;
  std::vector<tracking::Arrival> take(const std::vector<genai::StoredScorer>& scorers) override;
  std::vector<tracking::Arrival> take(const std::vector<genai::Issue>& issues) override;

  int64_t count_tags(const tracking::ExperimentId& experiment) override;
  tracking::RunRowCounts count(const std::vector<tracking::RunId>& runs) override;
  tracking::LoggedModelRowCounts count(const std::vector<tracking::LoggedModelId>& models) override;
  registry::ModelRowCounts count(const std::string& model) override;
  traces::TraceRowCounts count(const std::vector<traces::TraceId>& traces) override;
  genai::DatasetRowCounts count(const genai::DatasetId& dataset) override;
  genai::ScorerRowCounts count(const genai::ScorerId& scorer) override;
  int64_t count(const std::vector<genai::IssueId>& issues) override;

  std::vector<LeftOut> left_out() override;
  std::string location_of(const std::string& path) override { return options_.artifact_root + path; }
  tracking::Arrival put(const std::string& path, const ArtifactFile& file) override;

 private:
  void run(const std::function<void(sql::Transaction&)>& work);
  // What is answered for things that this version of MLflow has no table for.
  static std::vector<tracking::Arrival> no_place(size_t count);

  sql::Database& database_;
  blobs::BlobStore& blobs_;
  const SqlTargetOptions options_;
  std::unique_ptr<SqlSchema> schema_;
  std::string name_;
  int64_t lost_model_ids_ = 0;
};

}  // namespace slipway::mlflow_store
