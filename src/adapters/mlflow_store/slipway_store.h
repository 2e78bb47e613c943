// Slipway's own data folder as an end of a move, while no server runs on it.
#pragma once

#include <string>

#include "adapters/mlflow_store/store.h"
#include "domains/tracking/artifacts.h"
#include "foundation/sql/database.h"

namespace slipway::mlflow_store {

// The tables must be up to date; everything must outlive it.
class SlipwayTarget final : public Target {
 public:
  SlipwayTarget(sql::Database& database, blobs::BlobStore& blobs, std::string name, bool only_look)
      : database_(database),
        tracking_(database, only_look),
        registry_(database, only_look),
        traces_(database, only_look),
        genai_(database, only_look),
        artifacts_(blobs),
        name_(std::move(name)),
        only_look_(only_look) {}

  std::string name() const override { return name_; }
  std::optional<tracking::Experiment> find_experiment(const tracking::ExperimentId& id) override;
  std::optional<tracking::Experiment> find_experiment_by_name(const std::string& name) override;
  int64_t next_experiment() override { return tracking_.next_experiment(); }
  tracking::Arrival take(const tracking::Experiment& experiment) override { return tracking_.take(experiment); }
  std::vector<tracking::Arrival> take(const std::vector<tracking::StoredRun>& runs) override {
    return tracking_.take(runs);
  }
  std::vector<tracking::SeriesSummary> series_of(const std::vector<tracking::RunId>& runs) override {
    return tracking_.series_of(runs);
  }
  int64_t take(const std::vector<tracking::SeriesPoints>& series) override { return tracking_.take(series); }
  std::vector<tracking::Arrival> take(const std::vector<tracking::LoggedModel>& models) override {
    return tracking_.take(models);
  }
  tracking::Arrival take(const registry::StoredModel& model) override { return registry_.take(model); }
  std::vector<tracking::Arrival> take(std::vector<traces::StoredTrace> traces) override {
    return traces_.take(std::move(traces));
  }
  std::vector<tracking::Arrival> take(const std::vector<genai::StoredDataset>& datasets) override {
    return genai_.take(datasets);
  }
  std::vector<tracking::Arrival> take(const genai::DatasetId& dataset,
                                      const std::vector<genai::Record>& records) override {
    return genai_.take(dataset, records);
  }
  std::vector<tracking::Arrival> take(const std::vector<genai::StoredScorer>& scorers) override {
    return genai_.take(scorers);
  }
  std::vector<tracking::Arrival> take(const std::vector<genai::Issue>& issues) override { return genai_.take(issues); }

  int64_t count_tags(const tracking::ExperimentId& experiment) override { return tracking_.count_tags(experiment); }
  tracking::RunRowCounts count(const std::vector<tracking::RunId>& runs) override { return tracking_.count(runs); }
  tracking::LoggedModelRowCounts count(const std::vector<tracking::LoggedModelId>& models) override {
    return tracking_.count(models);
  }
  registry::ModelRowCounts count(const std::string& model) override { return registry_.count(model); }
  traces::TraceRowCounts count(const std::vector<traces::TraceId>& traces) override { return traces_.count(traces); }
  genai::DatasetRowCounts count(const genai::DatasetId& dataset) override { return genai_.count(dataset); }
  genai::ScorerRowCounts count(const genai::ScorerId& scorer) override { return genai_.count(scorer); }
  int64_t count(const std::vector<genai::IssueId>& issues) override { return genai_.count(issues); }

  std::string location_of(const std::string& path) override { return "mlflow-artifacts:/" + path; }
  tracking::Arrival put(const std::string& path, const ArtifactFile& file) override;

 private:
  sql::Database& database_;
  tracking::Intake tracking_;
  registry::Intake registry_;
  traces::Intake traces_;
  genai::Intake genai_;
  tracking::Artifacts artifacts_;
  const std::string name_;
  const bool only_look_;
};

// Reads on one snapshot, which the caller holds.
class SlipwaySource final : public Source {
 public:
  SlipwaySource(sql::Transaction& transaction, blobs::BlobStore& blobs, std::string name)
      : transaction_(transaction), artifacts_(blobs), name_(std::move(name)) {}

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
  sql::Transaction& transaction_;
  tracking::Artifacts artifacts_;
  const std::string name_;
  int64_t staying_ = 0;
};

// Streams `file` into `writer` and checks what arrived by its SHA-256; commits.
void copy_checked(const ArtifactFile& file, blobs::BlobWriter& writer);
// Whether both give the same bytes.
bool has_same_content(blobs::BlobReader& a, blobs::BlobReader& b);

}  // namespace slipway::mlflow_store
