// `slipway server`: builds every object by constructor, mounts every protocol, and takes it down again in order. The
// only code that knows everything.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "foundation/http/server.h"

namespace slipway::server {

struct ServerConfig {
  std::string host = "127.0.0.1";
  int port = 5000;
  std::string data_folder = "./slipway-data";
  std::string database_url;   // "": a SQLite file in the data folder
  std::string blobs_url;      // "": a folder in the data folder
  std::string artifact_root;  // where clients put the artifacts of new experiments; "": this server
  std::string tokens_file;    // needed unless the host is loopback
  std::optional<http::TlsFiles> tls;
  std::vector<std::string> allowed_hosts;  // besides loopback, private addresses and the host itself
  std::string program;                     // this program's path: pipelines start it for each step
  bool access_log = true;
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
  void start();
  // Lets running requests finish, then stops background work.
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace slipway::server
