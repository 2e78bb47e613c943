// The tracking half of SqlWriter.
#include "adapters/mlflow_store/sql_writer.h"

#include <algorithm>

#include "domains/tracking/experiment_store.h"
#include "foundation/base/error.h"
#include "foundation/base/hash.h"
#include "foundation/sql/insert_rows.h"

namespace slipway::mlflow_store {

using tracking::Dataset;
using tracking::ExperimentId;
using tracking::Run;

namespace {

constexpr size_t kIdDigits = 32;

// Ids that MLflow makes up at random and shows to nobody are made from what they stand for: a second export gives the
// same rows.
std::string derived_id(std::string_view of) { return hash_hex(HashKind::kSha256, of).substr(0, kIdDigits); }

sql::Value text_or_null(const std::string& text) { return text.empty() ? sql::Value(nullptr) : sql::Value(text); }

std::string lifecycle_text(tracking::Lifecycle lifecycle) { return std::string(tracking::name_of(lifecycle)); }

// What a value has to be made on PostgreSQL, which keeps some columns in types of their own.
std::string_view cast_of(std::string_view table, std::string_view column) {
  if (column == "is_nan" || column == "valid" || column == "is_numeric_value") return "BOOLEAN";
  const bool is_json =
      table == "evaluation_dataset_records" &&
      (column == "inputs" || column == "outputs" || column == "expectations" || column == "tags" || column == "source");
  return is_json ? "JSON" : "";
}

int64_t number_of_status(tracking::LoggedModelStatus status) {
  switch (status) {
    case tracking::LoggedModelStatus::kReady:
      return 2;
    case tracking::LoggedModelStatus::kFailed:
      return 3;
    default:
      return 1;
  }
}

}  // namespace

// MLflow's booleans are numbers on SQLite and a type of their own on PostgreSQL.
sql::Value SqlWriter::flag(bool value) const {
  if (transaction_.dialect() == sql::Dialect::kSqlite) return int64_t{value ? 1 : 0};
  return std::string(value ? "true" : "false");
}

int64_t SqlWriter::insert_row(const std::string& table, const Cells& cells, std::string_view tail) {
  std::string names;
  std::string marks;
  sql::Values values;
  for (const auto& [column, value] : cells) {
    if (!schema_.has(table, std::string(column))) continue;
    names += text::concat(names.empty() ? "" : ", ", "\"", column, "\"");
    const std::string_view cast =
        transaction_.dialect() == sql::Dialect::kPostgresql ? cast_of(table, column) : std::string_view();
    marks += marks.empty() ? "" : ", ";
    marks += cast.empty() ? "?" : text::concat("CAST(? AS ", cast, ")");
    values.push_back(value);
  }
  return transaction_.execute(text::concat("INSERT INTO ", table, " (", names, ") VALUES (", marks, ")", tail), values);
}

void SqlWriter::insert(const tracking::Experiment& experiment) {
  insert_row("experiments", {{"experiment_id", tracking::number_of(experiment.id)},
                             {"name", experiment.name},
                             {"artifact_location", experiment.artifact_location},
                             {"lifecycle_stage", lifecycle_text(experiment.lifecycle)},
                             {"creation_time", experiment.created_ms},
                             {"last_update_time", experiment.updated_ms}});
  for (const tracking::Tag& tag : experiment.tags) insert_tag(experiment.id, tag);
}

void SqlWriter::insert_tag(const ExperimentId& experiment, const tracking::Tag& tag) {
  insert_row("experiment_tags",
             {{"experiment_id", tracking::number_of(experiment)}, {"key", tag.key}, {"value", tag.value}});
}

void SqlWriter::insert(const tracking::StoredRun& stored) {
  const tracking::RunInfo& info = stored.run.info;
  insert_row("runs", {{"run_uuid", info.id.value},
                      {"name", info.name},
                      {"source_type", "UNKNOWN"},
                      {"source_name", ""},
                      {"entry_point_name", ""},
                      {"user_id", info.user_id},
                      {"status", std::string(name_of(info.status))},
                      {"start_time", info.start_ms},
                      {"end_time", sql::optional_value(info.end_ms)},
                      {"source_version", ""},
                      {"lifecycle_stage", lifecycle_text(info.lifecycle)},
                      {"artifact_uri", info.artifact_uri},
                      {"experiment_id", tracking::number_of(info.experiment_id)},
                      {"deleted_time", sql::optional_value(stored.deleted_ms)}});
  const Run& run = stored.run;
  sql::insert_rows(transaction_, "INSERT INTO params (run_uuid, \"key\", value)", 3, "", run.params.size(),
                   [&](size_t i, sql::Values& values) {
                     values.insert(values.end(), {info.id.value, run.params[i].key, run.params[i].value});
                   });
  sql::insert_rows(transaction_, "INSERT INTO tags (run_uuid, \"key\", value)", 3, "", run.tags.size(),
                   [&](size_t i, sql::Values& values) {
                     values.insert(values.end(), {info.id.value, run.tags[i].key, run.tags[i].value});
                   });
  if (schema_.has("inputs")) insert_inputs(run);
}

std::string SqlWriter::dataset_id(const ExperimentId& experiment, const Dataset& dataset) {
  const int64_t number = tracking::number_of(experiment);
  const auto find = [&] {
    return transaction_.query_one<std::string>(
        "SELECT dataset_uuid FROM datasets WHERE experiment_id = ? AND name = ? AND digest = ?",
        {number, dataset.name, dataset.digest}, [](const sql::Row& row) { return row.get_text(0); });
  };
  if (const auto known = find()) return *known;
  std::string id = derived_id(text::concat("dataset\n", number, "\n", dataset.name, "\n", dataset.digest));
  insert_row("datasets", {{"dataset_uuid", id},
                          {"experiment_id", number},
                          {"name", dataset.name},
                          {"digest", dataset.digest},
                          {"dataset_source_type", dataset.source_type},
                          {"dataset_source", dataset.source},
                          {"dataset_schema", sql::optional_value(dataset.schema)},
                          {"dataset_profile", sql::optional_value(dataset.profile)}});
  return id;
}

void SqlWriter::insert_inputs(const Run& run) {
  const std::string& run_id = run.info.id.value;
  const auto link = [&](std::string_view source_type, const std::string& source, std::string_view destination_type,
                        const std::string& destination, int64_t step) {
    std::string id = derived_id(text::concat(source_type, "\n", source, "\n", destination_type, "\n", destination));
    insert_row("inputs", {{"input_uuid", id},
                          {"source_type", std::string(source_type)},
                          {"source_id", source},
                          {"destination_type", std::string(destination_type)},
                          {"destination_id", destination},
                          {"step", step}});
    return id;
  };
  for (const tracking::DatasetInput& input : run.dataset_inputs) {
    const std::string dataset = dataset_id(run.info.experiment_id, input.dataset);
    const std::string id = link("DATASET", dataset, "RUN", run_id, 0);
    for (const tracking::Tag& tag : input.tags)
      insert_row("input_tags", {{"input_uuid", id}, {"name", tag.key}, {"value", tag.value}});
  }
  for (const tracking::LoggedModelId& model : run.model_inputs)
    link("RUN_INPUT", run_id, "MODEL_INPUT", model.value, 0);
  for (const tracking::ModelOutput& output : run.model_outputs)
    link("RUN_OUTPUT", run_id, "MODEL_OUTPUT", output.model_id.value, output.step);
}

int64_t SqlWriter::insert(const tracking::SeriesPoints& series) {
  if (series.points.empty()) return 0;
  int64_t added = 0;
  // The flag is false where nothing is said, so the many ordinary points go without it.
  std::vector<tracking::StoredPoint> ordinary;
  for (const tracking::StoredPoint& point : series.points) {
    if (point.value.is_nan == 0) {
      ordinary.push_back(point);
      continue;
    }
    added += insert_row("metrics",
                        {{"run_uuid", series.run.value},
                         {"key", series.key},
                         {"value", point.value.value},
                         {"timestamp", point.time_ms},
                         {"step", point.step},
                         {"is_nan", flag(true)}},
                        " ON CONFLICT DO NOTHING");
  }
  added += sql::insert_rows(
      transaction_, "INSERT INTO metrics (run_uuid, \"key\", value, \"timestamp\", step)", 5, " ON CONFLICT DO NOTHING",
      ordinary.size(), [&](size_t i, sql::Values& values) {
        const tracking::StoredPoint& point = ordinary[i];
        values.insert(values.end(), {series.run.value, series.key, point.value.value, point.time_ms, point.step});
      });
  const auto latest = std::max_element(series.points.begin(), series.points.end(), [](const auto& a, const auto& b) {
    return std::tie(a.step, a.time_ms, a.value.value) < std::tie(b.step, b.time_ms, b.value.value);
  });
  insert_row("latest_metrics",
             {{"run_uuid", series.run.value},
              {"key", series.key},
              {"value", latest->value.value},
              {"timestamp", latest->time_ms},
              {"step", latest->step},
              {"is_nan", flag(latest->value.is_nan != 0)}},
             " ON CONFLICT (\"key\", run_uuid) DO UPDATE SET value = excluded.value, \"timestamp\" = "
             "excluded.\"timestamp\", step = excluded.step, is_nan = excluded.is_nan WHERE (excluded.step, "
             "excluded.\"timestamp\", excluded.value) >= (latest_metrics.step, latest_metrics.\"timestamp\", "
             "latest_metrics.value)");
  return added;
}

void SqlWriter::insert(const tracking::LoggedModel& model) {
  if (!schema_.has("logged_models"))
    throw failed_precondition("this version of MLflow has no logged models; export to a newer one");
  const int64_t experiment = tracking::number_of(model.experiment_id);
  insert_row("logged_models", {{"model_id", model.id.value},
                               {"experiment_id", experiment},
                               {"name", model.name},
                               {"artifact_location", model.artifact_uri},
                               {"creation_timestamp_ms", model.created_ms},
                               {"last_updated_timestamp_ms", model.updated_ms},
                               {"status", number_of_status(model.status)},
                               {"lifecycle_stage", lifecycle_text(model.lifecycle)},
                               {"model_type", text_or_null(model.model_type)},
                               {"source_run_id", text_or_null(model.source_run_id)},
                               {"status_message", text_or_null(model.status_message)}});
  for (const tracking::Param& param : model.params)
    insert_row("logged_model_params", {{"model_id", model.id.value},
                                       {"experiment_id", experiment},
                                       {"param_key", param.key},
                                       {"param_value", param.value}});
  for (const tracking::Tag& tag : model.tags)
    insert_row(
        "logged_model_tags",
        {{"model_id", model.id.value}, {"experiment_id", experiment}, {"tag_key", tag.key}, {"tag_value", tag.value}});
  for (const tracking::Metric& metric : model.metrics) {
    insert_row("logged_model_metrics", {{"model_id", model.id.value},
                                        {"metric_name", metric.key},
                                        {"metric_timestamp_ms", metric.time_ms},
                                        {"metric_step", metric.step},
                                        {"metric_value", tracking::stored_value(metric.value).value},
                                        {"experiment_id", experiment},
                                        {"run_id", metric.run_id.value},
                                        {"dataset_name", text_or_null(metric.dataset_name)},
                                        {"dataset_digest", text_or_null(metric.dataset_digest)}});
  }
}

}  // namespace slipway::mlflow_store
