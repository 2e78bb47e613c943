// From structs to MLflow's JSON.
#include "foundation/base/text.h"
#include "protocols/mlflow/messages.h"

namespace slipway::mlflow {

namespace {

std::string_view lifecycle_name(tracking::Lifecycle lifecycle) {
  return lifecycle == tracking::Lifecycle::kActive ? "active" : "deleted";
}

// Tags and params look alike.
template <typename Pairs>
void write_pairs(JsonWriter& json, std::string_view name, const Pairs& pairs) {
  if (pairs.empty()) return;
  json.begin_array(name);
  for (const auto& pair : pairs) {
    json.begin_object();
    json.text("key", pair.key);
    json.text("value", pair.value);
    json.end_object();
  }
  json.end_array();
}

void write_dataset_input(JsonWriter& json, const tracking::DatasetInput& input) {
  json.begin_object();
  write_pairs(json, "tags", input.tags);
  json.begin_object("dataset");
  json.text("name", input.dataset.name);
  json.text("digest", input.dataset.digest);
  json.text("source_type", input.dataset.source_type);
  json.text("source", input.dataset.source);
  if (input.dataset.schema) json.text("schema", *input.dataset.schema);
  if (input.dataset.profile) json.text("profile", *input.dataset.profile);
  json.end_object();
  json.end_object();
}

void write_inputs(JsonWriter& json, const tracking::Run& run) {
  json.begin_object("inputs");
  if (!run.dataset_inputs.empty()) {
    json.begin_array("dataset_inputs");
    for (const auto& input : run.dataset_inputs) write_dataset_input(json, input);
    json.end_array();
  }
  if (!run.model_inputs.empty()) {
    json.begin_array("model_inputs");
    for (const auto& model : run.model_inputs) {
      json.begin_object();
      json.text("model_id", model.value);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
}

void write_outputs(JsonWriter& json, const tracking::Run& run) {
  if (run.model_outputs.empty()) return;
  json.begin_object("outputs");
  json.begin_array("model_outputs");
  for (const auto& output : run.model_outputs) {
    json.begin_object();
    json.text("model_id", output.model_id.value);
    json.integer("step", output.step);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

std::string_view wire_name(tracking::LoggedModelStatus status) {
  switch (status) {
    case tracking::LoggedModelStatus::kPending:
      return "LOGGED_MODEL_PENDING";
    case tracking::LoggedModelStatus::kReady:
      return "LOGGED_MODEL_READY";
    case tracking::LoggedModelStatus::kFailed:
      break;
  }
  return "LOGGED_MODEL_UPLOAD_FAILED";
}

}  // namespace

void write(JsonWriter& json, std::string_view name, const tracking::Experiment& experiment) {
  json.begin_object(name);
  json.text("experiment_id", experiment.id.value);
  json.text("name", experiment.name);
  json.text("artifact_location", experiment.artifact_location);
  json.text("lifecycle_stage", lifecycle_name(experiment.lifecycle));
  json.integer("last_update_time", experiment.updated_ms);
  json.integer("creation_time", experiment.created_ms);
  write_pairs(json, "tags", experiment.tags);
  json.end_object();
}

void write(JsonWriter& json, std::string_view name, const tracking::RunInfo& info) {
  json.begin_object(name);
  // Old clients know the id by its first name.
  json.text("run_uuid", info.id.value);
  json.text("run_id", info.id.value);
  json.text("experiment_id", info.experiment_id.value);
  json.text("run_name", info.name);
  json.text("user_id", info.user_id);
  json.text("status", tracking::name_of(info.status));
  json.integer("start_time", info.start_ms);
  if (info.end_ms) json.integer("end_time", *info.end_ms);
  json.text("artifact_uri", info.artifact_uri);
  json.text("lifecycle_stage", lifecycle_name(info.lifecycle));
  json.end_object();
}

void write(JsonWriter& json, std::string_view name, const tracking::Metric& metric) {
  json.begin_object(name);
  json.text("key", metric.key);
  json.number("value", metric.value);
  json.integer("timestamp", metric.time_ms);
  json.integer("step", metric.step);
  json.text_if_set("model_id", metric.model_id.value);
  json.text_if_set("dataset_name", metric.dataset_name);
  json.text_if_set("dataset_digest", metric.dataset_digest);
  json.text_if_set("run_id", metric.run_id.value);
  json.end_object();
}

void write(JsonWriter& json, std::string_view name, const tracking::Run& run) {
  json.begin_object(name);
  write(json, "info", run.info);
  json.begin_object("data");
  write_list(json, "metrics", run.metrics);
  write_pairs(json, "params", run.params);
  write_pairs(json, "tags", run.tags);
  json.end_object();
  write_inputs(json, run);
  write_outputs(json, run);
  json.end_object();
}

void write(JsonWriter& json, std::string_view name, const tracking::DatasetSummary& summary) {
  json.begin_object(name);
  json.text("experiment_id", summary.experiment_id.value);
  json.text("name", summary.name);
  json.text("digest", summary.digest);
  json.text_if_set("context", summary.context);
  json.end_object();
}

void write(JsonWriter& json, std::string_view name, const tracking::LoggedModel& model) {
  json.begin_object(name);
  json.begin_object("info");
  json.text("model_id", model.id.value);
  json.text("experiment_id", model.experiment_id.value);
  json.text("name", model.name);
  json.integer("creation_timestamp_ms", model.created_ms);
  json.integer("last_updated_timestamp_ms", model.updated_ms);
  json.text("artifact_uri", model.artifact_uri);
  json.text("status", wire_name(model.status));
  json.text_if_set("model_type", model.model_type);
  json.text_if_set("source_run_id", model.source_run_id);
  json.text_if_set("status_message", model.status_message);
  write_pairs(json, "tags", model.tags);
  json.end_object();
  json.begin_object("data");
  write_pairs(json, "params", model.params);
  write_list(json, "metrics", model.metrics);
  json.end_object();
  json.end_object();
}

void write(JsonWriter& json, std::string_view name, const registry::ModelVersion& version) {
  json.begin_object(name);
  json.text("name", version.name);
  json.text("version", std::to_string(version.version));
  json.integer("creation_timestamp", version.created_ms);
  json.integer("last_updated_timestamp", version.updated_ms);
  json.text("current_stage", registry::name_of(version.stage));
  json.text("description", version.description);
  json.text("source", version.source);
  json.text("run_id", version.run_id);
  json.text("status", "READY");
  write_pairs(json, "tags", version.tags);
  json.text_if_set("run_link", version.run_link);
  json.text_if_set("model_id", version.model_id);
  if (!version.aliases.empty()) {
    json.begin_array("aliases");
    for (const std::string& alias : version.aliases) json.element(alias);
    json.end_array();
  }
  json.end_object();
}

void write(JsonWriter& json, std::string_view name, const registry::RegisteredModel& model) {
  json.begin_object(name);
  json.text("name", model.name);
  json.integer("creation_timestamp", model.created_ms);
  json.integer("last_updated_timestamp", model.updated_ms);
  json.text_if_set("description", model.description);
  write_list(json, "latest_versions", model.latest_versions);
  write_pairs(json, "tags", model.tags);
  if (!model.aliases.empty()) {
    json.begin_array("aliases");
    for (const auto& alias : model.aliases) {
      json.begin_object();
      json.text("alias", alias.alias);
      json.text("version", std::to_string(alias.version));
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
}

void write_files(JsonWriter& json, const std::vector<tracking::ArtifactEntry>& files, const std::string& folder) {
  if (files.empty()) return;
  json.begin_array("files");
  for (const auto& file : files) {
    json.begin_object();
    json.text("path", folder.empty() ? file.path : folder + "/" + file.path);
    json.flag("is_dir", file.is_folder);
    if (!file.is_folder) json.integer("file_size", static_cast<int64_t>(file.size_bytes));
    json.end_object();
  }
  json.end_array();
}

}  // namespace slipway::mlflow
