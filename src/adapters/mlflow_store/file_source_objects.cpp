// What FileSource makes of one folder each.
#include <unordered_map>

#include "adapters/mlflow_store/assessment_text.h"
#include "adapters/mlflow_store/file_source.h"
#include "domains/traces/json_text.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/base/text.h"
#include "foundation/base/yaml.h"

namespace slipway::mlflow_store {

using tracking::ExperimentId;
using tracking::LoggedModel;
using tracking::RunId;
using tracking::StoredRun;

namespace {

constexpr std::string_view kDeletedStage = "Deleted_Internal";
constexpr std::string_view kModelScheme = "models:/m-";
constexpr std::string_view kVersionPrefix = "version-";
constexpr uint64_t kMaxAssessment = uint64_t{4} << 20U;

tracking::Lifecycle lifecycle_of(const Meta& meta) {
  return meta.text("lifecycle_stage") == "deleted" ? tracking::Lifecycle::kDeleted : tracking::Lifecycle::kActive;
}

// A number as protobuf has it, or the word.
tracking::RunStatus run_status_of(const std::string& status) {
  constexpr std::string_view kByNumber[] = {"RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"};
  const auto number = text::parse_int(status);
  const bool is_known = number && *number >= 1 && *number <= 5;
  return tracking::parse_run_status(is_known ? kByNumber[*number - 1] : status).value_or(tracking::RunStatus::kRunning);
}

tracking::LoggedModelStatus model_status_of(const std::string& status) {
  if (status == "2" || status.ends_with("READY")) return tracking::LoggedModelStatus::kReady;
  if (status == "3" || status.ends_with("FAILED")) return tracking::LoggedModelStatus::kFailed;
  return tracking::LoggedModelStatus::kPending;
}

registry::Stage stage_of(const std::string& name) {
  for (const registry::Stage stage :
       {registry::Stage::kStaging, registry::Stage::kProduction, registry::Stage::kArchived}) {
    if (text::equal_ignoring_case(name, registry::name_of(stage))) return stage;
  }
  return registry::Stage::kNone;
}

int64_t request_time_of(const Meta& meta) {
  if (const auto number = meta.number("timestamp_ms")) return *number;
  const std::string given = meta.text("request_time");
  if (const auto number = text::parse_int(given)) return *number;
  return text::parse_time_ms(given).value_or(0);
}

// "1.5s" as protobuf writes a duration.
std::optional<int64_t> duration_of(const Meta& meta) {
  for (const char* key : {"execution_time_ms", "execution_duration_ms"}) {
    if (const auto number = meta.number(key)) return number;
  }
  const std::string given = meta.text("execution_duration");
  if (!given.ends_with('s')) return std::nullopt;
  const auto seconds = text::parse_double(std::string_view(given).substr(0, given.size() - 1));
  return seconds && *seconds >= 0 && *seconds < 1e12 ? std::optional(static_cast<int64_t>(*seconds * 1000))
                                                     : std::nullopt;
}

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* found = json::find(object, key);
  if (found == nullptr) return "";
  return found->is_string() ? std::string(found->as_string()) : json::write(*found);
}

const json::object* object_of(const json::object& object, std::string_view key) {
  const json::value* found = json::find(object, key);
  return found != nullptr && found->is_object() ? &found->as_object() : nullptr;
}

std::string value_of(const json::object& object) {
  const json::value* found = json::find(object, "value");
  return found == nullptr ? "null" : traces::normal_json(json::write(*found));
}

}  // namespace

tracking::Experiment FileSource::read_experiment(const Folder& folder) {
  const Meta meta = tree_.meta(folder.path + "/meta.yaml").value();
  tracking::Experiment out;
  out.id = ExperimentId(folder.id);
  out.name = meta.text("name");
  out.artifact_location = meta.text("artifact_location");
  out.lifecycle = lifecycle_of(meta);
  out.created_ms = meta.number("creation_time").value_or(0);
  out.updated_ms = meta.number("last_update_time").value_or(out.created_ms);
  out.tags = tree_.pairs(folder.path + "/tags");
  return out;
}

StoredRun FileSource::read_run(const Folder& experiment, const Folder& folder) {
  const Meta meta = tree_.meta(folder.path + "/meta.yaml").value();
  StoredRun out;
  tracking::RunInfo& info = out.run.info;
  // The folder's name is the id; an id of digits alone may look like something else in the file.
  info.id = RunId(folder.id);
  info.experiment_id = ExperimentId(experiment.id);
  info.name = meta.find("run_name").value_or(meta.text("name"));
  info.user_id = meta.text("user_id");
  info.status = run_status_of(meta.text("status"));
  info.start_ms = meta.number("start_time").value_or(0);
  info.end_ms = meta.number("end_time");
  info.artifact_uri = meta.text("artifact_uri");
  info.lifecycle = lifecycle_of(meta);
  out.deleted_ms = meta.number("deleted_time");
  out.run.params = {};
  for (tracking::Tag& pair : tree_.pairs(folder.path + "/params"))
    out.run.params.push_back({std::move(pair.key), std::move(pair.value)});
  out.run.tags = tree_.pairs(folder.path + "/tags");
  read_inputs(experiment, folder, out.run);
  return out;
}

