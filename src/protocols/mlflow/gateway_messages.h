// MLflow's JSON for the gateway's secrets, model definitions and endpoints, both ways. Used by the gateway's handlers.
#pragma once

#include <string>
#include <vector>

#include "domains/gateway/model.h"
#include "protocols/mlflow/input.h"
#include "protocols/mlflow/json_writer.h"
#include "protocols/mlflow/mount.h"

namespace slipway::mlflow {

// For one() and write_list(), by their argument.
void write(JsonWriter& json, std::string_view name, const gateway::SecretInfo& secret);
void write(JsonWriter& json, std::string_view name, const gateway::ModelDefinition& definition);
void write(JsonWriter& json, std::string_view name, const gateway::ModelMapping& mapping);
void write(JsonWriter& json, std::string_view name, const gateway::Endpoint& endpoint);
void write(JsonWriter& json, std::string_view name, const gateway::Binding& binding);

// {"name": [...]}
template <typename T>
std::string all_of(std::string_view name, const std::vector<T>& items) {
  JsonWriter json;
  json.begin_object();
  json.begin_array(name);
  for (const T& item : items) write(json, "", item);
  json.end_array();
  json.end_object();
  return json.take();
}

gateway::ModelConfig read_model_config(const Input& input, std::string_view place);
std::vector<gateway::ModelConfig> read_model_configs(const Input& input);
std::optional<gateway::FallbackConfig> read_fallback(const Input& input);
// Nothing for what is not said.
std::optional<bool> read_traffic_split(const Input& input);
// Nothing for an empty text too: clients cannot always leave a field out.
std::optional<std::string> text_if_any(const Input& input, std::string_view name);

// Who did something: the account, or as whom a client without one introduces itself in `field`.
std::string doer(const Services& services, const Input& input, std::string_view field);

// Takes out of what the caller may read those parts that he may not: definitions of others, names of secrets.
void withhold(const Services& services, std::vector<gateway::Endpoint>& endpoints);
void withhold(const Services& services, gateway::Endpoint& endpoint);
void withhold(const Services& services, gateway::ModelMapping& mapping);
void withhold(const Services& services, std::vector<gateway::ModelDefinition>& definitions);
void withhold(const Services& services, gateway::ModelDefinition& definition);

}  // namespace slipway::mlflow
