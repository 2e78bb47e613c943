// The MODEL of evaluate, predict and register as a folder on this machine.
#pragma once

#include <optional>
#include <string>

#include "protocols/mlflow/client.h"

namespace slipway::cli {

struct LocalModel {
  std::string folder;
  std::optional<mlflow::RemoteVersion> version;  // for models:/ addresses
};

// models:/ and runs:/ addresses are fetched from the server that `server_flag` or the settings name; anything else is a
// folder. Throws not_found when there is no such model.
LocalModel locate_model(const std::string& address, const std::string& server_flag);

}  // namespace slipway::cli
