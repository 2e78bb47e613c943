// Calls about scorers and how they score online.
#include "foundation/base/error.h"
#include "protocols/mlflow/authorization.h"
#include "protocols/mlflow/genai_messages.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/messages.h"
#include "protocols/mlflow/scorer_definition.h"

namespace slipway::mlflow {

namespace {

genai::ExperimentId experiment_id(const Input& input) {
  return genai::ExperimentId(input.required_text("experiment_id"));
}

template <typename Item>
std::string list_of(std::string_view name, const std::vector<Item>& items) {
  JsonWriter json;
  json.begin_object();
  json.begin_array(name);
  for (const Item& item : items) write(json, "", item);
  json.end_array();
  json.end_object();
  return json.take();
}

}  // namespace

std::string register_scorer(const Services& services, const Input& input) {
  const genai::ExperimentId experiment = experiment_id(input);
  const std::string name = input.required_text("name");
  const std::string definition = input.required_text("serialized_scorer");
  check_scorer(definition);
  const auto version = services.genai.scorers().add(experiment, name, definition);
  JsonWriter json;
  json.begin_object();
  json.integer("version", version.version);
  json.text("scorer_id", version.scorer_id.value);
  json.text("experiment_id", version.experiment_id.value);
  json.text("name", version.name);
  json.text("serialized_scorer", version.definition);
  json.integer("creation_time", version.created_ms);
  json.end_object();
  return json.take();
}

std::string list_scorers(const Services& services, const Input& input) {
  genai::Scorers& scorers = services.genai.scorers();
  const std::string experiment = input.text("experiment_id");
  if (!input.has("experiment_ids")) {
    if (!experiment.empty()) return list_of("scorers", scorers.list(genai::ExperimentId(experiment)));
    return list_of("scorers", scorers.list_all(scope_of(services, identity::ResourceKind::kExperiment)));
  }
  if (!experiment.empty()) throw invalid_argument("Cannot specify both 'experiment_id' and 'experiment_ids'.");
  return list_of("scorers", scorers.list(readable(services, input.texts("experiment_ids"))));
}

std::string list_scorer_versions(const Services& services, const Input& input) {
  return list_of("scorers", services.genai.scorers().versions(experiment_id(input), input.required_text("name")));
}

std::string get_scorer(const Services& services, const Input& input) {
  return one("scorer", services.genai.scorers().get(experiment_id(input), input.required_text("name"),
                                                    input.find_integer("version")));
}

std::string delete_scorer(const Services& services, const Input& input) {
  services.genai.scorers().remove(experiment_id(input), input.required_text("name"), input.find_integer("version"));
  return std::string(kNothing);
}

std::string set_online_scoring(const Services& services, const Input& input) {
  const std::string name = input.required_text("name");
  return one("config",
             services.genai.scorers().set_online(
                 experiment_id(input), name, input.required_number("sample_rate"), input.find_text("filter_string"),
                 [&](const std::string& definition) { check_scores_online(name, definition); }));
}

std::string get_online_scorings(const Services& services, const Input& input) {
  const std::vector<std::string> ids = input.texts("scorer_ids");
  if (ids.empty()) throw invalid_argument("Missing value for required parameter 'scorer_ids'.");
  return list_of("configs", services.genai.scorers().online({ids.begin(), ids.end()}));
}

}  // namespace slipway::mlflow
