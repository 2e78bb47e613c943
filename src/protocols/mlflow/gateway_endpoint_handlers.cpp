// Calls about the gateway's endpoints, their models, tags and bindings.
#include "foundation/base/error.h"
#include "protocols/mlflow/authorization.h"
#include "protocols/mlflow/gateway_messages.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/messages.h"

namespace slipway::mlflow {

namespace {

std::string endpoint_id(const Input& input) { return input.required_text("endpoint_id"); }

std::string endpoint_answer(const Services& services, gateway::Endpoint endpoint) {
  withhold(services, endpoint);
  return one("endpoint", endpoint);
}

gateway::Endpoint found_endpoint(const Services& services, const Input& input) {
  const std::string id = input.text("endpoint_id");
  const std::string name = input.text("name");
  if (id.empty() == name.empty()) throw invalid_argument("Exactly one of endpoint_id or name must be provided");
  auto& endpoints = services.gateway.endpoints();
  return id.empty() ? endpoints.get_by_name(name) : endpoints.get(id);
}

}  // namespace

std::string create_gateway_endpoint(const Services& services, const Input& input) {
  gateway::NewEndpoint wanted;
  wanted.name = input.required_text("name");
  if (!input.has("model_configs")) throw invalid_argument("Missing value for required parameter 'model_configs'.");
  wanted.models = read_model_configs(input);
  wanted.splits_traffic = read_traffic_split(input).value_or(false);
  wanted.fallback = read_fallback(input);
  wanted.experiment_id = text_if_any(input, "experiment_id");
  wanted.tracks_usage = input.flag("usage_tracking", true);
  wanted.maker = doer(services, input, "created_by");
  wanted.maker_id = services.caller->user_id;
  return endpoint_answer(services, services.gateway.endpoints().create(wanted));
}

std::string get_gateway_endpoint(const Services& services, const Input& input) {
  return endpoint_answer(services, found_endpoint(services, input));
}

std::string update_gateway_endpoint(const Services& services, const Input& input) {
  gateway::EndpointChange change;
  change.name = text_if_any(input, "name");
  // A client that leaves the models alone sends an empty list.
  auto models = read_model_configs(input);
  if (!models.empty()) change.models = std::move(models);
  change.splits_traffic = read_traffic_split(input);
  change.fallback = read_fallback(input);
  change.experiment_id = text_if_any(input, "experiment_id");
  if (input.has("usage_tracking")) change.tracks_usage = input.flag("usage_tracking", true);
  change.changer = doer(services, input, "updated_by");
  change.changer_id = services.caller->user_id;
  return endpoint_answer(services, services.gateway.endpoints().update(endpoint_id(input), change));
}

std::string delete_gateway_endpoint(const Services& services, const Input& input) {
  services.gateway.endpoints().remove(endpoint_id(input));
  return std::string(kNothing);
}

std::string list_gateway_endpoints(const Services& services, const Input& input) {
  auto found = services.gateway.endpoints().list({input.text("provider"), input.text("secret_id")},
                                                 scope_of(services, identity::ResourceKind::kModelEndpoint));
  withhold(services, found);
  return all_of("endpoints", found);
}

std::string attach_model(const Services& services, const Input& input) {
  const std::string id = endpoint_id(input);
  const auto config = input.find_object("model_config");
  if (!config) throw invalid_argument("Missing value for required parameter 'model_config'.");
  auto mapping = services.gateway.endpoints().attach(id, read_model_config(*config, "model_config"),
                                                     doer(services, input, "created_by"));
  withhold(services, mapping);
  return one("mapping", mapping);
}

std::string detach_model(const Services& services, const Input& input) {
  services.gateway.endpoints().detach(endpoint_id(input), input.required_text("model_definition_id"));
  return std::string(kNothing);
}

std::string set_endpoint_tag(const Services& services, const Input& input) {
  services.gateway.endpoints().set_tag(endpoint_id(input), {input.required_text("key"), input.text("value")});
  return std::string(kNothing);
}

std::string delete_endpoint_tag(const Services& services, const Input& input) {
  services.gateway.endpoints().delete_tag(endpoint_id(input), input.required_text("key"));
  return std::string(kNothing);
}

std::string create_endpoint_binding(const Services& services, const Input& input) {
  return one("binding", services.gateway.endpoints().bind(endpoint_id(input), input.required_text("resource_type"),
                                                          input.required_text("resource_id"),
                                                          doer(services, input, "created_by")));
}

std::string delete_endpoint_binding(const Services& services, const Input& input) {
  services.gateway.endpoints().unbind(endpoint_id(input), input.required_text("resource_type"),
                                      input.required_text("resource_id"));
  return std::string(kNothing);
}

std::string list_endpoint_bindings(const Services& services, const Input& input) {
  return all_of("bindings", services.gateway.endpoints().bindings(
                                {input.text("endpoint_id"), input.text("resource_type"), input.text("resource_id")}));
}

}  // namespace slipway::mlflow
