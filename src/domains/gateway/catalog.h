// What the gateway knows of model providers, as data: how they are addressed, what they want to know of a caller, and
// some of their models for people to choose from. A model that is not listed works just as well. Used by the protocols
// that show the lists or call providers.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace slipway::gateway {

enum class Dialect {
  kOpenAi,     // OpenAI's paths and JSON, a bearer token
  kAzure,      // the same, the deployment in the address and the key in a header of its own
  kAnthropic,  // Anthropic's messages
  kNone,       // none that this server speaks
};

struct CredentialField {
  std::string_view name;
  std::string_view description;
  bool is_secret = false;
  bool is_required = false;
};

// One way to show a provider who calls.
struct AuthMode {
  std::string_view name;
  std::string_view display_name;
  std::string_view description;
  std::span<const CredentialField> fields;
};

struct Provider {
  std::string_view name;
  std::string_view display_name;
  Dialect dialect = Dialect::kOpenAi;
  std::string_view api_base;        // "" where the secret's configuration has to say it
  std::span<const AuthMode> modes;  // the first is the usual one
};

struct CatalogModel {
  std::string_view provider;
  std::string_view name;
  bool is_embedding = false;
  int64_t max_input_tokens = 0;
  int64_t max_output_tokens = 0;  // 0: does not apply
  bool calls_functions = false;
  bool sees_images = false;
  bool reasons = false;
  bool caches_prompts = false;
  bool takes_schemas = false;
};

// By name; each with what secrets of it look like, also those that only secrets can be kept for.
std::span<const Provider> all_providers();
// A provider that is not listed speaks OpenAI's dialect at the address that its secret names.
Provider find_provider(std::string_view name);
std::span<const CatalogModel> all_models();

}  // namespace slipway::gateway
