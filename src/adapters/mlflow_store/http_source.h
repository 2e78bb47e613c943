// A running MLflow server as a source, through its REST API. It shows less than its database holds: logged models and
// traces only of what is not deleted, and no numbers of deleted versions. It should rest while it is read: there is no
// snapshot.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "adapters/mlflow_store/store.h"
#include "foundation/base/files.h"
#include "foundation/base/json.h"
#include "protocols/mlflow/client.h"

namespace slipway::mlflow_store {

class HttpSource final : public Source {
 public:
  HttpSource(mlflow::Client& client, const std::string& url);

  std::string name() const override { return name_; }
  // Counts as it goes: everything that a page shows counts.
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
  void add(Kind kind, size_t count);
  // Every point of a metric, page by page.
  void scan_history(const std::string& run, const std::string& key,
                    const std::function<void(const tracking::StoredPoint&)>& on_point);
  void add_versions(registry::StoredModel& model, const std::string& more_filter);
  std::vector<traces::Span> spans_of(const traces::Trace& trace);
  // Whether `read` came to its end. What an older server does not know is noted and passed over.
  bool is_given(const std::string& what, const std::function<void()>& read);
  genai::StoredDataset read_dataset(const json::object& given);
  void read_scorers(const std::string& experiment, std::vector<genai::StoredScorer>& out);

  mlflow::Client& client_;
  const std::string name_;
  files::TemporaryFolder downloads_{"slipway-import"};
  Tally* tally_ = nullptr;
  std::vector<std::string> experiments_;
  std::vector<std::string> active_experiments_;
  std::map<std::string, std::vector<std::string>> metric_keys_;  // of the runs that were given last
  int64_t staying_ = 0;
  int64_t without_spans_ = 0;
  std::vector<LeftOut> not_given_;
};

}  // namespace slipway::mlflow_store
