// Calls about runs and what is logged to them.
#include "domains/tracking/artifact_path.h"
#include "foundation/base/error.h"
#include "protocols/mlflow/authorization.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/messages.h"

namespace slipway::mlflow {

namespace {

tracking::RunId run_id(const Input& input) { return tracking::RunId(required_run_id(input)); }

}  // namespace

std::string create_run(const Services& services, const Input& input) {
  tracking::NewRun run;
  run.experiment_id = tracking::ExperimentId(input.required_text("experiment_id"));
  run.name = input.text("run_name");
  run.user_id = input.text("user_id");
  run.start_ms = input.integer("start_time", 0);
  run.tags = read_tags(input);
  return one("run", services.tracking.create_run(run));
}

std::string get_run(const Services& services, const Input& input) {
  return one("run", services.tracking.get_run(run_id(input)));
}

std::string update_run(const Services& services, const Input& input) {
  tracking::RunUpdate update;
  update.status = read_run_status(input);
  update.end_ms = input.find_integer("end_time");
  const std::string name = input.text("run_name");
  if (!name.empty()) update.name = name;
  return one("run_info", services.tracking.update_run(run_id(input), update));
}

std::string delete_run(const Services& services, const Input& input) {
  services.tracking.delete_run(run_id(input));
  return std::string(kNothing);
}

std::string restore_run(const Services& services, const Input& input) {
  services.tracking.restore_run(run_id(input));
  return std::string(kNothing);
}

std::string search_runs(const Services& services, const Input& input) {
  constexpr int64_t kDefault = 1000;
  tracking::Search search = read_search(input, kDefault);
  search.visibility = read_visibility(input, "run_view_type");
  return page("runs", services.tracking.search_runs(readable(services, input.texts("experiment_ids")), search));
}

std::string log_metric(const Services& services, const Input& input) {
  const tracking::RunId run = run_id(input);
  services.tracking.log_metric(run, read_metric(input));
  return std::string(kNothing);
}

std::string log_parameter(const Services& services, const Input& input) {
  const tracking::RunId run = run_id(input);
  const std::string key = input.required_text("key");
  services.tracking.log_param(run, {key, input.text("value")});
  return std::string(kNothing);
}

std::string set_tag(const Services& services, const Input& input) {
  const tracking::RunId run = run_id(input);
  const std::string key = input.required_text("key");
  services.tracking.set_tag(run, {key, input.text("value")});
  return std::string(kNothing);
}

std::string delete_tag(const Services& services, const Input& input) {
  const tracking::RunId run = run_id(input);
  services.tracking.delete_tag(run, input.required_text("key"));
  return std::string(kNothing);
}

std::string log_batch(const Services& services, const Input& input) {
  tracking::Batch batch;
  for (const Input& metric : input.list("metrics")) batch.metrics.push_back(read_metric(metric));
  batch.params = read_params(input);
  batch.tags = read_tags(input);
  services.tracking.log_batch(run_id(input), std::move(batch));
  return std::string(kNothing);
}

std::string log_inputs(const Services& services, const Input& input) {
  std::vector<tracking::DatasetInput> datasets;
  for (const Input& dataset : input.list("datasets")) datasets.push_back(read_dataset_input(dataset));
  std::vector<tracking::LoggedModelId> models;
  for (const Input& model : input.list("models")) models.emplace_back(model.required_text("model_id"));
  services.tracking.log_inputs(run_id(input), datasets, models);
  return std::string(kNothing);
}

std::string log_outputs(const Services& services, const Input& input) {
  std::vector<tracking::ModelOutput> outputs;
  for (const Input& model : input.list("models")) {
    outputs.push_back({tracking::LoggedModelId(model.required_text("model_id")), model.integer("step", 0)});
  }
  services.tracking.log_outputs(run_id(input), outputs);
  return std::string(kNothing);
}

std::string log_model(const Services& services, const Input& input) {
  services.tracking.record_model(run_id(input), input.required_text("model_json"));
  return std::string(kNothing);
}

std::string list_run_artifacts(const Services& services, const Input& input) {
  const std::string folder = tracking::checked_artifact_path(input.text("path"));
  const std::string root = services.tracking.get_run(run_id(input)).info.artifact_uri;
  const std::string below = tracking::path_of_location(root);
  JsonWriter json;
  json.begin_object();
  json.text("root_uri", root);
  write_files(json, services.artifacts.list(folder.empty() ? below : below + "/" + folder), folder);
  json.end_object();
  return json.take();
}

}  // namespace slipway::mlflow
