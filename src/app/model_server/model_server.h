// `slipway serve`: one model behind the inference protocols, followed in the registry, its predictions remembered and
// forwarded. Builds the parts by constructor and takes them down in order.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "domains/serving/served_model.h"
#include "foundation/http/router.h"
#include "foundation/identity/door.h"

namespace slipway::model_server {

struct ModelServerConfig {
  std::string model;          // MODEL of the command line, see domains/serving/model_address.h
  std::string name;           // "": the address's own
  identity::DoorConfig door;  // with the host it listens on
  int port = 8080;
  std::string server_url;            // "": no registry, nothing is forwarded
  std::string authorization;         // the header that is shown to the server, "" for none
  std::string cache_folder;          // for fetched models
  std::string prediction_log;        // its folder; "": none
  bool prediction_log_sync = false;  // every prediction on the disk before it is answered
  uint64_t prediction_log_bytes = uint64_t{1} << 30U;
  int64_t watch_interval_ms = 1000;
  bool access_log = true;
  serving::ServedModel::Opener opener;  // empty: open_runtime
};

class ModelServer {
 public:
  // Binds the address, then loads the model; throws what went wrong. When the registry cannot be reached, it
  // serves the version that it served last, and follows the registry once it is back; when an alias is to be followed
  // and there is no such version, the server comes up without a model, not ready, and goes on trying.
  explicit ModelServer(const ModelServerConfig& config);
  ~ModelServer();

  int port() const;
  // Every route that is mounted; for the test that walks them all.
  std::vector<const http::Route*> routes() const;
  const serving::ServedModel& model() const;
  void start();
  // Reads tokens and certificate again.
  void reload();
  // Lets running requests finish, then forwards what is left.
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace slipway::model_server
