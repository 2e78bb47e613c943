#include "protocols/mlflow/gateway_messages.h"

#include <unordered_set>

#include "foundation/base/error.h"
#include "protocols/mlflow/messages.h"

namespace slipway::mlflow {

namespace {

using identity::ResourceKind;

constexpr std::string_view kTrafficSplit = "REQUEST_BASED_TRAFFIC_SPLIT";
constexpr std::string_view kSequential = "SEQUENTIAL";

void write_pairs(JsonWriter& json, std::string_view name, const gateway::Pairs& pairs) {
  json.begin_object(name);
  for (const auto& [key, value] : pairs) json.text(key, value);
  json.end_object();
}

void write_stamp(JsonWriter& json, const gateway::Stamp& stamp) {
  json.integer("created_at", stamp.created_ms);
  json.integer("last_updated_at", stamp.updated_ms);
  json.text_if_set("created_by", stamp.created_by);
  json.text_if_set("last_updated_by", stamp.updated_by);
}

void write_fallback(JsonWriter& json, const gateway::FallbackConfig& fallback) {
  json.begin_object("fallback_config");
  if (fallback.is_sequential) json.text("strategy", kSequential);
  if (fallback.max_attempts) json.integer("max_attempts", *fallback.max_attempts);
  json.end_object();
}

// An enum's value by its name or number; a number and a name that mean nothing are refused.
bool is_chosen(const std::string& value, std::string_view name, std::string_view number) {
  return value == name || value == number;
}

bool is_left_open(const std::string& value) { return value == "0" || value.ends_with("_UNSPECIFIED"); }

using Ids = std::unordered_set<std::string>;

// Everything without a look at permissions for those who see all.
class Sight {
 public:
  Sight(const Services& services, ResourceKind kind, const std::vector<std::string>& ids) {
    for (std::string& id : services.permissions.readable(*services.caller, kind, ids)) seen_.insert(std::move(id));
  }
  bool has(const std::string& id) const { return seen_.count(id) > 0; }

