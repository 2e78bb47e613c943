#include "adapters/mlflow_store/sql_source.h"

#include "adapters/mlflow_store/promoted.h"

#include "foundation/base/error.h"

namespace slipway::mlflow_store {

namespace {

constexpr int64_t kRunsAtOnce = 200;
constexpr size_t kPointsAtOnce = 50'000;
constexpr int64_t kTracesAtOnce = 50;
constexpr size_t kRecordsAtOnce = 200;

// What this program has no place for yet. Absent tables count nothing.
struct Foreign {
  const char* table;
  std::string_view what;
};
constexpr Foreign kForeign[] = {{"webhooks", "webhooks"},
                                {"label_schemas", "label schemas"},
                                {"review_queues", "review queues"},
                                {"review_queue_items", "items of review queues"},
                                {"endpoints", "gateway endpoints"},
                                {"model_definitions", "gateway model definitions"},
                                {"secrets", "gateway secrets (encrypted with the old server's key)"},
                                {"budget_policies", "gateway budgets"},
                                {"guardrails", "gateway guardrails"},
                                {"mcp_servers", "MCP servers"},
                                {"jobs", "background jobs"}};

sql::Values values_of(const std::vector<tracking::RunId>& runs) {
  sql::Values out;
  for (const tracking::RunId& run : runs) out.emplace_back(run.value);
  return out;
}

}  // namespace

SqlSource::SqlSource(sql::Transaction& transaction, const std::string& name, const std::string& base,
                     const std::vector<std::string>& artifact_folders)
    : transaction_(transaction),
      schema_(transaction),
      reader_(transaction, schema_),
      name_(text::concat(name, " (", schema_.description(), ")")),
      places_(base, base, artifact_folders) {}

int64_t SqlSource::rows(const std::string& table, const std::string& condition) {
  if (!schema_.has(table)) return 0;
  return transaction_
      .query_int(text::concat("SELECT count(*) FROM ", table, " c", condition.empty() ? "" : " WHERE ", condition))
      .value_or(0);
}

void SqlSource::count(Tally& tally) {
  const auto set = [&](Kind kind, int64_t count) { tally[kind].in_source = count; };
  const std::string of_run = reader_.of_known_run("c.run_uuid");
  set(Kind::kExperiments, rows("experiments", reader_.in_known_experiment("c.experiment_id")));
  set(Kind::kExperimentTags, rows("experiment_tags", reader_.in_known_experiment("c.experiment_id")));
  set(Kind::kRuns, rows("runs", reader_.in_known_experiment("c.experiment_id")));
  set(Kind::kParams, rows("params", of_run));
  set(Kind::kTags, rows("tags", of_run));
  set(Kind::kMetricPoints, rows("metrics", of_run));
  set(Kind::kMetrics, rows("latest_metrics", of_run));
  const std::string dataset_input =
      "c.source_type = 'DATASET' AND c.destination_type = 'RUN' AND c.source_id IN (SELECT d.dataset_uuid FROM "
      "datasets "
      "d) AND " +
      reader_.of_known_run("c.destination_id");
  set(Kind::kDatasetInputs, rows("inputs", dataset_input));
  set(Kind::kInputTags,
      rows("input_tags", "c.input_uuid IN (SELECT c.input_uuid FROM inputs c WHERE " + dataset_input + ")"));
  set(Kind::kModelLinks, rows("inputs",
                              "c.source_type IN ('RUN_INPUT', 'RUN_OUTPUT') AND c.destination_type IN "
                              "('MODEL_INPUT', 'MODEL_OUTPUT') AND " +
                                  reader_.of_known_run("c.source_id")));
  const std::string model = "c.model_id IN (SELECT m.model_id FROM logged_models m WHERE " +
                            reader_.in_known_experiment("m.experiment_id") + ")";
  set(Kind::kLoggedModels, rows("logged_models", model));
  set(Kind::kLoggedModelParams, rows("logged_model_params", model));
  set(Kind::kLoggedModelTags, rows("logged_model_tags", model));
  set(Kind::kLoggedModelMetrics, rows("logged_model_metrics", model));
  const auto in_workspace = [&](const std::string& table) {
    return "1 = 1" + schema_.in_default_workspace(table, "c");
  };
  set(Kind::kRegisteredModels, rows("registered_models", in_workspace("registered_models")));
  set(Kind::kRegisteredModelTags, rows("registered_model_tags", in_workspace("registered_model_tags")));
  set(Kind::kAliases, rows("registered_model_aliases", in_workspace("registered_model_aliases")));
  set(Kind::kVersions,
      rows("model_versions", in_workspace("model_versions") + " AND c.current_stage <> 'Deleted_Internal'"));
  set(Kind::kVersionTags,
      rows("model_version_tags",
           in_workspace("model_version_tags") +
               " AND EXISTS (SELECT 1 FROM model_versions v WHERE v.name = c.name AND v.version = c.version" +
               (schema_.has("model_versions", "workspace") ? " AND v.workspace = c.workspace" : "") +
               " AND v.current_stage <> 'Deleted_Internal')"));
  if (schema_.has("trace_info")) count_traces(tally);
  count_genai(tally);
}

void SqlSource::count_traces(Tally& tally) {
  const auto set = [&](Kind kind, int64_t count) { tally[kind].in_source = count; };
  const std::string known = reader_.in_known_experiment("c.experiment_id");
  const auto of_trace = [&](const std::string& column) {
    return column + " IN (SELECT t.request_id FROM trace_info t WHERE " +
           reader_.in_known_experiment("t.experiment_id") + ")";
  };
  set(Kind::kTraces, rows("trace_info", known));
  int64_t tags = rows("trace_tags", of_trace("c.request_id"));
  int64_t metadata = rows("trace_request_metadata", of_trace("c.request_id"));
  if (schema_.has("trace_info", "trace_name")) {
    // In columns since 3.17; rows of that name do not count beside them.
    tags += rows("trace_info", known + " AND c.trace_name IS NOT NULL") -
            rows("trace_tags", of_trace("c.request_id") + " AND c.\"key\" = 'mlflow.traceName'");
    metadata += rows("trace_info", known + " AND c.session_id IS NOT NULL");
    for (const std::string_view key : {traces::metadata::kTokens, traces::metadata::kCost}) {
      std::string any;
      for (const Promoted& one : kPromotedNumbers) {
        if (one.metadata == key) any += text::concat(any.empty() ? "" : " OR ", "c.", one.column, " IS NOT NULL");
      }
      metadata += rows("trace_info", text::concat(known, " AND (", any, ")"));
    }
    metadata -= rows("trace_request_metadata",
                     text::concat(of_trace("c.request_id"), " AND c.\"key\" IN ('", traces::metadata::kSession, "', '",
                                  traces::metadata::kTokens, "', '", traces::metadata::kCost, "')"));
  }
  set(Kind::kTraceTags, tags);
  set(Kind::kTraceMetadata, metadata);
  set(Kind::kSpans, rows("spans", of_trace("c.trace_id")));
  set(Kind::kAssessments, rows("assessments", of_trace("c.trace_id")));
  set(Kind::kTraceLinks,
      rows("entity_associations", "c.source_type = 'trace' AND c.destination_type IN ('run', 'prompt_version') AND " +
                                      of_trace("c.source_id")));
}

void SqlSource::count_genai(Tally& tally) {
  const auto set = [&](Kind kind, int64_t count) { tally[kind].in_source = count; };
  const std::string workspace = "1 = 1" + schema_.in_default_workspace("evaluation_datasets", "c");
  const std::string of_dataset = " IN (SELECT c.dataset_id FROM evaluation_datasets c WHERE " + workspace + ")";
  set(Kind::kEvaluationDatasets, rows("evaluation_datasets", workspace));
  if (schema_.has("evaluation_datasets")) {
    set(Kind::kEvaluationDatasetTags, rows("evaluation_dataset_tags", "c.dataset_id" + of_dataset));
    set(Kind::kEvaluationRecords, rows("evaluation_dataset_records", "c.dataset_id" + of_dataset));
    set(Kind::kEvaluationDatasetLinks,
        rows("entity_associations", text::concat(SqlReader::kDatasetUse, " AND c.source_id", of_dataset, " AND ",
                                                 reader_.in_known_experiment("CAST(c.destination_id AS INTEGER)"))));
  }
  const std::string known = reader_.in_known_experiment("c.experiment_id");
  const std::string of_scorer = "c.scorer_id IN (SELECT c.scorer_id FROM scorers c WHERE " + known + ")";
  set(Kind::kScorers, rows("scorers", known));
  set(Kind::kScorerVersions, rows("scorer_versions", of_scorer));
  set(Kind::kOnlineScorings, rows("online_scoring_configs", of_scorer));
  set(Kind::kIssues, rows("issues", known));
}

std::vector<LeftOut> SqlSource::left_out() {
  std::vector<LeftOut> out;
  for (const Foreign& one : kForeign) out.push_back({std::string(one.what), rows(one.table)});
  for (const auto& [table, what] :
       {std::pair("experiments", "experiments"), std::pair("registered_models", "models")}) {
    if (schema_.has(table, "workspace"))
      out.push_back(
          {text::concat(what, " of workspaces other than 'default'"), rows(table, "c.workspace <> 'default'")});
  }
  for (const char* table : {"params", "tags", "metrics"}) {
    out.push_back({text::concat(table, " whose run is gone or in another workspace"),
                   rows(table) - rows(table, reader_.of_known_run("c.run_uuid"))});
  }
  if (schema_.has("datasets"))
    out.push_back({"datasets that no run uses",
                   rows("datasets",
                        "NOT EXISTS (SELECT 1 FROM inputs i WHERE i.source_type = 'DATASET' AND i.source_id = "
                        "c.dataset_uuid)")});
  if (schema_.has("assessments", "run_id"))
    out.push_back({"names of runs beside assessments", rows("assessments", "c.run_id IS NOT NULL")});
  if (schema_.has("model_versions"))
    out.push_back({"states of model versions other than READY, and their messages",
                   rows("model_versions", "c.status IS NOT NULL AND c.status <> 'READY'")});
  if (schema_.has("runs", "source_name"))
    out.push_back({"sources of runs that no tag repeats (a column of versions before 1.0)",
                   rows("runs",
                        "c.source_name IS NOT NULL AND c.source_name <> '' AND NOT EXISTS (SELECT 1 FROM tags t "
                        "WHERE t.run_uuid = c.run_uuid AND t.\"key\" = 'mlflow.source.name')")});
  out.push_back({"spans and assessments that could not be read", reader_.unreadable()});
  for (LeftOut& one : places_.left_out()) out.push_back(std::move(one));
  return out;
}

std::vector<tracking::Experiment> SqlSource::experiments() {
  auto out = reader_.experiments();
  places_.learn(out);
  return out;
}

void SqlSource::runs(const std::function<void(std::vector<tracking::StoredRun>)>& on_runs) {
  std::string after;
  for (;;) {
    auto runs = reader_.runs_after(after, kRunsAtOnce);
    if (runs.empty()) return;
    after = runs.back().run.info.id.value;
    on_runs(std::move(runs));
  }
}

std::vector<tracking::SeriesSummary> SqlSource::series_of(const std::vector<tracking::RunId>& runs) {
  return reader_.series_of(values_of(runs));
}

void SqlSource::points(const std::vector<tracking::RunId>& runs,
                       const std::function<void(const std::vector<tracking::SeriesPoints>&)>& on_series) {
  reader_.points(values_of(runs), kPointsAtOnce, on_series);
}

void SqlSource::models(const std::function<void(std::vector<tracking::LoggedModel>)>& on_models) {
  std::string after;
  for (;;) {
    auto models = reader_.models_after(after, kRunsAtOnce);
    if (models.empty()) return;
    after = models.back().id.value;
    on_models(std::move(models));
  }
}

void SqlSource::registered(const std::function<void(registry::StoredModel)>& on_model) {
  for (const std::string& name : reader_.registered_names()) {
    if (auto found = reader_.registered(name)) on_model(*std::move(found));
  }
}

void SqlSource::traces(const std::function<void(std::vector<traces::StoredTrace>)>& on_traces) {
  std::string after;
  for (;;) {
    const std::vector<std::string> ids = reader_.trace_ids_after(after, kTracesAtOnce);
    if (ids.empty()) return;
    after = ids.back();
    sql::Values values;
    for (const std::string& id : ids) values.emplace_back(id);
    on_traces(reader_.traces(values));
  }
}

void SqlSource::datasets(const std::function<void(std::vector<genai::StoredDataset>)>& on_datasets) {
  on_datasets(reader_.datasets());
}

void SqlSource::records(const genai::DatasetId& dataset,
                        const std::function<void(std::vector<genai::Record>)>& on_records) {
  reader_.records(dataset, kRecordsAtOnce, on_records);
}

void SqlSource::scorers(const std::function<void(std::vector<genai::StoredScorer>)>& on_scorers) {
  for (const std::string& id : reader_.scorer_ids()) on_scorers(reader_.scorers({id}));
}

void SqlSource::issues(const std::function<void(std::vector<genai::Issue>)>& on_issues) {
  std::string after;
  for (;;) {
    auto issues = reader_.issues_after(after, kRunsAtOnce);
    if (issues.empty()) return;
    after = issues.back().id.value;
    on_issues(std::move(issues));
  }
}

std::optional<std::string> SqlSource::portable(const std::string& location) { return places_.portable(location); }

void SqlSource::stays(const ArtifactFolder& folder) { places_.stays(folder); }

void SqlSource::files(const ArtifactFolder& folder, const std::function<void(const ArtifactFile&)>& on_file) {
  places_.files(folder, on_file);
}

}  // namespace slipway::mlflow_store
