// What the gateway keeps: secrets of model providers, definitions of models that use them, and endpoints that send
// requests to one or several of those models. Used by the domain and by the protocols that show it or call providers.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domains/tracking/experiment.h"

namespace slipway::gateway {

using Pairs = std::map<std::string, std::string>;
using tracking::Tag;

// When something was made and changed, and by whom ("" where nobody said).
struct Stamp {
  int64_t created_ms = 0;
  int64_t updated_ms = 0;
  std::string created_by;
  std::string updated_by;
};

// A secret without its values, which never come out but to whoever calls the provider.
struct SecretInfo {
  std::string id;
  std::string name;
  Pairs masked_values;
  std::string provider;
  Pairs auth_config;  // what is no secret: api_base, a region, a version
  Stamp stamp;
};

struct NewSecret {
  std::string name;
  Pairs values;
  std::string provider;
  Pairs auth_config;
  std::string maker;
  int64_t maker_id = 0;  // the account that may do everything with it; 0: none
};

// What is not set stays as it is.
struct SecretChange {
  std::optional<Pairs> values;
  std::optional<Pairs> auth_config;  // empty: takes it away
  std::string changer;
};

struct ModelDefinition {
  std::string id;
  std::string name;
  std::string secret_id;  // "" once the secret is deleted
  std::string secret_name;
  std::string provider;
  std::string model_name;  // as the provider calls it
  Stamp stamp;
};

struct NewModelDefinition {
  std::string name;
  std::string secret_id;
  std::string provider;
  std::string model_name;
  std::string maker;
  int64_t maker_id = 0;
};

struct ModelDefinitionChange {
  std::optional<std::string> name;
  std::optional<std::string> secret_id;
  std::optional<std::string> provider;
  std::optional<std::string> model_name;
  std::string changer;
};

// Primary models share an endpoint's requests; fallbacks get those that failed, in their order. Kept in databases.
enum class Linkage { kPrimary = 0, kFallback = 1 };

struct ModelConfig {
  std::string definition_id;
  Linkage linkage = Linkage::kPrimary;
  double weight = 1;
  std::optional<int64_t> fallback_order;
};

struct ModelMapping {
  std::string id;
  std::string endpoint_id;
  ModelConfig config;
  ModelDefinition definition;
  int64_t created_ms = 0;
  std::string created_by;
};

// Fallbacks are tried one after the other: there is no other strategy, but one may be left unsaid.
struct FallbackConfig {
  bool is_sequential = false;
  std::optional<int64_t> max_attempts;  // fallbacks that are tried; all of them when not set
};

struct Endpoint {
  std::string id;
  std::string name;
  std::vector<ModelMapping> mappings;
  std::vector<Tag> tags;
  bool splits_traffic = false;  // by the weights of the primary models; else the first one gets everything
  std::optional<FallbackConfig> fallback;
  std::string experiment_id;  // where the traces of its calls go; "" for nowhere
  bool tracks_usage = true;
  Stamp stamp;
};

struct NewEndpoint {
  std::string name;
  std::vector<ModelConfig> models;
  bool splits_traffic = false;
  std::optional<FallbackConfig> fallback;
  std::optional<std::string> experiment_id;
  bool tracks_usage = true;
  std::string maker;
  int64_t maker_id = 0;
};

struct EndpointChange {
  std::optional<std::string> name;
  std::optional<std::vector<ModelConfig>> models;  // instead of all there are
  std::optional<bool> splits_traffic;
  std::optional<FallbackConfig> fallback;
  std::optional<std::string> experiment_id;
  std::optional<bool> tracks_usage;
  std::string changer;
  int64_t changer_id = 0;
};

// Something that uses an endpoint, by its kind ("scorer") and id.
struct Binding {
  std::string endpoint_id;
  std::string resource_type;
  std::string resource_id;
  Stamp stamp;
};

// Empty fields match everything.
struct BindingFilter {
  std::string endpoint_id;
  std::string resource_type;
  std::string resource_id;
};

// A model as it is called, with its secret opened. Must not be logged, stored or shown.
struct Upstream {
  std::string provider;
  std::string model_name;
  Pairs secret_values;
  Pairs auth_config;
};

// Whom one request is sent to, one after the other until somebody answers.
struct Plan {
  std::string endpoint_id;
  std::string endpoint_name;
  std::string experiment_id;  // of its trace; "" for none
  std::vector<Upstream> attempts;
};

}  // namespace slipway::gateway