void FileSource::read_inputs(const Folder& experiment, const Folder& folder, tracking::Run& run) {
  for (const std::string& name : tree_.folders(folder.path + "/inputs")) {
    const auto meta = tree_.meta(text::concat(folder.path, "/inputs/", name, "/meta.yaml"));
    if (!meta) continue;
    const std::string id = meta->text("source_id");
    if (meta->text("source_type") == "MODEL") {
      run.model_inputs.emplace_back(id);
      continue;
    }
    // An id is a name of a folder, not a way through several.
    if (id.empty() || id.find('/') != std::string::npos) continue;
    const auto dataset = tree_.meta(text::concat(experiment.path, "/datasets/", id, "/meta.yaml"));
    if (!dataset) continue;
    tracking::DatasetInput input;
    input.dataset = {dataset->text("name"),   dataset->text("digest"), dataset->text("source_type"),
                     dataset->text("source"), dataset->find("schema"), dataset->find("profile")};
    input.tags = meta->pairs("tags");
    run.dataset_inputs.push_back(std::move(input));
  }
  for (const std::string& name : tree_.folders(folder.path + "/outputs")) {
    const auto meta = tree_.meta(text::concat(folder.path, "/outputs/", name, "/meta.yaml"));
    if (meta) run.model_outputs.push_back({tracking::LoggedModelId(name), meta->number("step").value_or(0)});
  }
}

LoggedModel FileSource::read_model(const Folder& experiment, const Folder& folder) {
  const Meta meta = tree_.meta(folder.path + "/meta.yaml").value();
  LoggedModel out;
  out.id = tracking::LoggedModelId(folder.id);
  out.experiment_id = ExperimentId(experiment.id);
  out.name = meta.text("name");
  out.model_type = meta.text("model_type");
  out.source_run_id = meta.text("source_run_id");
  out.artifact_uri = meta.text("artifact_location");
  out.status = model_status_of(meta.text("status"));
  out.status_message = meta.text("status_message");
  out.created_ms = meta.number("creation_timestamp").value_or(0);
  out.updated_ms = meta.number("last_updated_timestamp").value_or(out.created_ms);
  out.lifecycle = lifecycle_of(meta);
  for (tracking::Tag& pair : tree_.pairs(folder.path + "/params"))
    out.params.push_back({std::move(pair.key), std::move(pair.value)});
  out.tags = tree_.pairs(folder.path + "/tags");
  for (const std::string& key : tree_.files(folder.path + "/metrics")) {
    scan_metric(folder.path + "/metrics/" + key, [&](const MetricLine& line) {
      tracking::Metric metric;
      metric.key = key;
      metric.value = tracking::value_of(line.point.value);
      metric.time_ms = line.point.time_ms;
      metric.step = line.point.step;
      metric.model_id = out.id;
      metric.run_id = RunId(std::string(line.run));
      metric.dataset_name = line.dataset_name;
      metric.dataset_digest = line.dataset_digest;
      out.metrics.push_back(std::move(metric));
    });
  }
  return out;
}

registry::StoredModel FileSource::read_registered(const Folder& folder) {
  const Meta meta = tree_.meta(folder.path + "/meta.yaml").value();
  registry::StoredModel out;
  out.model.name = meta.find("name").value_or(folder.id);
  out.model.description = meta.text("description");
  out.model.created_ms = meta.number("creation_timestamp").value_or(0);
  out.model.updated_ms = meta.number("last_updated_timestamp").value_or(out.model.created_ms);
  out.model.tags = tree_.pairs(folder.path + "/tags");
  for (const tracking::Tag& alias : tree_.pairs(folder.path + "/aliases")) {
    if (const auto version = text::parse_int(text::trim(alias.value)))
      out.model.aliases.push_back({alias.key, *version});
  }
  for (const std::string& name : tree_.folders(folder.path)) {
    if (!name.starts_with(kVersionPrefix)) continue;
    const auto number = text::parse_int(std::string_view(name).substr(kVersionPrefix.size()));
    const auto found = number ? tree_.meta(text::concat(folder.path, "/", name, "/meta.yaml")) : std::nullopt;
    if (!found) continue;
    registry::StoredVersion stored;
    registry::ModelVersion& version = stored.version;
    version.name = out.model.name;
    version.version = *number;
    version.description = found->text("description");
    version.created_ms = found->number("creation_timestamp").value_or(0);
    version.updated_ms = found->number("last_updated_timestamp").value_or(version.created_ms);
    stored.deleted = found->text("current_stage") == kDeletedStage;
    version.stage = stage_of(found->text("current_stage"));
    version.source = found->text("source");
    version.storage_location = found->find("storage_location").value_or(version.source);
    version.run_id = found->text("run_id");
    version.run_link = found->text("run_link");
    if (version.source.starts_with(kModelScheme)) version.model_id = version.source.substr(kModelScheme.size() - 2);
    if (!stored.deleted) version.tags = tree_.pairs(text::concat(folder.path, "/", name, "/tags"));
    out.versions.push_back(std::move(stored));
  }
  return out;
}

