// What the page asks about model providers: which there are, what they want to know, how secrets are kept.
#include "domains/gateway/catalog.h"
#include "foundation/base/error.h"
#include "protocols/mlflow/handlers.h"
#include "protocols/mlflow/json_writer.h"

namespace slipway::mlflow {

namespace {

void write_fields(JsonWriter& json, std::string_view name, const gateway::AuthMode& mode, bool secret) {
  json.begin_array(name);
  for (const gateway::CredentialField& field : mode.fields) {
    if (field.is_secret != secret) continue;
    json.begin_object();
    json.text("name", field.name);
    json.text("type", "string");
    json.text("description", field.description);
    json.flag("required", field.is_required);
    json.end_object();
  }
  json.end_array();
}

void write_limit(JsonWriter& json, std::string_view name, int64_t tokens) {
  if (tokens > 0) {
    json.integer(name, tokens);
  } else {
    json.raw(name, "null");
  }
}

void write_model(JsonWriter& json, const gateway::CatalogModel& model) {
  json.begin_object();
  json.text("model", model.name);
  json.text("provider", model.provider);
  json.text("mode", model.is_embedding ? "embedding" : "chat");
  json.flag("supports_function_calling", model.calls_functions);
  json.flag("supports_vision", model.sees_images);
  json.flag("supports_reasoning", model.reasons);
  json.flag("supports_prompt_caching", model.caches_prompts);
  json.flag("supports_response_schema", model.takes_schemas);
  write_limit(json, "max_input_tokens", model.max_input_tokens);
  write_limit(json, "max_output_tokens", model.max_output_tokens);
  for (const std::string_view unknown :
       {"input_cost_per_token", "output_cost_per_token", "modality", "deprecation_date", "last_updated_at"}) {
    json.raw(unknown, "null");
  }
  json.end_object();
}

}  // namespace

std::string list_providers(const Services& /*services*/, const Input& /*input*/) {
  JsonWriter json;
  json.begin_object();
  json.begin_array("providers");
  for (const gateway::Provider& provider : gateway::all_providers()) {
    if (provider.dialect != gateway::Dialect::kNone) json.element(provider.name);
  }
  json.end_array();
  json.end_object();
  return json.take();
}

std::string list_provider_models(const Services& /*services*/, const Input& input) {
  const std::string provider = input.text("provider");
  JsonWriter json;
  json.begin_object();
  json.begin_array("models");
  for (const gateway::CatalogModel& model : gateway::all_models()) {
    if (provider.empty() || model.provider == provider) write_model(json, model);
  }
  json.end_array();
  json.end_object();
  return json.take();
}

std::string get_provider_config(const Services& /*services*/, const Input& input) {
  const std::string name = text::lower(input.text("provider"));
  if (name.empty()) throw invalid_argument("Provider parameter is required");
  const gateway::Provider provider = gateway::find_provider(name);
  JsonWriter json;
  json.begin_object();
  json.begin_array("auth_modes");
  for (const gateway::AuthMode& mode : provider.modes) {
    json.begin_object();
    json.text("mode", mode.name);
    json.text("display_name", mode.display_name);
    json.text("description", mode.description);
    write_fields(json, "secret_fields", mode, true);
    write_fields(json, "config_fields", mode, false);
    json.end_object();
  }
  json.end_array();
  json.text("default_mode", provider.modes.front().name);
  json.end_object();
  return json.take();
}

// Which key is used is for those who run the server.
std::string get_secrets_config(const Services& services, const Input& /*input*/) {
  JsonWriter json;
  json.begin_object();
  json.flag("secrets_available", true);
  const bool is_plain_user = services.caller->has_account() && !services.caller->is_admin;
  if (!is_plain_user) json.flag("using_default_passphrase", !services.gateway.has_own_key());
  json.end_object();
  return json.take();
}

}  // namespace slipway::mlflow
