// The two ends of a move: a store that everything is read from and one that takes it in. An MLflow database, an
// `mlruns` folder, an MLflow server and Slipway itself are such ends; move_store goes between any two. Both speak in
// the structs of the domains and keep ids, times and states as they are.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/mlflow_store/tally.h"
#include "domains/genai/intake.h"
#include "domains/registry/intake.h"
#include "domains/traces/intake.h"
#include "domains/tracking/intake.h"
#include "foundation/blobs/blob_store.h"

namespace slipway::mlflow_store {

struct ArtifactFile {
  std::string path;  // below the folder that was asked for
  uint64_t size_bytes = 0;
  std::function<std::unique_ptr<blobs::BlobReader>()> open;
};

// What has files: a run, a logged model, a trace.
struct ArtifactFolder {
  std::string
      location;       // as the store knows it: "/home/me/mlruns/1/abc/artifacts", "mlflow-artifacts:/1/abc/artifacts"
  std::string usual;  // below any store's own root: "1/abc/artifacts"
};

class Source {
 public:
  virtual ~Source() = default;
  // For people: what it is and where.
  virtual std::string name() const = 0;
  // Counts everything, apart from the moving. A source that knows only by reading it all counts as it goes and is done
  // when everything was read.
  virtual void count(Tally& tally) = 0;
  // What it holds beyond the kinds of the tally, and what of them cannot be read.
  virtual std::vector<LeftOut> left_out() = 0;

  virtual std::vector<tracking::Experiment> experiments() = 0;
  virtual void runs(const std::function<void(std::vector<tracking::StoredRun>)>& on_runs) = 0;
  // Of runs that on_runs was given last; in any order.
  virtual std::vector<tracking::SeriesSummary> series_of(const std::vector<tracking::RunId>& runs) = 0;
  virtual void points(const std::vector<tracking::RunId>& runs,
                      const std::function<void(const std::vector<tracking::SeriesPoints>&)>& on_series) = 0;
  virtual void models(const std::function<void(std::vector<tracking::LoggedModel>)>& on_models) = 0;
  virtual void registered(const std::function<void(registry::StoredModel)>& on_model) = 0;
  virtual void traces(const std::function<void(std::vector<traces::StoredTrace>)>& on_traces) = 0;
  virtual void datasets(const std::function<void(std::vector<genai::StoredDataset>)>& on_datasets) = 0;
  // In the order in which they came, some at a time.
  virtual void records(const genai::DatasetId& dataset,
                       const std::function<void(std::vector<genai::Record>)>& on_records) = 0;
  virtual void scorers(const std::function<void(std::vector<genai::StoredScorer>)>& on_scorers) = 0;
  virtual void issues(const std::function<void(std::vector<genai::Issue>)>& on_issues) = 0;

  // The path below its own root under which the files of `location` can be kept elsewhere; nothing when they lie in a
  // place of their own (s3://...) and stay there.
  virtual std::optional<std::string> portable(const std::string& location) = 0;
  // Told of each folder that is not portable, for left_out.
  virtual void stays(const ArtifactFolder& folder) = 0;
  // Every file of the folder. Throws an Error that says why they cannot be had; none for a folder that is not there.
  virtual void files(const ArtifactFolder& folder, const std::function<void(const ArtifactFile&)>& on_file) = 0;
};

class Target {
 public:
  virtual ~Target() = default;
  virtual std::string name() const = 0;

  virtual std::optional<tracking::Experiment> find_experiment(const tracking::ExperimentId& id) = 0;
  virtual std::optional<tracking::Experiment> find_experiment_by_name(const std::string& name) = 0;
  virtual int64_t next_experiment() = 0;
  virtual tracking::Arrival take(const tracking::Experiment& experiment) = 0;
  virtual std::vector<tracking::Arrival> take(const std::vector<tracking::StoredRun>& runs) = 0;
  virtual std::vector<tracking::SeriesSummary> series_of(const std::vector<tracking::RunId>& runs) = 0;
  // Returns how many were not there yet.
  virtual int64_t take(const std::vector<tracking::SeriesPoints>& series) = 0;
  virtual std::vector<tracking::Arrival> take(const std::vector<tracking::LoggedModel>& models) = 0;
  virtual tracking::Arrival take(const registry::StoredModel& model) = 0;
  virtual std::vector<tracking::Arrival> take(std::vector<traces::StoredTrace> traces) = 0;
  virtual std::vector<tracking::Arrival> take(const std::vector<genai::StoredDataset>& datasets) = 0;
  // Of a dataset that it has.
  virtual std::vector<tracking::Arrival> take(const genai::DatasetId& dataset,
                                              const std::vector<genai::Record>& records) = 0;
  virtual std::vector<tracking::Arrival> take(const std::vector<genai::StoredScorer>& scorers) = 0;
  virtual std::vector<tracking::Arrival> take(const std::vector<genai::Issue>& issues) = 0;

  // Rows that are there now.
  virtual int64_t count_tags(const tracking::ExperimentId& experiment) = 0;
  virtual tracking::RunRowCounts count(const std::vector<tracking::RunId>& runs) = 0;
  virtual tracking::LoggedModelRowCounts count(const std::vector<tracking::LoggedModelId>& models) = 0;
  virtual registry::ModelRowCounts count(const std::string& model) = 0;
  virtual traces::TraceRowCounts count(const std::vector<traces::TraceId>& traces) = 0;
  virtual genai::DatasetRowCounts count(const genai::DatasetId& dataset) = 0;
  virtual genai::ScorerRowCounts count(const genai::ScorerId& scorer) = 0;
  virtual int64_t count(const std::vector<genai::IssueId>& issues) = 0;

  // What of the things that it took it has no place for.
  virtual std::vector<LeftOut> left_out() { return {}; }
  // What a path below its own root is called in its rows.
  virtual std::string location_of(const std::string& path) = 0;
  // Copies the file to that path and checks what arrived; one that is there with the same content stays.
  virtual tracking::Arrival put(const std::string& path, const ArtifactFile& file) = 0;
};

}  // namespace slipway::mlflow_store