traces::StoredTrace FileSource::read_trace(const Folder& experiment, const Folder& folder) {
  const Meta meta = tree_.meta(folder.path + "/trace_info.yaml").value();
  traces::StoredTrace out;
  traces::Trace& trace = out.trace;
  trace.id = traces::TraceId(folder.id);
  trace.experiment_id = ExperimentId(experiment.id);
  trace.client_request_id = meta.text("client_request_id");
  trace.request_preview = meta.text("request_preview");
  trace.response_preview = meta.text("response_preview");
  trace.request_ms = request_time_of(meta);
  trace.execution_ms = duration_of(meta);
  trace.state = meta.find("state").value_or(meta.find("status").value_or(std::string(traces::kStateOk)));
  trace.tags = tree_.pairs(folder.path + "/tags");
  trace.metadata = tree_.pairs(folder.path + "/request_metadata");
  for (const std::string& name : tree_.files(folder.path + "/assessments")) {
    constexpr std::string_view kSuffix = ".yaml";
    if (!name.ends_with(kSuffix)) continue;
    trace.assessments.push_back(read_assessment(text::concat(folder.path, "/assessments/", name),
                                                name.substr(0, name.size() - kSuffix.size()), trace.id));
  }
  return out;
}

traces::Assessment FileSource::read_assessment(const std::string& path, const std::string& id,
                                               const traces::TraceId& trace) {
  // Here numbers are numbers: a value may be any.
  const json::value document = json::parse_yaml(tree_.read(path, kMaxAssessment).value_or(""));
  const json::object& meta = json::as_object(document, path);
  traces::Assessment out;
  out.id = traces::AssessmentId(id);
  out.trace_id = trace;
  out.span_id = text_of(meta, "span_id");
  out.name = text_of(meta, json::find(meta, "assessment_name") == nullptr ? "name" : "assessment_name");
  if (const json::object* feedback = object_of(meta, "feedback")) {
    out.value = value_of(*feedback);
    if (const json::object* error = object_of(*feedback, "error"))
      out.error = read_assessment_error(json::write(*error));
  } else if (const json::object* expectation = object_of(meta, "expectation")) {
    out.kind = traces::AssessmentKind::kExpectation;
    const json::object* serialized = object_of(*expectation, "serialized_value");
    out.value = serialized == nullptr ? value_of(*expectation) : traces::normal_json(text_of(*serialized, "value"));
  }
  if (const json::object* source = object_of(meta, "source")) {
    out.source_type = text_of(*source, "source_type");
    out.source_id = text_of(*source, "source_id");
  }
  if (json::find(meta, "rationale") != nullptr) out.rationale = text_of(meta, "rationale");
  if (const json::object* pairs = object_of(meta, "metadata")) out.metadata = read_pairs(json::write(*pairs));
  out.overrides = text_of(meta, "overrides");
  out.is_valid = json::find_bool(meta, "valid").value_or(true);
  const auto time = [&](const char* in_ms, const char* as_text) {
    if (const auto number = text::parse_int(text_of(meta, in_ms))) return *number;
    return text::parse_time_ms(text_of(meta, as_text)).value_or(0);
  };
  out.created_ms = time("create_time_ms", "create_time");
  out.updated_ms = time("last_update_time_ms", "last_update_time");
  return out;
}

// A file store has no place for these.
void FileSource::datasets(const std::function<void(std::vector<genai::StoredDataset>)>&) {}
void FileSource::records(const genai::DatasetId&, const std::function<void(std::vector<genai::Record>)>&) {}
void FileSource::scorers(const std::function<void(std::vector<genai::StoredScorer>)>&) {}
void FileSource::issues(const std::function<void(std::vector<genai::Issue>)>&) {}

}  // namespace slipway::mlflow_store
