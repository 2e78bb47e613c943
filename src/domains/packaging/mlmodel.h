// The MLmodel file: MLflow's description of a model directory. Read and written here, so that any MLflow client finds
// our models and we find theirs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "domains/packaging/signature.h"

namespace slipway::packaging {

// The settings of one flavor; nested ones by dotted name ("env.conda").
using Flavor = std::map<std::string, std::string>;

struct MlModel {
  std::string artifact_path;
  std::string run_id;      // empty: none
  std::string model_uuid;  // empty: none
  // Milliseconds; 0: none, the key is left out so that two runs write the same bytes.
  int64_t created_ms = 0;
  std::map<std::string, Flavor> flavors;
  // Absent, too, when it describes tensors, which have no columns.
  std::optional<Signature> signature;
  std::map<std::string, std::string> metadata;
};

// The same content gives the same bytes. Keys are in MLflow's order.
std::string write_mlmodel(const MlModel& model);
// Throws invalid_argument saying what is wrong; unknown keys are left alone.
MlModel parse_mlmodel(std::string_view text);
// The file `MLmodel` in a folder; not_found says that this is not a model directory.
MlModel read_mlmodel(const std::string& folder);

// MLflow's word for a column's type, and back (its 32-bit words are taken too); throws invalid_argument.
std::string_view mlflow_type(tables::ColumnType type);
tables::ColumnType parse_mlflow_type(std::string_view word);

}  // namespace slipway::packaging
