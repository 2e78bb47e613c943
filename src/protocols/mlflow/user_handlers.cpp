// Calls about users.
#include "foundation/base/error.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/messages.h"
#include "protocols/mlflow/permission_messages.h"

namespace slipway::mlflow {

namespace {

void write_user(JsonWriter& json, std::string_view name, const identity::User& user) {
  json.begin_object(name);
  json.integer("id", user.id);
  json.text("username", user.name);
  json.flag("is_admin", user.is_admin);
}

// With the lists that older clients read.
std::string answer(const Services& services, const identity::User& user) {
  JsonWriter json;
  json.begin_object();
  write_user(json, "user", user);
  const auto grants = services.permissions.of_user(user.id);
  for (const auto kind : {identity::ResourceKind::kExperiment, identity::ResourceKind::kModel}) {
    json.begin_array(kind == identity::ResourceKind::kExperiment ? "experiment_permissions"
                                                                 : "registered_model_permissions");
    for (const identity::Grant& grant : grants) {
      if (grant.resource.kind == kind) write_permission(json, "", user.id, grant);
    }
    json.end_array();
  }
  json.begin_array("scorer_permissions");
  json.end_array();
  json.end_object();
  json.end_object();
  return json.take();
}

identity::User current_user(const Services& services) {
  if (!services.caller->has_account())
    throw invalid_argument("the token of '", services.caller->name, "' belongs to no user");
  return services.accounts->get(services.caller->name);
}

std::string permissions_of(const Services& services, const identity::User& user) {
  JsonWriter json;
  json.begin_object();
  json.flag("is_admin", user.is_admin);
  json.begin_array("permissions");
  for (const identity::Grant& grant : services.permissions.of_user(user.id)) {
    json.begin_object();
    // Clients know permissions by the roles that hold them; everybody has one of his own.
    json.integer("role_id", user.id);
    json.text("role_name", text::concat("__user_", user.id, "__"));
    json.text("workspace", kWorkspace);
    json.text("resource_type", identity::name_of(grant.resource.kind));
    json.text("resource_pattern", grant.resource.id);
    json.text("permission", identity::name_of(grant.permission));
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json.take();
}

}  // namespace

std::string create_user(const Services& services, const Input& input) {
  const std::string name = input.text("username");
  const std::string password = input.text("password");
  if (name.empty() || password.empty()) throw invalid_argument("Username and password cannot be empty.");
  return answer(services, services.accounts->create(name, password));
}

std::string get_user(const Services& services, const Input& input) {
  return answer(services, services.accounts->get(input.required_text("username")));
}

std::string get_current_user(const Services& services, const Input& /*input*/) {
  JsonWriter json;
  json.begin_object();
  write_user(json, "user", current_user(services));
  json.end_object();
  json.flag("is_basic_auth", true);
  json.end_object();
  return json.take();
}

std::string list_users(const Services& services, const Input& /*input*/) {
  JsonWriter json;
  json.begin_object();
  json.begin_array("users");
  for (const identity::User& user : services.accounts->list()) {
    write_user(json, "", user);
    json.begin_array("roles");
    json.end_array();
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json.take();
}

// Whoever changes his own says the old one, so that a browser left open is not enough.
std::string update_user_password(const Services& services, const Input& input) {
  const std::string name = input.required_text("username");
  const std::string password = input.required_text("password");
  if (services.caller->has_account() && services.caller->name == name) {
    const std::string current = input.text("current_password");
    if (current.empty()) throw invalid_argument("Current password is required when changing your own password.");
    if (!services.accounts->has_password(name, current)) throw invalid_argument("Current password does not match.");
    if (current == password) throw invalid_argument("New password must differ from the current password.");
  }
  services.accounts->set_password(name, password);
  return std::string(kNothing);
}

std::string update_user_admin(const Services& services, const Input& input) {
  const std::string name = input.required_text("username");
  if (!input.has("is_admin")) throw invalid_argument("Missing value for required parameter 'is_admin'.");
  services.accounts->set_admin(name, input.flag("is_admin", false));
  return std::string(kNothing);
}

std::string delete_user(const Services& services, const Input& input) {
  const std::string name = input.required_text("username");
  if (services.caller->has_account() && services.caller->name == name) {
    throw invalid_argument("Users cannot delete their own account. Ask another admin to delete this user instead.");
  }
  services.accounts->remove(name);
  return std::string(kNothing);
}

std::string list_own_permissions(const Services& services, const Input& /*input*/) {
  return permissions_of(services, current_user(services));
}

std::string list_user_permissions(const Services& services, const Input& input) {
  return permissions_of(services, services.accounts->get(input.required_text("username")));
}

}  // namespace slipway::mlflow
