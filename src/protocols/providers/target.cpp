#include "protocols/providers/target.h"

namespace slipway::providers {

namespace {

using gateway::Dialect;

constexpr std::string_view kAnthropicVersion = "2023-06-01";

std::string value_of(const gateway::Pairs& pairs, const std::string& key) {
  const auto found = pairs.find(key);
  return found == pairs.end() ? "" : found->second;
}

bool is_azure(const gateway::Upstream& upstream, const gateway::Provider& provider) {
  const std::string type = value_of(upstream.auth_config, "api_type");
  return provider.dialect == Dialect::kAzure || (provider.name == "openai" && (type == "azure" || type == "azuread"));
}

std::string_view path_of(Task task) {
  switch (task) {
    case Task::kChat:
    case Task::kOpenAiChat:
      return "chat/completions";
    case Task::kEmbeddings:
    case Task::kOpenAiEmbeddings:
      return "embeddings";
    case Task::kOpenAiResponses:
      return "responses";
    case Task::kAnthropicMessages:
      return "messages";
  }
  return "";
}

bool is_known(Dialect dialect, Task task) {
  if (dialect == Dialect::kAnthropic) return task == Task::kChat || task == Task::kAnthropicMessages;
  if (task == Task::kOpenAiResponses) return dialect == Dialect::kOpenAi;
  return task != Task::kAnthropicMessages;
}

void check_task(const gateway::Provider& provider, Dialect dialect, Task task) {
  if (is_known(dialect, task)) return;
  if (task == Task::kChat || task == Task::kEmbeddings) {
    throw refusal(501, "The ", task == Task::kChat ? "chat" : "embeddings", " route is not implemented for ",
                  provider.display_name, " models.");
  }
  throw refusal(400, "Unsupported passthrough endpoint for ", provider.display_name, " provider: it has no '",
                path_of(task), "'.");
}

// A path below an address that may end in a slash and may have a query.
std::string below(const std::string& base, std::string_view path, std::string_view query = "") {
  const size_t question = base.find('?');
  std::string out = base.substr(0, question);
  while (out.ends_with('/')) out.pop_back();
  out.append("/").append(path);
  std::string rest = question == std::string::npos ? "" : base.substr(question + 1);
  if (!query.empty()) rest.append(rest.empty() ? "" : "&").append(query);
  return rest.empty() ? out : text::concat(out, "?", rest);
}

void add_bearer(http::Headers& headers, const std::string& key) {
  if (!key.empty()) headers.add("Authorization", "Bearer " + key);
}

void aim_at_azure(Target& target, const gateway::Upstream& upstream, const std::string& base, std::string_view path) {
  std::string deployment = value_of(upstream.auth_config, "deployment_name");
  if (deployment.empty()) deployment = upstream.model_name;
  const std::string version = value_of(upstream.auth_config, "api_version");
  if (version.empty()) throw refusal(400, "An Azure secret's auth_config must say the api_version.");
  target.url = below(base, text::concat("openai/deployments/", http::percent_encode(deployment), "/", path),
                     "api-version=" + http::percent_encode(version));
  target.says_model = false;
  const std::string key = value_of(upstream.secret_values, "api_key");
  if (value_of(upstream.auth_config, "api_type") == "azuread") {
    add_bearer(target.headers, key);
  } else {
    target.headers.add("api-key", key);
  }
}

}  // namespace

Target target_of(const gateway::Upstream& upstream, Task task) {
  const gateway::Provider provider = gateway::find_provider(upstream.provider);
  const std::string configured = value_of(upstream.auth_config, "api_base");
  Target out;
  out.is_configured = !configured.empty();
  out.dialect = provider.dialect;
  // Whoever names an address means one that speaks OpenAI's words, unless we know better.
  if (out.dialect == Dialect::kNone && out.is_configured) out.dialect = Dialect::kOpenAi;
  if (is_azure(upstream, provider)) out.dialect = Dialect::kAzure;
  if (out.dialect == Dialect::kNone)
    throw refusal(501, "The gateway does not speak the protocol of ", provider.display_name, ".");
  check_task(provider, out.dialect, task);
  const std::string base = out.is_configured ? configured : std::string(provider.api_base);
  if (base.empty()) {
    throw refusal(400, "The gateway knows no address of the provider '", provider.name,
                  "': put an address that speaks OpenAI's protocol into its secret's auth_config as 'api_base'.");
  }
  const std::string key = value_of(upstream.secret_values, "api_key");
  if (out.dialect == Dialect::kAzure) {
    aim_at_azure(out, upstream, base, path_of(task));
  } else if (out.dialect == Dialect::kAnthropic) {
    const std::string version = value_of(upstream.auth_config, "version");
    out.url = below(base, "messages");
    out.headers.add("x-api-key", key);
    out.headers.add("anthropic-version", version.empty() ? std::string(kAnthropicVersion) : version);
  } else {
    out.url = below(base, path_of(task));
    add_bearer(out.headers, key);
    const std::string organization = value_of(upstream.auth_config, "organization");
    if (!organization.empty()) out.headers.add("OpenAI-Organization", organization);
  }
  return out;
}

}  // namespace slipway::providers
