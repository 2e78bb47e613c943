// Calls about registered models, their versions and aliases.
#include "foundation/base/error.h"
#include "protocols/mlflow/authorization.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/messages.h"

namespace slipway::mlflow {

namespace {

std::string required_name(const Input& input) { return input.required_text("name"); }
int64_t required_version(const Input& input) { return registry::parse_version(input.required_text("version")); }

// Versions may be tagged with an empty value, but not with none.
registry::Tag required_tag(const Input& input) {
  const auto value = input.find_text("value");
  if (!value) throw invalid_argument("Missing value for required parameter 'value'.");
  return {input.required_text("key"), *value};
}

}  // namespace

std::string create_registered_model(const Services& services, const Input& input) {
  return one("registered_model", services.registry.create_model(required_name(input), input.text("description"),
                                                                read_tags(input), services.caller->user_id));
}

std::string get_registered_model(const Services& services, const Input& input) {
  return one("registered_model", services.registry.get_model(required_name(input)));
}

std::string search_registered_models(const Services& services, const Input& input) {
  constexpr int64_t kDefault = 100;
  tracking::Search search = read_search(input, kDefault);
  search.scope = scope_of(services, identity::ResourceKind::kModel);
  return page("registered_models", services.registry.search_models(search));
}

std::string rename_registered_model(const Services& services, const Input& input) {
  return one("registered_model", services.registry.rename_model(required_name(input), input.required_text("new_name")));
}

std::string update_registered_model(const Services& services, const Input& input) {
  return one("registered_model",
             services.registry.set_model_description(required_name(input), input.text("description")));
}

std::string delete_registered_model(const Services& services, const Input& input) {
  services.registry.delete_model(required_name(input));
  return std::string(kNothing);
}

std::string set_registered_model_tag(const Services& services, const Input& input) {
  services.registry.set_model_tag(required_name(input), {input.required_text("key"), input.text("value")});
  return std::string(kNothing);
}

std::string delete_registered_model_tag(const Services& services, const Input& input) {
  services.registry.delete_model_tag(required_name(input), input.required_text("key"));
  return std::string(kNothing);
}

std::string get_latest_versions(const Services& services, const Input& input) {
  tracking::Page<registry::ModelVersion> all;
  all.items = services.registry.latest_versions(required_name(input), input.texts("stages"));
  return page("model_versions", all);
}

std::string set_alias(const Services& services, const Input& input) {
  services.registry.set_alias(required_name(input), input.required_text("alias"), required_version(input));
  return std::string(kNothing);
}

std::string get_by_alias(const Services& services, const Input& input) {
  const std::string alias = input.required_text("alias");
  const auto found = services.registry.find_by_alias(required_name(input), alias);
  if (found) return one("model_version", *found);
  services.registry.get_model(required_name(input));  // which throws when there is no such model
  // Not a 404: clients expect this very answer.
  throw invalid_argument("Registered model alias ", alias, " not found.");
}

std::string delete_alias(const Services& services, const Input& input) {
  services.registry.delete_alias(required_name(input), input.required_text("alias"));
  return std::string(kNothing);
}

std::string create_model_version(const Services& services, const Input& input) {
  registry::NewVersion version;
  version.name = required_name(input);
  version.source = input.required_text("source");
  version.run_id = input.text("run_id");
  version.run_link = input.text("run_link");
  version.model_id = input.text("model_id");
  version.description = input.text("description");
  version.tags = read_tags(input);
  return one("model_version", services.registry.create_version(version));
}

std::string get_model_version(const Services& services, const Input& input) {
  return one("model_version", services.registry.get_version(required_name(input), required_version(input)));
}

std::string search_model_versions(const Services& services, const Input& input) {
  constexpr int64_t kDefault = 200'000;
  tracking::Search search = read_search(input, kDefault);
  search.scope = scope_of(services, identity::ResourceKind::kModel);
  return page("model_versions", services.registry.search_versions(search));
}

std::string get_download_uri(const Services& services, const Input& input) {
  JsonWriter json;
  json.begin_object();
  json.text("artifact_uri",
            services.registry.get_version(required_name(input), required_version(input)).storage_location);
  json.end_object();
  return json.take();
}

std::string update_model_version(const Services& services, const Input& input) {
  return one("model_version", services.registry.set_version_description(required_name(input), required_version(input),
                                                                        input.text("description")));
}

std::string transition_stage(const Services& services, const Input& input) {
  const auto others = input.flag("archive_existing_versions", false) ? registry::OthersInStage::kArchive
                                                                     : registry::OthersInStage::kKeep;
  return one("model_version", services.registry.transition_stage(required_name(input), required_version(input),
                                                                 input.required_text("stage"), others));
}

std::string set_model_version_tag(const Services& services, const Input& input) {
  services.registry.set_version_tag(required_name(input), required_version(input), required_tag(input));
  return std::string(kNothing);
}

std::string delete_model_version_tag(const Services& services, const Input& input) {
  services.registry.delete_version_tag(required_name(input), required_version(input), input.required_text("key"));
  return std::string(kNothing);
}

std::string delete_model_version(const Services& services, const Input& input) {
  services.registry.delete_version(required_name(input), required_version(input));
  return std::string(kNothing);
}

}  // namespace slipway::mlflow
