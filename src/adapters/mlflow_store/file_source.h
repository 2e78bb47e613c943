// An MLflow file store (the folder `mlruns`) as a source. It is only read.
//
//   <number>/meta.yaml, tags/<key>              an experiment; below .trash/ a deleted one
//   <number>/<run>/meta.yaml, params/<key>, tags/<key>, metrics/<key>, inputs/*/meta.yaml, outputs/*/meta.yaml
//   <number>/datasets/<id>/meta.yaml
//   <number>/models/<id>/meta.yaml, params/<key>, tags/<key>, metrics/<key>
//   <number>/traces/<id>/trace_info.yaml, tags/<key>, request_metadata/<key>, assessments/<id>.yaml
//   models/<name>/meta.yaml, tags/<key>, aliases/<alias>, version-<n>/meta.yaml, version-<n>/tags/<key>
#pragma once

#include <map>
#include <string>
#include <vector>

#include "adapters/mlflow_store/artifact_places.h"
#include "adapters/mlflow_store/file_tree.h"
#include "adapters/mlflow_store/store.h"
#include "foundation/base/error.h"

namespace slipway::mlflow_store {

class FileSource final : public Source {
 public:
  // See SqlSource for `artifact_folders`. Throws invalid_argument when the folder is no such store.
  FileSource(const std::string& folder, const std::vector<std::string>& artifact_folders);

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
  std::optional<std::string> portable(const std::string& location) override { return places_.portable(location); }
  void stays(const ArtifactFolder& folder) override { places_.stays(folder); }
  void files(const ArtifactFolder& folder, const std::function<void(const ArtifactFile&)>& on_file) override {
    places_.files(folder, on_file);
  }

 private:
  struct Folder {
    std::string path;
    std::string id;
  };
  // Those of experiments, with the trash.
  std::vector<Folder> experiment_folders() const;
  // Those in `folder` that have the file, which is what makes them one thing each.
  void for_each_folder(const std::string& folder, const std::string& file,
                       const std::function<void(const Folder&)>& on_folder) const;
  void for_each_run(const Folder& experiment, const std::function<void(const Folder&)>& on_folder) const;
  // What `read` gives; nothing, and counted, when that cannot be read.
  template <typename T>
  std::optional<T> readable(const std::function<T()>& read);
  void complain(const Error& error);

  tracking::Experiment read_experiment(const Folder& folder);
  tracking::StoredRun read_run(const Folder& experiment, const Folder& folder);
  void read_inputs(const Folder& experiment, const Folder& folder, tracking::Run& run);
  tracking::LoggedModel read_model(const Folder& experiment, const Folder& folder);
  registry::StoredModel read_registered(const Folder& folder);
  traces::StoredTrace read_trace(const Folder& experiment, const Folder& folder);
  traces::Assessment read_assessment(const std::string& path, const std::string& id, const traces::TraceId& trace);
  // Every point of a metric file in its order; equal ones that stand near each other once, as a database keeps them.
  void scan_metric(const std::string& path, const std::function<void(const MetricLine&)>& on_line);

  FileTree tree_;
  const std::string name_;
  ArtifactPlaces places_;
  std::map<std::string, std::string> run_folders_;  // of the runs that were given last
  std::vector<std::string> unreadable_;
  int64_t unreadable_count_ = 0;
};

}  // namespace slipway::mlflow_store
