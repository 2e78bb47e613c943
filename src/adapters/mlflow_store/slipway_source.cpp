// The half of slipway_store that gives things out.
#include "adapters/mlflow_store/slipway_store.h"
#include "domains/tracking/artifact_path.h"
#include "domains/tracking/outlet.h"
#include "foundation/base/error.h"
#include "foundation/sql/tables.h"

namespace slipway::mlflow_store {

namespace {

constexpr int64_t kRunsAtOnce = 200;
// MLflow keeps three indexes of text for its points: what one transaction touches of them is held in memory.
constexpr size_t kPointsAtOnce = 10'000;
constexpr int64_t kTracesAtOnce = 50;
constexpr int64_t kRecordsAtOnce = 200;

struct Counted {
  Kind kind;
  std::string_view table;
};
constexpr Counted kCounted[] = {{Kind::kExperiments, "experiments"},
                                {Kind::kExperimentTags, "experiment_tags"},
                                {Kind::kRuns, "runs"},
                                {Kind::kParams, "run_params"},
                                {Kind::kTags, "run_tags"},
                                {Kind::kMetrics, "metric_series"},
                                {Kind::kDatasetInputs, "run_datasets"},
                                {Kind::kInputTags, "run_dataset_tags"},
                                {Kind::kModelLinks, "run_models"},
                                {Kind::kLoggedModels, "logged_models"},
                                {Kind::kLoggedModelParams, "logged_model_params"},
                                {Kind::kLoggedModelTags, "logged_model_tags"},
                                {Kind::kLoggedModelMetrics, "logged_model_metrics"},
                                {Kind::kRegisteredModels, "registered_models"},
                                {Kind::kRegisteredModelTags, "registered_model_tags"},
                                {Kind::kAliases, "model_aliases"},
                                {Kind::kVersions, "model_versions WHERE deleted = 0"},
                                {Kind::kVersionTags, "model_version_tags"},
                                {Kind::kTraces, "traces"},
                                {Kind::kTraceTags, "trace_tags"},
                                {Kind::kTraceMetadata, "trace_metadata"},
                                {Kind::kSpans, "trace_spans"},
                                {Kind::kAssessments, "trace_assessments"},
                                {Kind::kTraceLinks, "trace_links"},
                                {Kind::kEvaluationDatasets, "evaluation_datasets"},
                                {Kind::kEvaluationDatasetTags, "evaluation_dataset_tags"},
                                {Kind::kEvaluationDatasetLinks, "evaluation_dataset_experiments"},
                                {Kind::kEvaluationRecords, "evaluation_records"},
                                {Kind::kScorers, "scorers"},
                                {Kind::kScorerVersions, "scorer_versions"},
                                {Kind::kOnlineScorings, "online_scorings"},
                                {Kind::kIssues, "issues"}};

// What is sealed with this server's own key, or MLflow keeps in a database of its own.
struct Foreign {
  std::string_view table;
  std::string_view what;
};
constexpr Foreign kForeign[] = {{"webhooks", "webhooks"},
                                {"gateway_endpoints", "gateway endpoints"},
                                {"gateway_model_definitions", "gateway model definitions"},
                                {"gateway_secrets", "gateway secrets"},
                                {"accounts", "users and their permissions"}};

}  // namespace

void SlipwaySource::count(Tally& tally) {
  for (const Counted& one : kCounted) {
    tally[one.kind].in_source = transaction_.query_int(text::concat("SELECT count(*) FROM ", one.table)).value_or(0);
  }
  tally[Kind::kMetricPoints].in_source = tracking::Outlet(transaction_).count_points();
}

void SlipwaySource::stays(const ArtifactFolder&) { ++staying_; }

std::vector<LeftOut> SlipwaySource::left_out() {
  std::vector<LeftOut> out = {{"artifact folders in other places that stay there and keep their addresses", staying_}};
  for (const Foreign& one : kForeign) {
    // A server's own tables: a folder that was only ever imported into lacks them.
    if (!sql::has_table(transaction_, std::string(one.table))) continue;
    out.push_back(
        {std::string(one.what), transaction_.query_int(text::concat("SELECT count(*) FROM ", one.table)).value_or(0)});
  }
  return out;
}

std::vector<tracking::Experiment> SlipwaySource::experiments() { return tracking::Outlet(transaction_).experiments(); }

void SlipwaySource::runs(const std::function<void(std::vector<tracking::StoredRun>)>& on_runs) {
  tracking::RunId after("");
  for (;;) {
    auto runs = tracking::Outlet(transaction_).runs(after, kRunsAtOnce);
    if (runs.empty()) return;
    after = runs.back().run.info.id;
    on_runs(std::move(runs));
  }
}

std::vector<tracking::SeriesSummary> SlipwaySource::series_of(const std::vector<tracking::RunId>& runs) {
  return tracking::Outlet(transaction_).series_of(runs);
}

void SlipwaySource::points(const std::vector<tracking::RunId>& runs,
                           const std::function<void(const std::vector<tracking::SeriesPoints>&)>& on_series) {
  tracking::Outlet(transaction_).points(runs, kPointsAtOnce, on_series);
}

void SlipwaySource::models(const std::function<void(std::vector<tracking::LoggedModel>)>& on_models) {
  tracking::LoggedModelId after("");
  for (;;) {
    auto models = tracking::Outlet(transaction_).models(after, kRunsAtOnce);
    if (models.empty()) return;
    after = models.back().id;
    on_models(std::move(models));
  }
}

void SlipwaySource::registered(const std::function<void(registry::StoredModel)>& on_model) {
  registry::Outlet outlet(transaction_);
  for (const std::string& name : outlet.names()) {
    if (auto found = outlet.find(name)) on_model(*std::move(found));
  }
}

void SlipwaySource::traces(const std::function<void(std::vector<traces::StoredTrace>)>& on_traces) {
  traces::Outlet outlet(transaction_);
  traces::TraceId after("");
  for (;;) {
    const std::vector<traces::TraceId> ids = outlet.ids(after, kTracesAtOnce);
    if (ids.empty()) return;
    after = ids.back();
    on_traces(outlet.get(ids));
  }
}

void SlipwaySource::datasets(const std::function<void(std::vector<genai::StoredDataset>)>& on_datasets) {
  genai::Outlet outlet(transaction_);
  for (const genai::DatasetId& id : outlet.datasets()) {
    if (auto found = outlet.find(id)) on_datasets({*std::move(found)});
  }
}

void SlipwaySource::records(const genai::DatasetId& dataset,
                            const std::function<void(std::vector<genai::Record>)>& on_records) {
  genai::Outlet(transaction_).records(dataset, kRecordsAtOnce, on_records);
}

void SlipwaySource::scorers(const std::function<void(std::vector<genai::StoredScorer>)>& on_scorers) {
  genai::Outlet outlet(transaction_);
  for (const genai::ScorerId& id : outlet.scorers()) {
    if (auto found = outlet.find(id)) on_scorers({*std::move(found)});
  }
}

void SlipwaySource::issues(const std::function<void(std::vector<genai::Issue>)>& on_issues) {
  genai::Outlet(transaction_).issues(kRunsAtOnce, on_issues);
}

std::optional<std::string> SlipwaySource::portable(const std::string& location) {
  if (!tracking::is_own_location(location)) return std::nullopt;
  return tracking::path_of_location(location);
}

void SlipwaySource::files(const ArtifactFolder& folder, const std::function<void(const ArtifactFile&)>& on_file) {
  if (!tracking::is_own_location(folder.location)) return;
  const std::string root = tracking::path_of_location(folder.location);
  std::vector<std::string> open = {""};
  while (!open.empty()) {
    const std::string below = std::move(open.back());
    open.pop_back();
    for (const tracking::ArtifactEntry& entry : artifacts_.list(root + "/" + below)) {
      const std::string path = below + entry.path;
      if (entry.is_folder) {
        open.push_back(path + "/");
        continue;
      }
      const std::string whole = text::concat(root, "/", path);
      on_file({path, entry.size_bytes, [this, whole] { return artifacts_.open(artifacts_.get(whole)); }});
    }
  }
}

}  // namespace slipway::mlflow_store
