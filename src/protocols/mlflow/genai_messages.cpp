#include "protocols/mlflow/genai_messages.h"

#include "domains/traces/json_text.h"
#include "foundation/base/error.h"
#include "foundation/base/json_stream.h"

namespace slipway::mlflow {

namespace {

void text_if_set(JsonWriter& json, std::string_view name, const std::optional<std::string>& value) {
  if (value) json.text(name, *value);
}

void raw_if_set(JsonWriter& json, std::string_view name, const std::optional<std::string>& value) {
  if (value) json.raw(name, *value);
}

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  json.begin_array(name);
  for (const std::string& text : texts) json.element(text);
  json.end_array();
}

void write_record(JsonWriter& json, const genai::DatasetId& dataset, const genai::Record& record) {
  json.begin_object();
  json.text("dataset_record_id", record.id.value);
  json.text("dataset_id", dataset.value);
  json.raw("inputs", record.inputs);
  raw_if_set(json, "outputs", record.outputs);
  raw_if_set(json, "expectations", record.expectations);
  json.raw("tags", record.tags);
  if (record.source) {
    json.begin_object("source");
    json.text("source_type", record.source->type);
    json.raw("source_data", record.source->data);
    json.end_object();
    json.text("source_type", record.source->type);
  }
  json.text_if_set("source_id", record.source_id);
  json.integer("created_time", record.created_ms);
  json.integer("last_update_time", record.updated_ms);
  text_if_set(json, "created_by", record.created_by);
  text_if_set(json, "last_updated_by", record.updated_by);
  json.end_object();
}

bool is_null(std::string_view json) { return json == "null"; }

genai::RecordSource read_source(std::string_view object) {
  genai::RecordSource out;
  JsonReader reader(object);
  std::string name;
  for (reader.begin_object(); reader.next_member(name);) {
    const std::string_view value = reader.skip();
    if (name == "source_type") out.type = traces::text_of_json(value).value_or("");
    if (name == "source_data" && !is_null(value)) out.data = value;
  }
  return out;
}

genai::NewRecord read_record(JsonReader& reader) {
  genai::NewRecord out;
  std::string name;
  for (reader.begin_object(); reader.next_member(name);) {
    const std::string_view value = reader.skip();
    if (name == "inputs") out.inputs = value;
    if (name == "outputs") out.outputs = value;
    if (name == "expectations") out.expectations = value;
    if (name == "tags") out.tags = value;
    if (name == "source" && !is_null(value)) out.source = read_source(value);
  }
  return out;
}

std::vector<std::string> without_empty(std::vector<std::string> texts) {
  std::erase(texts, "");
  return texts;
}

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

void write(JsonWriter& json, std::string_view name, const genai::Dataset& dataset) {
  json.begin_object(name);
  write_members(json, dataset);
  json.end_object();
}

void write_members(JsonWriter& json, const genai::Dataset& dataset) {
  json.text("dataset_id", dataset.id.value);
  json.text("name", dataset.name);
  JsonWriter tags;
  tags.begin_object();
  for (const tracking::Tag& tag : dataset.tags) tags.text(tag.key, tag.value);
  tags.end_object();
  json.text("tags", tags.take());
  text_if_set(json, "schema", dataset.schema);
  if (dataset.record_count > 0) json.text("profile", text::concat("{\"num_records\": ", dataset.record_count, "}"));
  json.text("digest", dataset.digest);
  json.integer("created_time", dataset.created_ms);
  json.integer("last_update_time", dataset.updated_ms);
  text_if_set(json, "created_by", dataset.created_by);
  text_if_set(json, "last_updated_by", dataset.updated_by);
}

std::string records_text(const genai::DatasetId& dataset, const std::vector<genai::Record>& records) {
  JsonWriter json;
  json.begin_array("");
  for (const genai::Record& record : records) write_record(json, dataset, record);
  json.end_array();
  return json.take();
}

void write(JsonWriter& json, std::string_view name, const genai::ScorerVersion& version) {
  json.begin_object(name);
  // A number here, though a text everywhere else.
  json.raw("experiment_id", version.experiment_id.value);
  json.text("scorer_name", version.name);
  json.integer("scorer_version", version.version);
  json.text("serialized_scorer", version.definition);
  json.integer("creation_time", version.created_ms);
  json.text("scorer_id", version.scorer_id.value);
  json.end_object();
}

void write(JsonWriter& json, std::string_view name, const genai::OnlineScoring& scoring) {
  json.begin_object(name);
  json.text("online_scoring_config_id", scoring.id);
  json.text("scorer_id", scoring.scorer_id.value);
  json.number("sample_rate", scoring.sample_rate);
  json.text("experiment_id", scoring.experiment_id.value);
  text_if_set(json, "filter_string", scoring.filter);
  json.end_object();
}

void write(JsonWriter& json, std::string_view name, const genai::Issue& issue) {
  json.begin_object(name);
  json.text("issue_id", issue.id.value);
  json.text("experiment_id", issue.experiment_id.value);
  json.text("name", issue.name);
  json.text("description", issue.description);
  json.text("status", issue.status);
  text_if_set(json, "severity", issue.severity);
  write_texts(json, "root_causes", issue.root_causes);
  text_if_set(json, "source_run_id", issue.source_run_id);
  json.integer("created_timestamp", issue.created_ms);
  json.integer("last_updated_timestamp", issue.updated_ms);
  text_if_set(json, "created_by", issue.created_by);
  write_texts(json, "categories", issue.categories);
  if (issue.trace_count) json.integer("trace_count", *issue.trace_count);
  json.end_object();
}

std::vector<genai::NewRecord> read_records(const std::string& list) {
  std::vector<genai::NewRecord> out;
  JsonReader reader(list);
  for (reader.begin_array(); reader.next_element();) out.push_back(read_record(reader));
  reader.finish();
  return out;
}

std::vector<tracking::Tag> read_json_tags(const std::string& object) {
  std::vector<tracking::Tag> out;
  JsonReader reader(object);
  std::string name;
  for (reader.begin_object(); reader.next_member(name);) {
    const std::string value = traces::normal_json(reader.skip());
    if (!is_null(value)) out.push_back({name, traces::text_of_json(value).value_or(value)});
  }
  reader.finish();
  return out;
}

genai::Issue read_issue(const Input& input) {
  genai::Issue out;
  out.name = input.required_text("name");
  out.description = input.required_text("description");
  out.experiment_id = genai::ExperimentId(input.required_text("experiment_id"));
  if (auto status = input.find_text("status")) out.status = *std::move(status);
  out.severity = unless_empty(input.text("severity"));
  out.root_causes = without_empty(input.texts("root_causes"));
  out.categories = without_empty(input.texts("categories"));
  out.source_run_id = unless_empty(input.text("source_run_id"));
  out.created_by = unless_empty(input.text("created_by"));
  return out;
}

}  // namespace slipway::mlflow
