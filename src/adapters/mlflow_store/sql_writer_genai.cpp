// The half of SqlWriter for evaluation datasets, scorers and issues.
#include <algorithm>

#include "adapters/mlflow_store/record_hash.h"
#include "adapters/mlflow_store/sql_writer.h"
#include "domains/traces/json_text.h"
#include "domains/tracking/experiment_store.h"
#include "foundation/base/hash.h"
#include "foundation/base/text.h"

namespace slipway::mlflow_store {

namespace {

std::string json_list(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? ", " : "") + traces::json_of(text);
  return out + "]";
}

// MLflow reads NULL as "not known".
sql::Value list_or_null(const std::vector<std::string>& texts) {
  return texts.empty() ? sql::Value(nullptr) : sql::Value(json_list(texts));
}

sql::Value source_of(const genai::Record& record) {
  if (!record.source) return nullptr;
  return text::concat("{\"source_type\": ", traces::json_of(record.source->type),
                      ", \"source_data\": ", record.source->data, "}");
}

}  // namespace

void SqlWriter::insert(const genai::StoredDataset& stored) {
  const genai::Dataset& dataset = stored.dataset;
  insert_row(
      "evaluation_datasets",
      {{"dataset_id", dataset.id.value},
       {"name", dataset.name},
       {"schema", sql::optional_value(dataset.schema)},
       {"profile", dataset.record_count > 0 ? sql::Value(text::concat("{\"num_records\": ", dataset.record_count, "}"))
                                            : sql::Value(nullptr)},
       {"digest", dataset.digest},
       {"created_time", dataset.created_ms},
       {"last_update_time", dataset.updated_ms},
       {"created_by", sql::optional_value(dataset.created_by)},
       {"last_updated_by", sql::optional_value(dataset.updated_by)}});
  for (const tracking::Tag& tag : dataset.tags)
    insert_row("evaluation_dataset_tags", {{"dataset_id", dataset.id.value}, {"key", tag.key}, {"value", tag.value}});
  for (const tracking::ExperimentId& experiment : stored.experiments) {
    // A made-up id from what it stands for, so that a second export gives the same rows.
    const std::string of = text::concat(dataset.id.value, "\n", experiment.value);
    insert_row("entity_associations", {{"association_id", hash_hex(HashKind::kSha256, of).substr(0, 32)},
                                       {"source_type", "evaluation_dataset"},
                                       {"source_id", dataset.id.value},
                                       {"destination_type", "experiment"},
                                       {"destination_id", experiment.value},
                                       {"created_time", dataset.created_ms}});
  }
}

void SqlWriter::insert(const genai::DatasetId& dataset, const genai::Record& record) {
  const sql::Value outputs =
      record.outputs ? sql::Value(text::concat("{\"mlflow_wrapped\": ", *record.outputs, "}")) : sql::Value(nullptr);
  insert_row("evaluation_dataset_records",
             {{"dataset_record_id", record.id.value},
              {"dataset_id", dataset.value},
              {"inputs", record.inputs},
              {"outputs", outputs},
              {"expectations", sql::optional_value(record.expectations)},
              {"tags", record.tags},
              {"source", source_of(record)},
              {"source_id", record.source_id.empty() ? sql::Value(nullptr) : sql::Value(record.source_id)},
              {"source_type", record.source ? sql::Value(record.source->type) : sql::Value(nullptr)},
              {"created_time", record.created_ms},
              {"last_update_time", record.updated_ms},
              {"created_by", sql::optional_value(record.created_by)},
              {"last_updated_by", sql::optional_value(record.updated_by)},
              {"input_hash", record_hash(record.inputs)}});
}

void SqlWriter::insert(const genai::StoredScorer& scorer, const genai::StoredScorer* known) {
  const int64_t experiment = tracking::number_of(scorer.experiment_id);
  if (known == nullptr)
    insert_row("scorers",
               {{"experiment_id", experiment}, {"scorer_name", scorer.name}, {"scorer_id", scorer.id.value}});
  for (const genai::ScorerVersion& one : scorer.versions) {
    const auto same = [&](const genai::ScorerVersion& other) { return other.version == one.version; };
    if (known != nullptr && std::any_of(known->versions.begin(), known->versions.end(), same)) continue;
    insert_row("scorer_versions", {{"scorer_id", scorer.id.value},
                                   {"scorer_version", one.version},
                                   {"serialized_scorer", one.definition},
                                   {"creation_time", one.created_ms}});
  }
  if (!scorer.online || (known != nullptr && known->online)) return;
  insert_row("online_scoring_configs", {{"online_scoring_config_id", scorer.online->id},
                                        {"scorer_id", scorer.id.value},
                                        {"sample_rate", scorer.online->sample_rate},
                                        {"experiment_id", experiment},
                                        {"filter_string", sql::optional_value(scorer.online->filter)}});
}

void SqlWriter::insert(const genai::Issue& issue) {
  insert_row("issues", {{"issue_id", issue.id.value},
                        {"experiment_id", tracking::number_of(issue.experiment_id)},
                        {"name", issue.name},
                        {"description", issue.description},
                        {"status", issue.status},
                        {"severity", sql::optional_value(issue.severity)},
                        {"root_causes", list_or_null(issue.root_causes)},
                        {"categories", list_or_null(issue.categories)},
                        {"source_run_id", sql::optional_value(issue.source_run_id)},
                        {"created_timestamp", issue.created_ms},
                        {"last_updated_timestamp", issue.updated_ms},
                        {"created_by", sql::optional_value(issue.created_by)}});
}

}  // namespace slipway::mlflow_store
