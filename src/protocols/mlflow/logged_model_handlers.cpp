// Calls about logged models.
#include "domains/tracking/artifact_path.h"
#include "foundation/base/error.h"
#include "protocols/mlflow/authorization.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/messages.h"

namespace slipway::mlflow {

namespace {

tracking::LoggedModelId model_id(const Input& input) {
  return tracking::LoggedModelId(input.required_text("model_id"));
}

tracking::DatasetSelector read_selector(const Input& input) {
  return {input.text("dataset_name"), input.text("dataset_digest")};
}

}  // namespace

std::string create_logged_model(const Services& services, const Input& input) {
  tracking::NewLoggedModel model;
  model.experiment_id = tracking::ExperimentId(input.required_text("experiment_id"));
  model.name = input.text("name");
  model.model_type = input.text("model_type");
  model.source_run_id = input.text("source_run_id");
  model.params = read_params(input);
  model.tags = read_tags(input);
  return one("model", services.logged_models.create(model));
}

std::string get_logged_model(const Services& services, const Input& input) {
  const bool with_deleted = input.flag("allow_deleted", false);
  return one("model", with_deleted ? services.logged_models.get_even_deleted(model_id(input))
                                   : services.logged_models.get(model_id(input)));
}

std::string finish_logged_model(const Services& services, const Input& input) {
  return one("model", services.logged_models.finish(model_id(input), read_model_status(input)));
}

std::string delete_logged_model(const Services& services, const Input& input) {
  services.logged_models.remove(model_id(input));
  return std::string(kNothing);
}

std::string search_logged_models(const Services& services, const Input& input) {
  constexpr int64_t kDefault = 50;
  tracking::LoggedModelSearch search;
  const std::vector<std::string> asked = input.texts("experiment_ids");
  if (asked.empty()) throw invalid_argument("Missing value for required parameter 'experiment_ids'.");
  search.experiments = readable(services, asked);
  search.filter = input.text("filter");
  for (const Input& dataset : input.list("datasets")) search.datasets.push_back(read_selector(dataset));
  for (const Input& order : input.list("order_by")) {
    search.order_by.push_back({order.required_text("field_name"), order.flag("ascending", true), read_selector(order)});
  }
  search.max_results = input.integer("max_results", kDefault);
  search.page_token = input.text("page_token");
  return page("models", services.logged_models.search(search));
}

std::string set_logged_model_tags(const Services& services, const Input& input) {
  return one("model", services.logged_models.set_tags(model_id(input), read_tags(input)));
}

std::string delete_logged_model_tag(const Services& services, const Input& input) {
  services.logged_models.delete_tag(model_id(input), input.required_text("tag_key"));
  return std::string(kNothing);
}

std::string log_logged_model_params(const Services& services, const Input& input) {
  services.logged_models.add_params(model_id(input), read_params(input));
  return std::string(kNothing);
}

std::string list_logged_model_artifacts(const Services& services, const Input& input) {
  const std::string folder = tracking::checked_artifact_path(input.text("artifact_directory_path"));
  const std::string root = services.logged_models.get(model_id(input)).artifact_uri;
  const std::string below = tracking::path_of_location(root);
  JsonWriter json;
  json.begin_object();
  json.text("root_uri", root);
  write_files(json, services.artifacts.list(folder.empty() ? below : below + "/" + folder), folder);
  json.end_object();
  return json.take();
}

}  // namespace slipway::mlflow
