// Calls about the gateway's secrets and model definitions.
#include "foundation/base/error.h"
#include "protocols/mlflow/authorization.h"
#include "protocols/mlflow/gateway_messages.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/messages.h"

namespace slipway::mlflow {

namespace {

gateway::Pairs pairs_of(const std::vector<tracking::Tag>& members) {
  gateway::Pairs out;
  for (const tracking::Tag& member : members) out[member.key] = member.value;
  return out;
}

// A client that leaves a map alone sends an empty one, as protobuf cannot tell the two apart.
std::optional<gateway::Pairs> if_any(gateway::Pairs pairs) {
  return pairs.empty() ? std::nullopt : std::optional(std::move(pairs));
}

std::string definition_answer(const Services& services, gateway::ModelDefinition definition) {
  withhold(services, definition);
  return one("model_definition", definition);
}

}  // namespace

std::string create_gateway_secret(const Services& services, const Input& input) {
  gateway::NewSecret wanted;
  wanted.name = input.required_text("secret_name");
  wanted.values = pairs_of(input.secret_map("secret_value"));
  if (wanted.values.empty()) throw invalid_argument("Missing value for required parameter 'secret_value'.");
  wanted.provider = input.text("provider");
  wanted.auth_config = pairs_of(input.map("auth_config"));
  wanted.maker = doer(services, input, "created_by");
  wanted.maker_id = services.caller->user_id;
  return one("secret", services.gateway.secrets().create(wanted));
}

std::string get_gateway_secret(const Services& services, const Input& input) {
  return one("secret", services.gateway.secrets().get(input.required_text("secret_id")));
}

std::string update_gateway_secret(const Services& services, const Input& input) {
  gateway::SecretChange change;
  change.values = if_any(pairs_of(input.secret_map("secret_value")));
  change.auth_config = if_any(pairs_of(input.map("auth_config")));
  change.changer = doer(services, input, "updated_by");
  return one("secret", services.gateway.secrets().update(input.required_text("secret_id"), change));
}

std::string delete_gateway_secret(const Services& services, const Input& input) {
  services.gateway.secrets().remove(input.required_text("secret_id"));
  return std::string(kNothing);
}

std::string list_gateway_secrets(const Services& services, const Input& input) {
  const auto scope = scope_of(services, identity::ResourceKind::kProviderSecret);
  return all_of("secrets", services.gateway.secrets().list(input.text("provider"), scope));
}

std::string create_model_definition(const Services& services, const Input& input) {
  gateway::NewModelDefinition wanted;
  wanted.name = input.required_text("name");
  wanted.secret_id = input.required_text("secret_id");
  wanted.provider = input.required_text("provider");
  wanted.model_name = input.required_text("model_name");
  wanted.maker = doer(services, input, "created_by");
  wanted.maker_id = services.caller->user_id;
  return definition_answer(services, services.gateway.definitions().create(wanted));
}

std::string get_model_definition(const Services& services, const Input& input) {
  return definition_answer(services, services.gateway.definitions().get(input.required_text("model_definition_id")));
}

std::string update_model_definition(const Services& services, const Input& input) {
  gateway::ModelDefinitionChange change;
  change.name = text_if_any(input, "name");
  change.secret_id = text_if_any(input, "secret_id");
  change.provider = text_if_any(input, "provider");
  change.model_name = text_if_any(input, "model_name");
  change.changer = doer(services, input, "updated_by");
  const std::string id = input.required_text("model_definition_id");
  return definition_answer(services, services.gateway.definitions().update(id, change));
}

std::string delete_model_definition(const Services& services, const Input& input) {
  services.gateway.definitions().remove(input.required_text("model_definition_id"));
  return std::string(kNothing);
}

std::string list_model_definitions(const Services& services, const Input& input) {
  const gateway::DefinitionFilter filter{input.text("provider"), input.text("secret_id")};
  auto found =
      services.gateway.definitions().list(filter, scope_of(services, identity::ResourceKind::kModelDefinition));
  withhold(services, found);
  return all_of("model_definitions", found);
}

}  // namespace slipway::mlflow