 private:
  Ids seen_;
};

void withhold_secrets(const Services& services, const std::vector<gateway::ModelDefinition*>& definitions) {
  std::vector<std::string> ids;
  for (const auto* definition : definitions) ids.push_back(definition->secret_id);
  const Sight secrets(services, ResourceKind::kProviderSecret, ids);
  for (auto* definition : definitions) {
    if (definition->secret_id.empty() || secrets.has(definition->secret_id)) continue;
    definition->secret_id.clear();
    definition->secret_name.clear();
  }
}

void withhold_mappings(const Services& services, const std::vector<gateway::ModelMapping*>& mappings) {
  std::vector<std::string> ids;
  for (const auto* mapping : mappings) ids.push_back(mapping->definition.id);
  const Sight definitions(services, ResourceKind::kModelDefinition, ids);
  std::vector<gateway::ModelDefinition*> shown;
  for (auto* mapping : mappings) {
    if (definitions.has(mapping->definition.id)) {
      shown.push_back(&mapping->definition);
    } else {
      mapping->definition = {};
      mapping->config.definition_id.clear();
    }
  }
  withhold_secrets(services, shown);
}

}  // namespace

void write(JsonWriter& json, std::string_view name, const gateway::SecretInfo& secret) {
  json.begin_object(name);
  json.text("secret_id", secret.id);
  json.text("secret_name", secret.name);
  write_pairs(json, "masked_values", secret.masked_values);
  json.text_if_set("provider", secret.provider);
  if (!secret.auth_config.empty()) write_pairs(json, "auth_config", secret.auth_config);
  write_stamp(json, secret.stamp);
  json.end_object();
}

void write(JsonWriter& json, std::string_view name, const gateway::ModelDefinition& definition) {
  json.begin_object(name);
  json.text("model_definition_id", definition.id);
  json.text("name", definition.name);
  json.text_if_set("secret_id", definition.secret_id);
  json.text_if_set("secret_name", definition.secret_name);
  json.text("provider", definition.provider);
  json.text("model_name", definition.model_name);
  write_stamp(json, definition.stamp);
  json.end_object();
}

void write(JsonWriter& json, std::string_view name, const gateway::ModelMapping& mapping) {
  json.begin_object(name);
  json.text("mapping_id", mapping.id);
  json.text("endpoint_id", mapping.endpoint_id);
  if (!mapping.definition.id.empty()) {
    json.text("model_definition_id", mapping.definition.id);
    write(json, "model_definition", mapping.definition);
  }
  json.number("weight", mapping.config.weight);
  json.text("linkage_type", mapping.config.linkage == gateway::Linkage::kPrimary ? "PRIMARY" : "FALLBACK");
  if (mapping.config.fallback_order) json.integer("fallback_order", *mapping.config.fallback_order);
  json.integer("created_at", mapping.created_ms);
  json.text_if_set("created_by", mapping.created_by);
  json.end_object();
}

void write(JsonWriter& json, std::string_view name, const gateway::Endpoint& endpoint) {
  json.begin_object(name);
  json.text("endpoint_id", endpoint.id);
  json.text("name", endpoint.name);
  write_list(json, "model_mappings", endpoint.mappings);
  if (!endpoint.tags.empty()) {
    json.begin_array("tags");
    for (const gateway::Tag& tag : endpoint.tags) {
      json.begin_object();
      json.text("key", tag.key);
      json.text_if_set("value", tag.value);
      json.end_object();
    }
    json.end_array();
  }
  if (endpoint.splits_traffic) json.text("routing_strategy", kTrafficSplit);
  if (endpoint.fallback) write_fallback(json, *endpoint.fallback);
  json.text_if_set("experiment_id", endpoint.experiment_id);
  json.flag("usage_tracking", endpoint.tracks_usage);
  write_stamp(json, endpoint.stamp);
  json.end_object();
}

void write(JsonWriter& json, std::string_view name, const gateway::Binding& binding) {
  json.begin_object(name);
  json.text("endpoint_id", binding.endpoint_id);
  json.text("resource_type", binding.resource_type);
  json.text("resource_id", binding.resource_id);
  write_stamp(json, binding.stamp);
  json.end_object();
}

gateway::ModelConfig read_model_config(const Input& input, std::string_view place) {
  gateway::ModelConfig out;
  const std::string linkage = input.find_enum("linkage_type").value_or("");
  if (is_chosen(linkage, "FALLBACK", "2")) {
    out.linkage = gateway::Linkage::kFallback;
  } else if (!is_chosen(linkage, "PRIMARY", "1")) {
    throw invalid_argument("Invalid or missing value for required parameter 'linkage_type' in ", place,
                           ". Must be one of: PRIMARY, FALLBACK.");
  }
  out.definition_id = input.text("model_definition_id");
  if (input.has("weight")) out.weight = input.required_number("weight");
  out.fallback_order = input.find_integer("fallback_order");
  return out;
}

std::vector<gateway::ModelConfig> read_model_configs(const Input& input) {
  std::vector<gateway::ModelConfig> out;
  for (const Input& config : input.list("model_configs"))
    out.push_back(read_model_config(config, text::concat("model_configs[", out.size(), "]")));
  return out;
}

std::optional<gateway::FallbackConfig> read_fallback(const Input& input) {
  const auto fields = input.find_object("fallback_config");
  if (!fields) return std::nullopt;
  gateway::FallbackConfig out;
  const std::string strategy = fields->find_enum("strategy").value_or("0");
  out.is_sequential = is_chosen(strategy, kSequential, "1");
  if (!out.is_sequential && !is_left_open(strategy))
    throw invalid_argument("Invalid strategy of fallback_config: '", strategy, "'. It can be: SEQUENTIAL.");
  out.max_attempts = fields->find_integer("max_attempts");
  if (out.max_attempts.value_or(0) < 0) throw invalid_argument("max_attempts of fallback_config is not negative.");
  return out;
}

std::optional<bool> read_traffic_split(const Input& input) {
  const auto strategy = input.find_enum("routing_strategy");
  if (!strategy || strategy->empty() || is_left_open(*strategy)) return std::nullopt;
  if (is_chosen(*strategy, kTrafficSplit, "1")) return true;
  throw invalid_argument("Invalid routing_strategy: '", *strategy, "'. It can be: ", kTrafficSplit, ".");
}

std::optional<std::string> text_if_any(const Input& input, std::string_view name) {
  std::string value = input.text(name);
  return value.empty() ? std::nullopt : std::optional(std::move(value));
}

std::string doer(const Services& services, const Input& input, std::string_view field) {
  return services.caller->has_account() ? services.caller->name : input.text(field);
}

void withhold(const Services& services, std::vector<gateway::Endpoint>& endpoints) {
  std::vector<gateway::ModelMapping*> mappings;
  for (gateway::Endpoint& endpoint : endpoints) {
    for (gateway::ModelMapping& mapping : endpoint.mappings) mappings.push_back(&mapping);
  }
  withhold_mappings(services, mappings);
}

void withhold(const Services& services, gateway::Endpoint& endpoint) {
  std::vector<gateway::ModelMapping*> mappings;
  for (gateway::ModelMapping& mapping : endpoint.mappings) mappings.push_back(&mapping);
  withhold_mappings(services, mappings);
}

void withhold(const Services& services, gateway::ModelMapping& mapping) { withhold_mappings(services, {&mapping}); }

void withhold(const Services& services, std::vector<gateway::ModelDefinition>& definitions) {
  std::vector<gateway::ModelDefinition*> all;
  for (gateway::ModelDefinition& definition : definitions) all.push_back(&definition);
  withhold_secrets(services, all);
}

void withhold(const Services& services, gateway::ModelDefinition& definition) {
  withhold_secrets(services, {&definition});
}

}  // namespace slipway::mlflow
