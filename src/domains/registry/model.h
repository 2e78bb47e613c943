// What a registered model and its versions are. Used by the registry and every protocol that shows models.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domains/tracking/experiment.h"

namespace slipway::registry {

using tracking::Page;
using tracking::Search;
using tracking::Tag;

// The old life stages; aliases are the newer way to say which version is which.
enum class Stage { kNone, kStaging, kProduction, kArchived };
std::string_view name_of(Stage stage);
// In any case; throws invalid_argument for an unknown one.
Stage parse_stage(std::string_view name);

struct ModelVersion {
  std::string name;  // of the model
  int64_t version = 0;
  std::string description;
  std::string source;            // as the client gave it
  std::string storage_location;  // where the files are
  std::string run_id;
  std::string run_link;
  std::string model_id;  // of the logged model it was made of
  Stage stage = Stage::kNone;
  int64_t created_ms = 0;
  int64_t updated_ms = 0;
  std::vector<Tag> tags;
  std::vector<std::string> aliases;
};

struct ModelAlias {
  std::string alias;
  int64_t version = 0;
};

struct RegisteredModel {
  std::string name;
  std::string description;
  int64_t created_ms = 0;
  int64_t updated_ms = 0;
  std::vector<Tag> tags;
  std::vector<ModelAlias> aliases;
  std::vector<ModelVersion> latest_versions;  // the highest of each stage
};

struct NewVersion {
  std::string name;
  std::string source;
  std::string run_id;
  std::string run_link;
  std::string model_id;
  std::string description;
  std::vector<Tag> tags;
};

}  // namespace slipway::registry
