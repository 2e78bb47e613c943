// An MLflow database (SQLite or PostgreSQL) as a source: opened for reading only and read on one snapshot.
#pragma once

#include <memory>
#include <string>

#include "adapters/mlflow_store/artifact_places.h"
#include "adapters/mlflow_store/sql_reader.h"
#include "adapters/mlflow_store/store.h"

namespace slipway::mlflow_store {

class SqlSource final : public Source {
 public:
  // `base` is the folder of the database or "": relative locations are below it, and files are only taken from there
  // and from `artifact_folders`, which also hold what the old server kept for its clients (mlflow-artifacts:).
  SqlSource(sql::Transaction& transaction, const std::string& name, const std::string& base,
            const std::vector<std::string>& artifact_folders);

  std::string name() const override { return name_; }
  void count(Tally& tally) override;
  std::vector<LeftOut> left_out() override;
  std::vector<tracking::Experiment> experiments() override;
  void runs(const std::function<void(std::vector<tracking::StoredRun>)>& on_runs) override;
  std::vector<tracking::SeriesSummary> series_of(const std::vector<tracking::RunId>& runs) override;
  void points(const std::vector<tracking::RunId>& runs,
              const std::function<void(const std::vector<tracking::SeriesPoints>&)>& on_series) override;
  void models(const std::function<void(std::vector<tracking::LoggedModel>)>& on_models) override;
  void registered(const std::function<void(registry::StoredModel)>& on_model) override;
  void traces(const std::function<void(std::vector<traces::StoredTrace>)>& on_traces) override;
  void datasets(const std::function<void(std::vector<genai::StoredDataset>)>& on_datasets) override;
  void records(const genai::DatasetId& dataset,
               const std::function<void(std::vector<genai::Record>)>& on_records) override;
  void scorers(const std::function<void(std::vector<genai::StoredScorer>)>& on_scorers) override;
  void issues(const std::function<void(std::vector<genai::Issue>)>& on_issues) override;
  std::optional<std::string> portable(const std::string& location) override;
  void stays(const ArtifactFolder& folder) override;
  void files(const ArtifactFolder& folder, const std::function<void(const ArtifactFile&)>& on_file) override;

 private:
  int64_t rows(const std::string& table, const std::string& condition = "");
  void count_traces(Tally& tally);
  void count_genai(Tally& tally);

  sql::Transaction& transaction_;
  const SqlSchema schema_;
  SqlReader reader_;
  const std::string name_;
  ArtifactPlaces places_;
};

}  // namespace slipway::mlflow_store
