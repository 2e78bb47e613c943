#include "app/server/server.h"

#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/door_flags.h"
#include "app/cli/server_signals.h"
#include "app/cli/settings.h"
#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/process.h"

namespace slipway::cli {

namespace {

struct ServerFlags {
  std::string listen;
  std::string data;
  std::string database;
  std::string blobs;
  std::string artifact_root;
  std::string mlflow_page;
  std::string default_permission;
  DoorFlags door;
  bool auth = false;
  bool allow_private_webhooks = false;
  bool allow_private_providers = false;
};

// A whole number from `least` to `most`.
int64_t number_setting(std::string_view name, int64_t least, int64_t most) {
  const std::string value = setting(name);
  const auto number = text::parse_int(value);
  if (!number || *number < least || *number > most) {
    throw invalid_argument(name, " is a number from ", least, " to ", most, ", not '", value, "'");
  }
  return *number;
}

std::vector<std::string> schemes_setting(std::string_view name) {
  std::vector<std::string> out = list_of(setting(name));
  for (const std::string& scheme : out) {
    if (scheme != "http" && scheme != "https") throw invalid_argument(name, " are https and http, not '", scheme, "'");
  }
  return out;
}

server::WebhookConfig webhook_config(const ServerFlags& flags) {
  server::WebhookConfig out;
  out.allow_private_addresses =
      flags.allow_private_webhooks || text::parse_bool(setting("allow-private-webhooks")).value_or(false);
  out.schemes = schemes_setting("webhook-schemes");
  out.timeout_ms = 1000 * number_setting("webhook-timeout", 1, 600);
  out.max_retries = static_cast<int>(number_setting("webhook-retries", 0, 20));
  out.secret_key = setting("webhook-secret-key");
  return out;
}

server::GatewayConfig gateway_config(const ServerFlags& flags) {
  server::GatewayConfig out;
  out.allow_private_addresses =
      flags.allow_private_providers || text::parse_bool(setting("allow-private-providers")).value_or(false);
  out.schemes = schemes_setting("provider-schemes");
  out.timeout_ms = 1000 * number_setting("provider-timeout", 1, 3600);
  out.secret_key = setting("gateway-secret-key");
  return out;
}

server::ServerConfig config_of(const ServerFlags& flags) {
  server::ServerConfig out;
  const Address address = parse_address(setting("listen", flags.listen));
  out.door = door_config(address.host, flags.door);
  out.door.has_users = flags.auth || text::parse_bool(setting("auth")).value_or(false);
  out.port = address.port;
  out.data_folder = setting("data", flags.data);
  out.database_url = setting("database", flags.database);
  out.blobs_url = setting("blobs", flags.blobs);
  out.mlflow_page = setting("mlflow-page", flags.mlflow_page);
  out.artifact_root = setting("default-artifact-root", flags.artifact_root);
  out.default_permission = identity::required_permission(setting("default-permission", flags.default_permission));
  out.admin_name = setting("admin-username");
  out.admin_password = setting("admin-password");
  out.webhooks = webhook_config(flags);
  out.gateway = gateway_config(flags);
  out.program = own_program_path();
  out.access_log = text::parse_bool(setting("access-log")).value_or(true);
  return out;
}

int run_server(const ServerFlags& flags) {
  const ServerSignals signals;
  const int64_t begun_ms = steady_ms();
  const server::ServerConfig config = config_of(flags);
  server::SlipwayServer server(config);
  server.start();
  const std::string url = text::concat(config.door.tls ? "https" : "http", "://", config.door.host, ":", server.port());
  std::cerr << "Slipway " << SLIPWAY_VERSION << " serves " << url << " (ready in " << steady_ms() - begun_ms << " ms)\n"
            << "data in " << config.data_folder << "; use it with: export MLFLOW_TRACKING_URI=" << url << '\n';
  if (!server.made_up_password().empty()) {
    std::cerr << "first administrator '" << config.admin_name << "', password " << server.made_up_password()
              << " (shown only now)\n";
  }
  signals.wait_for_end([&server] { server.reload(); });
  server.stop();
  return kExitOk;
}

}  // namespace

Command server_command() {
  Command command;
  command.name = "server";
  command.group = "Server";
  command.summary = "Serve tracking, registry, artifacts, monitors and pipelines on one port";
  command.example = "  slipway server --listen 127.0.0.1:5000 --data ./slipway-data";
  command.declare = [](CLI::App& app) -> Action {
    const auto flags = std::make_shared<ServerFlags>();
    app.add_option("--listen", flags->listen, "HOST:PORT (127.0.0.1:5000); port 0 takes a free one");
    app.add_option("--data", flags->data, "Folder of the server's own database and files (./slipway-data)");
    app.add_option("--database", flags->database, "sqlite:///FILE or postgresql://...; default: in the data folder");
    app.add_option("--blobs", flags->blobs, "Artifacts: a folder or s3://BUCKET/PREFIX; default: in the data folder");
    app.add_option("--default-artifact-root", flags->artifact_root,
                   "Where clients put the artifacts of new experiments (s3://..., /a/shared/folder); default: here");
    app.add_option("--mlflow-page", flags->mlflow_page,
                   "Folder of MLflow's own web page, shown at /: mlflow/server/js/build of an installed package");
    declare_door(app, flags->door, " or --auth");
    app.add_flag("--auth", flags->auth, "Users sign in with names and passwords; see `slipway user`");
    app.add_option("--default-permission", flags->default_permission,
                   "What users may do with things they were given no permission for: READ (the default), USE, EDIT, "
                   "MANAGE or NO_PERMISSIONS");
    app.add_flag("--allow-private-webhooks", flags->allow_private_webhooks,
                 "Let webhooks call loopback and private addresses too");
    app.add_flag("--allow-private-providers", flags->allow_private_providers,
                 "Let the gateway call model providers at loopback and private addresses too");
    return [flags] { return run_server(*flags); };
  };
  return command;
}

}  // namespace slipway::cli
