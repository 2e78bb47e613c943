// `slipway server`: builds every object by constructor, mounts every protocol, and takes it down again in order. The
// only code that knows everything.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "foundation/http/server.h"
#include "foundation/identity/door.h"
#include "foundation/identity/permission.h"

namespace slipway::server {

// Whom webhooks may call, and how patiently.
struct WebhookConfig {
  std::vector<std::string> schemes = {"https"};
  bool allow_private_addresses = false;
  int64_t timeout_ms = 30'000;
  int max_retries = 3;
  std::string secret_key;  // "": a key file in the data folder
};

// Which model providers the gateway may call, and how patiently.
struct GatewayConfig {
  std::vector<std::string> schemes = {"https"};
  bool allow_private_addresses = false;
  int64_t timeout_ms = 300'000;
  std::string secret_key;  // "": a key file in the data folder
};

struct ServerConfig {
  identity::DoorConfig door;  // with the host it listens on and how users and tokens come in
  int port = 5000;
  std::string data_folder = "./slipway-data";
  std::string database_url;   // "": a SQLite file in the data folder
  std::string blobs_url;      // "": a folder in the data folder
  std::string mlflow_page;    // folder of MLflow's own web page, to be served at /; "": none
  std::string artifact_root;  // where clients put the artifacts of new experiments; "": this server
  // The first administrator, made when there is no user yet; "" makes a password up and shows it once.
  std::string admin_name = "admin";
  std::string admin_password;
  identity::Permission default_permission = identity::Permission::kRead;  // see identity::Permissions
  std::string program;  // this program's path: pipelines start it for each step
  bool access_log = true;
  WebhookConfig webhooks;
  GatewayConfig gateway;
};

// Where its rows and its files are: as the config says, or in its data folder.
std::string database_url(const ServerConfig& config);
std::string blobs_url(const ServerConfig& config);

class SlipwayServer {
 public:
  // Opens the database and the blobs, brings tables up to date, binds the address. Throws an Error that says what to
  // do.
  explicit SlipwayServer(const ServerConfig& config);
  ~SlipwayServer();

  int port() const;
  // Every route that is mounted; for the test that walks them all.
  std::vector<const http::Route*> routes() const;
  // The password of the first administrator, if one was made up; for showing it once.
  const std::string& made_up_password() const;
  void start();
  // Reads tokens and certificate again.
  void reload();
  // Lets running requests finish, then stops background work.
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace slipway::server
