// Calls that share experiments and registered models: for any kind of thing as clients do it now, and for each kind as
// they did before.
#include "foundation/base/error.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/messages.h"
#include "protocols/mlflow/permission_messages.h"

namespace slipway::mlflow {

namespace {

using identity::Permission;
using identity::Resource;
using identity::ResourceKind;

// What a call names: somebody and something.
struct Share {
  identity::User user;
  Resource resource;
};

identity::User user_of(const Services& services, const Input& input) {
  return services.accounts->get(input.required_text("username"));
}

Share any_share(const Services& services, const Input& input) {
  const std::string type = input.required_text("resource_type");
  const auto kind = identity::parse_resource_kind(type);
  if (!kind) {
    throw invalid_argument("Invalid resource type '", type,
                           "'. Valid resource types are: experiment, prompt, registered_model, gateway_secret, "
                           "gateway_model_definition, gateway_endpoint");
  }
  return {user_of(services, input), {*kind, input.required_text("resource_id")}};
}

Share experiment_share(const Services& services, const Input& input) {
  return {user_of(services, input), {ResourceKind::kExperiment, input.required_text("experiment_id")}};
}

Share model_share(const Services& services, const Input& input) {
  return {user_of(services, input), {ResourceKind::kModel, input.required_text("name")}};
}

// "Experiment permission with experiment_id=7 and username=ann", as clients look for it.
std::string text_of(const Share& share) {
  const std::string thing =
      share.resource.kind == ResourceKind::kExperiment
          ? text::concat("Experiment permission with experiment_id=", share.resource.id)
          : text::concat("Registered model permission with workspace=", kWorkspace, ", name=", share.resource.id);
  return text::concat(thing, " and username=", share.user.name);
}

Permission permission_of(const Input& input) {
  return identity::required_permission(input.required_text("permission"));
}

std::string answer(const Share& share, Permission permission) {
  JsonWriter json;
  json.begin_object();
  write_permission(
      json, share.resource.kind == ResourceKind::kExperiment ? "experiment_permission" : "registered_model_permission",
      share.user.id, {share.resource, permission});
  json.end_object();
  return json.take();
}

std::string create(const Services& services, const Share& share, Permission permission) {
  if (!services.permissions.insert(share.user.id, share.resource, permission))
    throw already_exists(text_of(share), " already exists");
  return answer(share, permission);
}

std::string get(const Services& services, const Share& share) {
  const auto found = services.permissions.find(share.user.id, share.resource);
  if (!found) throw not_found(text_of(share), " not found");
  return answer(share, *found);
}

std::string update(const Services& services, const Share& share, Permission permission) {
  if (!services.permissions.update(share.user.id, share.resource, permission))
    throw not_found(text_of(share), " not found");
  return std::string(kNothing);
}

std::string remove(const Services& services, const Share& share) {
  if (!services.permissions.remove(share.user.id, share.resource)) throw not_found(text_of(share), " not found");
  return std::string(kNothing);
}

}  // namespace

void write_permission(JsonWriter& json, std::string_view name, int64_t user_id, const identity::Grant& grant) {
  json.begin_object(name);
  if (grant.resource.kind == ResourceKind::kExperiment) {
    json.text("experiment_id", grant.resource.id);
  } else {
    json.text("workspace", kWorkspace);
    json.text("name", grant.resource.id);
  }
  json.integer("user_id", user_id);
  json.text("permission", identity::name_of(grant.permission));
  json.end_object();
}

std::string grant_permission(const Services& services, const Input& input) {
  const Share share = any_share(services, input);
  services.permissions.put(share.user.id, share.resource, permission_of(input));
  return std::string(kNothing);
}

std::string revoke_permission(const Services& services, const Input& input) {
  const Share share = any_share(services, input);
  services.permissions.remove(share.user.id, share.resource);
  return std::string(kNothing);
}

std::string get_effective_permission(const Services& services, const Input& input) {
  const Share share = any_share(services, input);
  identity::Caller user;
  user.is_admin = share.user.is_admin;
  user.user_id = share.user.id;
  const Permission permission = services.permissions.of(user, share.resource);
  JsonWriter json;
  json.begin_object();
  json.flag("allowed", permission >= Permission::kUse);
  json.text("permission", identity::name_of(permission));
  json.end_object();
  return json.take();
}

std::string create_experiment_permission(const Services& services, const Input& input) {
  return create(services, experiment_share(services, input), permission_of(input));
}
std::string get_experiment_permission(const Services& services, const Input& input) {
  return get(services, experiment_share(services, input));
}
std::string update_experiment_permission(const Services& services, const Input& input) {
  return update(services, experiment_share(services, input), permission_of(input));
}
std::string delete_experiment_permission(const Services& services, const Input& input) {
  return remove(services, experiment_share(services, input));
}

std::string create_model_permission(const Services& services, const Input& input) {
  return create(services, model_share(services, input), permission_of(input));
}
std::string get_model_permission(const Services& services, const Input& input) {
  return get(services, model_share(services, input));
}
std::string update_model_permission(const Services& services, const Input& input) {
  return update(services, model_share(services, input), permission_of(input));
}
std::string delete_model_permission(const Services& services, const Input& input) {
  return remove(services, model_share(services, input));
}

}  // namespace slipway::mlflow
