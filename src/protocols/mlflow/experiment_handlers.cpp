// Calls about experiments.
#include "foundation/base/error.h"
#include "protocols/mlflow/authorization.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/messages.h"

namespace slipway::mlflow {

namespace {

tracking::ExperimentId required_id(const Input& input) {
  return tracking::ExperimentId(input.required_text("experiment_id"));
}

}  // namespace

std::string create_experiment(const Services& services, const Input& input) {
  tracking::NewExperiment experiment;
  // A name that is there but empty is the domain's to refuse, in MLflow's words.
  experiment.name = input.has("name") ? input.text("name") : input.required_text("name");
  experiment.artifact_location = input.text("artifact_location");
  experiment.tags = read_tags(input);
  experiment.maker = services.caller->user_id;
  JsonWriter json;
  json.begin_object();
  json.text("experiment_id", services.tracking.create_experiment(experiment).value);
  json.end_object();
  return json.take();
}

std::string get_experiment(const Services& services, const Input& input) {
  return one("experiment", services.tracking.get_experiment(required_id(input)));
}

std::string get_experiment_by_name(const Services& services, const Input& input) {
  const std::string name = input.required_text("experiment_name");
  const auto found = services.tracking.find_experiment_by_name(name);
  if (!found) throw not_found("Could not find experiment with name '", name, "'");
  return one("experiment", *found);
}

std::string search_experiments(const Services& services, const Input& input) {
  constexpr int64_t kDefault = 1000;
  tracking::Search search = read_search(input, kDefault);
  search.visibility = read_visibility(input, "view_type");
  search.scope = scope_of(services, identity::ResourceKind::kExperiment);
  return page("experiments", services.tracking.search_experiments(search));
}

std::string update_experiment(const Services& services, const Input& input) {
  services.tracking.rename_experiment(required_id(input), input.required_text("new_name"));
  return std::string(kNothing);
}

std::string delete_experiment(const Services& services, const Input& input) {
  services.tracking.delete_experiment(required_id(input));
  return std::string(kNothing);
}

std::string restore_experiment(const Services& services, const Input& input) {
  services.tracking.restore_experiment(required_id(input));
  return std::string(kNothing);
}

std::string set_experiment_tag(const Services& services, const Input& input) {
  services.tracking.set_experiment_tag(required_id(input), {input.required_text("key"), input.text("value")});
  return std::string(kNothing);
}

std::string delete_experiment_tag(const Services& services, const Input& input) {
  services.tracking.delete_experiment_tag(required_id(input), input.required_text("key"));
  return std::string(kNothing);
}

}  // namespace slipway::mlflow
