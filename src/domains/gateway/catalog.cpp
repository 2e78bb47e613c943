#include "domains/gateway/catalog.h"

#include <algorithm>
#include <array>

namespace slipway::gateway {

namespace {

constexpr CredentialField kKey{"api_key", "API key", true, true};
constexpr CredentialField kBase{"api_base", "Address of the API, where it is not the usual one", false, false};
constexpr CredentialField kRegion{"aws_region_name", "AWS region, as in us-east-1", false, false};

constexpr std::array kKeyFields = {kKey, kBase};
constexpr std::array kOpenAiFields = {kKey, kBase,
                                      CredentialField{"organization", "Organization that is billed", false, false}};
constexpr std::array kAnthropicFields = {
    kKey, kBase, CredentialField{"version", "Version of the API; default 2023-06-01", false, false}};
constexpr std::array kAzureFields = {
    kKey, CredentialField{"api_base", "Address of the Azure resource", false, true},
    CredentialField{"api_version", "Version of the API, as in 2024-10-21", false, true}};
constexpr std::array kBedrockKeyFields = {
    kKey, CredentialField{"aws_region_name", "AWS region, as in us-east-1", false, true}};
constexpr std::array kAccessKeyFields = {CredentialField{"aws_access_key_id", "Id of the access key", true, true},
                                         CredentialField{"aws_secret_access_key", "The secret access key", true, true},
                                         kRegion};
constexpr std::array kRoleFields = {CredentialField{"aws_role_name", "ARN of the role to assume", false, true},
                                    kRegion};

constexpr std::array kKeyModes = {AuthMode{"api_key", "API Key", "A key of the provider", kKeyFields}};
constexpr std::array kOpenAiModes = {AuthMode{"api_key", "API Key", "A key of OpenAI", kOpenAiFields}};
constexpr std::array kAnthropicModes = {AuthMode{"api_key", "API Key", "A key of Anthropic", kAnthropicFields}};
constexpr std::array kAzureModes = {AuthMode{"api_key", "API Key", "A key of the Azure resource", kAzureFields}};
constexpr std::array kBedrockModes = {
    AuthMode{"api_key", "API Key", "A bearer key of Amazon Bedrock", kBedrockKeyFields},
    AuthMode{"access_keys", "Access Keys", "An access key of an AWS user", kAccessKeyFields},
    AuthMode{"iam_role", "IAM Role", "A role that the server assumes", kRoleFields}};

// Sorted by name.
constexpr std::array<Provider, 14> kProviders = {{
    {"anthropic", "Anthropic", Dialect::kAnthropic, "https://api.anthropic.com/v1", kAnthropicModes},
    {"azure", "Azure OpenAI", Dialect::kAzure, "", kAzureModes},
    {"bedrock", "Amazon Bedrock", Dialect::kNone, "", kBedrockModes},
    {"deepseek", "DeepSeek", Dialect::kOpenAi, "https://api.deepseek.com/v1", kKeyModes},
    {"fireworks_ai", "Fireworks AI", Dialect::kOpenAi, "https://api.fireworks.ai/inference/v1", kKeyModes},
    {"gemini", "Gemini", Dialect::kOpenAi, "https://generativelanguage.googleapis.com/v1beta/openai", kKeyModes},
    {"groq", "Groq", Dialect::kOpenAi, "https://api.groq.com/openai/v1", kKeyModes},
    {"mistral", "Mistral", Dialect::kOpenAi, "https://api.mistral.ai/v1", kKeyModes},
    {"ollama", "Ollama", Dialect::kOpenAi, "http://localhost:11434/v1", kKeyModes},
    {"openai", "OpenAI", Dialect::kOpenAi, "https://api.openai.com/v1", kOpenAiModes},
    {"openrouter", "OpenRouter", Dialect::kOpenAi, "https://openrouter.ai/api/v1", kKeyModes},
    {"perplexity", "Perplexity", Dialect::kOpenAi, "https://api.perplexity.ai", kKeyModes},
    {"together_ai", "Together AI", Dialect::kOpenAi, "https://api.together.xyz/v1", kKeyModes},
    {"xai", "xAI", Dialect::kOpenAi, "https://api.x.ai/v1", kKeyModes},
}};

// Facts from the providers' own pages. Prices change too often to be kept here.
constexpr CatalogModel kModels[] = {
    // provider, name, embedding, input, output, functions, images, reasoning, prompt cache, schemas
    {"anthropic", "claude-haiku-4-5", false, 200'000, 64'000, true, true, true, true, true},
    {"anthropic", "claude-opus-4-1", false, 200'000, 32'000, true, true, true, true, true},
    {"anthropic", "claude-opus-4-5", false, 200'000, 64'000, true, true, true, true, true},
    {"deepseek", "deepseek-chat", false, 131'072, 8'192, true, false, false, true, true},
    {"deepseek", "deepseek-reasoner", false, 131'072, 65'536, false, false, true, true, true},
    {"gemini", "gemini-2.5-flash", false, 1'048'576, 65'536, true, true, true, true, true},
    {"gemini", "gemini-2.5-flash-lite", false, 1'048'576, 65'536, true, true, true, true, true},
    {"gemini", "gemini-2.5-pro", false, 1'048'576, 65'536, true, true, true, true, true},
    {"gemini", "gemini-embedding-001", true, 2'048, 0, false, false, false, false, false},
    {"groq", "openai/gpt-oss-120b", false, 131'072, 65'536, true, false, true, false, true},
    {"groq", "openai/gpt-oss-20b", false, 131'072, 65'536, true, false, true, false, true},
    {"mistral", "codestral-latest", false, 128'000, 128'000, true, false, false, false, true},
    {"mistral", "mistral-embed", true, 8'192, 0, false, false, false, false, false},
    {"mistral", "mistral-large-latest", false, 262'144, 262'144, true, true, false, false, true},
    {"openai", "gpt-4.1", false, 1'047'576, 32'768, true, true, false, true, true},
    {"openai", "gpt-4.1-mini", false, 1'047'576, 32'768, true, true, false, true, true},
    {"openai", "gpt-4o", false, 128'000, 16'384, true, true, false, true, true},
    {"openai", "gpt-4o-mini", false, 128'000, 16'384, true, true, false, true, true},
    {"openai", "gpt-5", false, 272'000, 128'000, true, true, true, true, true},
    {"openai", "gpt-5-mini", false, 272'000, 128'000, true, true, true, true, true},
    {"openai", "gpt-5-nano", false, 272'000, 128'000, true, true, true, true, true},
    {"openai", "o3", false, 200'000, 100'000, true, true, true, true, true},
    {"openai", "text-embedding-3-large", true, 8'191, 0, false, false, false, false, false},
    {"openai", "text-embedding-3-small", true, 8'191, 0, false, false, false, false, false},
    {"perplexity", "sonar-pro", false, 200'000, 8'000, false, false, false, false, false},
    {"xai", "grok-4", false, 256'000, 256'000, true, false, false, true, false},
};

}  // namespace

std::span<const Provider> all_providers() { return kProviders; }

Provider find_provider(std::string_view name) {
  const std::string_view known = name == "amazon-bedrock" || name == "bedrock_converse" ? "bedrock" : name;
  const auto* found =
      std::find_if(kProviders.begin(), kProviders.end(), [&](const Provider& each) { return each.name == known; });
  if (found != kProviders.end()) return *found;
  return {name, name, Dialect::kOpenAi, "", kKeyModes};
}

std::span<const CatalogModel> all_models() { return kModels; }

}  // namespace slipway::gateway
