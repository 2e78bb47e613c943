// The registry and traces halves of SqlWriter, and what it asks of the tables.
#include <map>
#include <set>

#include "adapters/mlflow_store/assessment_text.h"
#include "adapters/mlflow_store/promoted.h"
#include "adapters/mlflow_store/span_text.h"
#include "adapters/mlflow_store/sql_reader.h"
#include "adapters/mlflow_store/sql_writer.h"
#include "domains/tracking/experiment_store.h"
#include "foundation/base/error.h"
#include "foundation/base/hash.h"

namespace slipway::mlflow_store {

namespace {

constexpr std::string_view kDeletedStage = "Deleted_Internal";

sql::Value text_or_null(const std::string& text) { return text.empty() ? sql::Value(nullptr) : sql::Value(text); }

// The tables that are filled here and the columns of theirs that this code gives.
const std::map<std::string, std::set<std::string>>& known_columns() {
  static const std::map<std::string, std::set<std::string>> known = {
      {"experiments", {"experiment_id", "name"}},
      {"runs", {"run_uuid"}},
      {"metrics", {"key", "value", "timestamp", "run_uuid", "step", "is_nan"}},
      {"latest_metrics", {"key", "value", "timestamp", "run_uuid", "step", "is_nan"}},
      {"params", {"key", "value", "run_uuid"}},
      {"tags", {"key", "run_uuid"}},
      {"experiment_tags", {"key", "experiment_id"}},
      {"datasets", {"dataset_uuid", "experiment_id", "name", "digest", "dataset_source_type", "dataset_source"}},
      {"inputs", {"input_uuid", "source_type", "source_id", "destination_type", "destination_id", "step"}},
      {"input_tags", {"input_uuid", "name", "value"}},
      {"logged_models",
       {"model_id", "experiment_id", "name", "artifact_location", "creation_timestamp_ms", "last_updated_timestamp_ms",
        "status"}},
      {"registered_models", {"name"}},
      {"model_versions", {"name", "version"}},
      {"trace_info", {"request_id", "experiment_id", "timestamp_ms", "status"}},
      {"spans", {"trace_id", "experiment_id", "span_id", "status", "start_time_unix_nano", "content"}},
      {"assessments",
       {"assessment_id", "trace_id", "name", "assessment_type", "value", "created_timestamp", "last_updated_timestamp",
        "source_type", "valid", "is_numeric_value"}},
      {"entity_associations", {"association_id", "source_type", "source_id", "destination_type", "destination_id"}},
      {"evaluation_datasets", {"dataset_id", "name"}},
      {"evaluation_dataset_tags", {"dataset_id", "key", "value"}},
      {"evaluation_dataset_records", {"dataset_record_id", "dataset_id", "inputs", "input_hash"}},
      {"scorers", {"experiment_id", "scorer_name", "scorer_id"}},
      {"scorer_versions", {"scorer_id", "scorer_version", "serialized_scorer"}},
      {"online_scoring_configs", {"online_scoring_config_id", "scorer_id", "sample_rate", "experiment_id"}},
      {"issues",
       {"issue_id", "experiment_id", "name", "description", "status", "created_timestamp", "last_updated_timestamp"}}};
  return known;
}

// Names of columns that have to be given.
std::set<std::string> needed_columns(sql::Transaction& transaction, const std::string& table) {
  std::set<std::string> out;
  const bool is_sqlite = transaction.dialect() == sql::Dialect::kSqlite;
  transaction.query(is_sqlite ? "SELECT name FROM pragma_table_xinfo(?) WHERE \"notnull\" = 1 AND dflt_value IS NULL"
                              : "SELECT column_name FROM information_schema.columns WHERE table_schema = "
                                "current_schema() AND table_name = ? AND is_nullable = 'NO' AND column_default IS NULL "
                                "AND is_identity = 'NO'",
                    {table}, [&](const sql::Row& row) { out.insert(row.get_text(0)); });
  return out;
}

}  // namespace

void SqlWriter::check_columns() {
  for (const auto& [table, known] : known_columns()) {
    for (const std::string& column : needed_columns(transaction_, table)) {
      if (known.contains(column)) continue;
      throw failed_precondition("table `", table, "` wants a column `", column, "` that this program does not know (",
                                schema_.description(),
                                "): export to a database made by MLflow 3.17, then upgrade that");
    }
  }
}

void SqlWriter::insert(const registry::StoredModel& model, bool is_known) {
  const std::string& name = model.model.name;
  if (!is_known) {
    insert_row("registered_models", {{"name", name},
                                     {"creation_time", model.model.created_ms},
                                     {"last_updated_time", model.model.updated_ms},
                                     {"description", text_or_null(model.model.description)}});
    for (const tracking::Tag& tag : model.model.tags)
      insert_row("registered_model_tags", {{"name", name}, {"key", tag.key}, {"value", tag.value}});
  }
  std::set<int64_t> known;
  transaction_.query("SELECT version FROM model_versions WHERE name = ?", {name},
                     [&](const sql::Row& row) { known.insert(row.get_int(0)); });
  for (const registry::StoredVersion& one : model.versions) {
    if (!known.contains(one.version.version)) insert_version(one);
  }
  if (!schema_.has("registered_model_aliases")) return;
  for (const registry::ModelAlias& alias : model.model.aliases)
    insert_row("registered_model_aliases", {{"name", name}, {"alias", alias.alias}, {"version", alias.version}},
               " ON CONFLICT DO NOTHING");
}

void SqlWriter::insert_version(const registry::StoredVersion& stored) {
  const registry::ModelVersion& version = stored.version;
  insert_row("model_versions",
             {{"name", version.name},
              {"version", version.version},
              {"creation_time", version.created_ms},
              {"last_updated_time", version.updated_ms},
              {"description", text_or_null(version.description)},
              {"current_stage", std::string(stored.deleted ? kDeletedStage : registry::name_of(version.stage))},
              {"source", version.source},
              {"run_id", text_or_null(version.run_id)},
              {"status", "READY"},
              {"run_link", text_or_null(version.run_link)},
              {"storage_location", version.storage_location}});
  for (const tracking::Tag& tag : version.tags)
    insert_row("model_version_tags",
               {{"name", version.name}, {"version", version.version}, {"key", tag.key}, {"value", tag.value}});
}

void SqlWriter::insert(const traces::StoredTrace& stored) {
  if (!schema_.has("trace_info"))
    throw failed_precondition("this version of MLflow has no traces; export to a newer one");
  const traces::Trace& trace = stored.trace;
  const bool has_columns = schema_.has("trace_info", "trace_name");
  const std::string* name = traces::find_pair(trace.tags, traces::tag::kName);
  const std::string* session = traces::find_pair(trace.metadata, traces::metadata::kSession);
  const sql::Values numbers = promoted_values(trace.metadata);
  Cells cells = {{"request_id", trace.id.value},
                 {"experiment_id", tracking::number_of(trace.experiment_id)},
                 {"timestamp_ms", trace.request_ms},
                 {"execution_time_ms", sql::optional_value(trace.execution_ms)},
                 {"status", trace.state},
                 {"client_request_id", text_or_null(trace.client_request_id)},
                 {"request_preview", text_or_null(trace.request_preview)},
                 {"response_preview", text_or_null(trace.response_preview)},
                 {"trace_name", name == nullptr ? sql::Value(nullptr) : sql::Value(*name)},
                 {"session_id", session == nullptr ? sql::Value(nullptr) : sql::Value(*session)}};
  for (size_t i = 0; i < numbers.size(); ++i) cells.emplace_back(kPromotedNumbers[i].column, numbers[i]);
  insert_row("trace_info", cells);
  for (const traces::Tag& tag : trace.tags) {
    if (has_columns && tag.key == traces::tag::kName) continue;
    insert_row("trace_tags", {{"request_id", trace.id.value}, {"key", tag.key}, {"value", tag.value}});
  }
  for (const traces::Tag& pair : trace.metadata) {
    if (has_columns && is_promoted(pair.key)) continue;
    insert_row("trace_request_metadata", {{"request_id", trace.id.value}, {"key", pair.key}, {"value", pair.value}});
  }
  insert_spans(stored);
  insert_assessments(stored);
  for (const traces::TraceLink& link : stored.links) {
    const std::string kind = link.kind == "run" ? "run" : "prompt_version";
    insert_row(
        "entity_associations",
        {{"association_id",
          hash_hex(HashKind::kSha256, text::concat(trace.id.value, "\n", kind, "\n", link.target)).substr(0, 32)},
         {"source_type", "trace"},
         {"source_id", trace.id.value},
         {"destination_type", kind},
         {"destination_id", link.target},
         {"created_time", trace.request_ms}});
  }
}

void SqlWriter::insert_spans(const traces::StoredTrace& stored) {
  if (stored.spans.empty()) return;
  if (!schema_.has("spans"))
    throw failed_precondition("this version of MLflow keeps no spans in its database; export to a newer one");
  const int64_t experiment = tracking::number_of(stored.trace.experiment_id);
  for (const traces::Span& span : stored.spans) {
    const traces::SpanSummary summary = traces::summarize(span);
    insert_row("spans", {{"trace_id", stored.trace.id.value},
                         {"experiment_id", experiment},
                         {"span_id", span.span_id},
                         {"parent_span_id", text_or_null(span.parent_id)},
                         {"name", span.name},
                         {"type", sql::optional_value(summary.type)},
                         {"status", std::string(name_of(span.status))},
                         {"start_time_unix_nano", span.start_ns},
                         {"end_time_unix_nano", sql::optional_value(span.end_ns)},
                         {"content", write_span(span)},
                         {"input_cost", sql::optional_value(summary.input_cost)},
                         {"output_cost", sql::optional_value(summary.output_cost)},
                         {"total_cost", sql::optional_value(summary.total_cost)},
                         {"model_name", sql::optional_value(summary.model_name)},
                         {"model_provider", sql::optional_value(summary.model_provider)}});
  }
}

void SqlWriter::insert_assessments(const traces::StoredTrace& stored) {
  for (const traces::Assessment& one : stored.trace.assessments) {
    if (!schema_.has("assessments"))
      throw failed_precondition("this version of MLflow has no assessments; export to a newer one");
    const traces::AssessmentNumber number = traces::number_of_value(one.value);
    insert_row("assessments", {{"assessment_id", one.id.value},
                               {"trace_id", stored.trace.id.value},
                               {"name", one.name},
                               {"assessment_type", std::string(name_of(one.kind))},
                               {"value", write_assessment_value(one)},
                               {"error", sql::optional_value(write_assessment_error(one))},
                               {"created_timestamp", one.created_ms},
                               {"last_updated_timestamp", one.updated_ms},
                               {"source_type", one.source_type},
                               {"source_id", text_or_null(one.source_id)},
                               {"span_id", text_or_null(one.span_id)},
                               {"rationale", sql::optional_value(one.rationale)},
                               {"overrides", text_or_null(one.overrides)},
                               {"valid", flag(one.is_valid)},
                               {"assessment_metadata", sql::optional_value(write_pairs(one.metadata))},
                               {"experiment_id", tracking::number_of(stored.trace.experiment_id)},
                               {"trace_timestamp_ms", stored.trace.request_ms},
                               {"aggregate_value", sql::optional_value(number.number)},
                               {"is_numeric_value", flag(number.is_number)}});
  }
}

}  // namespace slipway::mlflow_store
