#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/api.h"
#include "app/cli/settings.h"
#include "app/cli/table_text.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/identity/password.h"

namespace slipway::cli {

namespace {

constexpr const char* kUsers = "/api/2.0/mlflow/users/";
constexpr const char* kPermissions = "/api/3.0/mlflow/users/permissions/";

struct UserOptions {
  std::string server;
  std::string name;
  std::string type;
  std::string id;
  std::string permission;
  bool admin = false;
  bool no_admin = false;
  bool password_from_stdin = false;
  bool revoke = false;
  bool as_json = false;
};

std::string line_from_stdin() {
  std::string line;
  std::getline(std::cin, line);
  return line;
}

// The one that was typed, or one that is made up here and shown once.
struct ChosenPassword {
  explicit ChosenPassword(const UserOptions& options)
      : made_up(!options.password_from_stdin), text(made_up ? identity::random_password() : line_from_stdin()) {}
  bool made_up;
  std::string text;
};

int print(const UserOptions& options, json::object document, const ChosenPassword* password, const std::string& text) {
  const bool shows_password = password != nullptr && password->made_up;
  if (options.as_json) {
    if (shows_password) document["password"] = password->text;
    std::cout << json::write(document) << '\n';
  } else {
    std::cout << text << '\n';
    if (shows_password) std::cout << "password " << password->text << " (shown only now)\n";
  }
  return kExitOk;
}

int print(const UserOptions& options, const std::string& text) {
  return print(options, json::object{{"username", options.name}}, nullptr, text);
}

std::string set_admin(Api& api, const UserOptions& options, bool is_admin) {
  return api.patch(text::concat(kUsers, "update-admin"),
                   json::write(json::object{{"username", options.name}, {"is_admin", is_admin}}));
}

int create(const UserOptions& options) {
  Api api(options.server);
  const ChosenPassword password(options);
  const json::value answer =
      json::parse(api.post(text::concat(kUsers, "create"),
                           json::write(json::object{{"username", options.name}, {"password", password.text}})));
  if (options.admin) set_admin(api, options, true);
  json::object out{{"username", options.name},
                   {"id", json::get_int(json::get_object(answer.as_object(), "user"), "id")},
                   {"is_admin", options.admin}};
  return print(options, std::move(out), &password,
               text::concat(options.admin ? "administrator '" : "user '", options.name, "' is there"));
}

int list(const UserOptions& options) {
  const std::string answer = Api(options.server).get(text::concat(kUsers, "list"));
  if (options.as_json) {
    std::cout << answer << '\n';
    return kExitOk;
  }
  const json::value document = json::parse(answer);
  std::vector<std::vector<std::string>> rows;
  for (const json::value& one : json::get_array(document.as_object(), "users")) {
    const json::object& user = one.as_object();
    const json::value* is_admin = json::find(user, "is_admin");
    rows.push_back({json::get_string(user, "username"), std::to_string(json::get_int(user, "id")),
                    is_admin != nullptr && is_admin->as_bool() ? "administrator" : ""});
  }
  std::cout << table_text({"user", "id", "role"}, rows);
  return kExitOk;
}

int remove(const UserOptions& options) {
  Api(options.server).remove(text::concat(kUsers, "delete"), json::write(json::object{{"username", options.name}}));
  return print(options, text::concat("user '", options.name, "' is gone, with all permissions"));
}

int set_password(const UserOptions& options) {
  const ChosenPassword password(options);
  json::object body{{"username", options.name}, {"password", password.text}};
  if (setting("username") == options.name) body["current_password"] = setting("password");
  Api(options.server).patch(text::concat(kUsers, "update-password"), json::write(body));
  return print(options, json::object{{"username", options.name}}, &password,
               text::concat("user '", options.name, "' has a new password"));
}

int set_role(const UserOptions& options) {
  if (options.admin == options.no_admin) throw invalid_argument("give either --admin or --no-admin");
  Api api(options.server);
  set_admin(api, options, options.admin);
  return print(options, json::object{{"username", options.name}, {"is_admin", options.admin}}, nullptr,
               text::concat("user '", options.name, "' is ", options.admin ? "an" : "no", " administrator"));
}

int list_permissions(const UserOptions& options) {
  const std::string answer =
      Api(options.server).get(text::concat(kPermissions, "list?username=", http::percent_encode(options.name)));
  if (options.as_json) {
    std::cout << answer << '\n';
    return kExitOk;
  }
  const json::value document = json::parse(answer);
  std::vector<std::vector<std::string>> rows;
  for (const json::value& one : json::get_array(document.as_object(), "permissions")) {
    const json::object& grant = one.as_object();
    rows.push_back({json::get_string(grant, "resource_type"), json::get_string(grant, "resource_pattern"),
                    json::get_string(grant, "permission")});
  }
  std::cout << table_text({"type", "id", "permission"}, rows);
  return kExitOk;
}

int permission(const UserOptions& options) {
  if (options.type.empty()) return list_permissions(options);
  if (options.id.empty() || options.permission.empty() != options.revoke)
    throw invalid_argument("write: user permission NAME TYPE ID PERMISSION, or NAME TYPE ID --revoke");
  json::object body{{"username", options.name}, {"resource_type", options.type}, {"resource_id", options.id}};
  if (!options.revoke) body["permission"] = options.permission;
  Api(options.server).post(text::concat(kPermissions, options.revoke ? "revoke" : "grant"), json::write(body));
  return print(
      options, body, nullptr,
      text::concat("user '", options.name, "' has ", options.revoke ? "no permission of his own" : options.permission,
                   " on ", options.type, " ", options.id));
}

}  // namespace

Command user_command() {
  Command command;
  command.name = "user";
  command.group = "Server";
  command.summary = "Users of a server that runs with --auth, and what they may do";
  command.example =
      "  slipway user create ann --server http://127.0.0.1:5000\n"
      "  slipway user permission ann experiment 7 EDIT";
  command.declare = [](CLI::App& app) -> Action {
    const auto options = std::make_shared<UserOptions>();
    const auto action = std::make_shared<Action>();
    app.require_subcommand(1);
    const auto add = [&](const char* name, const char* summary, int (*run)(const UserOptions&)) {
      CLI::App* child = app.add_subcommand(name, summary);
      child->add_option("--server", options->server, "URL of the server");
      child->add_flag("--json", options->as_json, "Print as JSON");
      child->callback([options, action, run] { *action = [options, run] { return run(*options); }; });
      return child;
    };
    const auto add_named = [&](const char* name, const char* summary, int (*run)(const UserOptions&)) {
      CLI::App* child = add(name, summary, run);
      child->add_option("name", options->name, "The user")->required();
      return child;
    };
    const auto takes_password = [&](CLI::App* child) {
      child->add_flag("--password-stdin", options->password_from_stdin,
                      "Read the password from standard input; without it one is made up and shown");
      return child;
    };
    takes_password(add_named("create", "Create a user", create))
        ->add_flag("--admin", options->admin, "Who may do everything");
    add("list", "List users", list);
    add_named("delete", "Delete a user with all permissions", remove);
    takes_password(add_named("password", "Give a user a new password", set_password));
    CLI::App* role = add_named("role", "Make or unmake an administrator", set_role);
    role->add_flag("--admin", options->admin, "May do everything");
    role->add_flag("--no-admin", options->no_admin, "May do what the permissions say");
    CLI::App* child = add_named("permission", "List, give or take away what a user may do", permission);
    child->add_option("type", options->type,
                      "experiment, registered_model, gateway_secret, gateway_model_definition or gateway_endpoint");
    child->add_option("id", options->id,
                      "The experiment's id or the model's name; * for all that have none of their own");
    child->add_option("permission", options->permission, "READ, USE, EDIT, MANAGE or NO_PERMISSIONS");
    child->add_flag("--revoke", options->revoke, "Take the permission away; the default permission holds again");
    return [action] { return (*action)(); };
  };
  return command;
}

}  // namespace slipway::cli
