#include "app/cli/settings.h"

#include <cstdlib>

#include "foundation/base/error.h"
#include "foundation/base/hash.h"
#include "foundation/base/log.h"

namespace slipway::cli {

const std::vector<SettingSpec>& setting_specs() {
  static const std::vector<SettingSpec> specs = {
      {"server", "", "URL of the Slipway (or MLflow) server that commands talk to", false, "MLFLOW_TRACKING_URI"},
      {"token", "", "token that commands show to the server", true, "MLFLOW_TRACKING_TOKEN"},
      {"username", "", "user as whom commands sign in when there is no token", false, "MLFLOW_TRACKING_USERNAME"},
      {"password", "", "that user's password", true, "MLFLOW_TRACKING_PASSWORD"},
      {"listen", "127.0.0.1:5000", "address of `slipway server`"},
      {"data", "./slipway-data", "folder of the server's own database and files"},
      {"database", "", "database URL of the server (sqlite:///file or postgresql://...); default: in the data folder"},
      {"blobs", "", "where artifacts are kept (a folder or s3://bucket/prefix); default: in the data folder"},
      {"mlflow-page", "", "folder of MLflow's own web page, to be shown at /; default: none"},
      {"default-artifact-root", "", "where clients put the artifacts of new experiments; default: this server"},
      {"tokens-file", "",
       "file of `token role name` lines that the server and model servers accept; needed unless they listen on "
       "loopback"},
      {"allow-unauthenticated", "false", "whether everybody may use a server that can be reached from elsewhere"},
      {"auth", "false", "whether users sign in to the server with names and passwords"},
      {"default-permission", "READ", "what users may do with things for which they were given no permission"},
      {"admin-username", "admin", "name of the first administrator, made when there is no user yet"},
      {"admin-password", "", "the password of the first administrator; without one it is made up and shown once", true},
      {"tls-certificate", "", "PEM file with the certificate chain of the server or model server"},
      {"tls-key", "", "PEM file with the certificate's key"},
      {"allowed-hosts", "", "further names, separated by commas, that requests may be addressed to"},
      {"cors-allowed-origins", "", "web pages of other origins, separated by commas, that may use the server"},
      {"x-frame-options", "SAMEORIGIN", "whether pages may show the server in a frame: SAMEORIGIN, DENY or NONE"},
      {"allow-private-webhooks", "false", "whether webhooks may call addresses that are not of the public internet",
       false, "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS"},
      {"webhook-schemes", "https", "schemes of webhooks' URLs, separated by commas: https, http", false,
       "MLFLOW_WEBHOOK_ALLOWED_SCHEMES"},
      {"webhook-timeout", "30", "seconds that one call of a webhook may take", false, "MLFLOW_WEBHOOK_REQUEST_TIMEOUT"},
      {"webhook-retries", "3", "how often a failed call of a webhook is made again", false,
       "MLFLOW_WEBHOOK_REQUEST_MAX_RETRIES"},
      {"webhook-secret-key", "", "key that webhooks' secrets are sealed with; default: a file in the data folder", true,
       "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY"},
      {"allow-private-providers", "false", "whether the gateway may call addresses that are not of the public internet",
       false, "MLFLOW_GATEWAY_API_BASE_ALLOW_PRIVATE_IPS"},
      {"provider-schemes", "https", "schemes of model providers' addresses, separated by commas: https, http", false,
       "MLFLOW_GATEWAY_API_BASE_ALLOWED_SCHEMES"},
      {"provider-timeout", "300", "seconds that one call of a model provider may take", false,
       "MLFLOW_GATEWAY_ROUTE_TIMEOUT_SECONDS"},
      {"gateway-secret-key", "",
       "key that model providers' secrets are sealed with; several servers on one database need the same; default: a "
       "file in the data folder",
       true, "MLFLOW_CRYPTO_KEK_PASSPHRASE"},
      {"serve-listen", "127.0.0.1:8080", "address of `slipway serve`"},
      {"serve-token", "", "token that commands show to a model server; default: `token`", true},
      {"cache", "", "folder for models fetched from a server; default ~/.cache/slipway"},
      {"threads", "0", "threads of heavy work; 0: as many as there are cores"},
      {"log-level", "info", "debug, info, warning, error or off"},
      {"log-format", "text", "text or json"},
      {"access-log", "true", "one log line per request of a server"},
  };
  return specs;
}

const Settings& settings() {
  static const Settings loaded = Settings::load(setting_specs());
  return loaded;
}

std::string setting(std::string_view name, const std::string& flag) {
  return settings().get(name, flag.empty() ? std::nullopt : std::optional(flag)).value;
}

namespace {

log::Level level_of(const std::string& name) {
  if (name == "debug") return log::Level::kDebug;
  if (name == "info") return log::Level::kInfo;
  if (name == "warning") return log::Level::kWarning;
  if (name == "error") return log::Level::kError;
  if (name == "off") return log::Level::kOff;
  throw invalid_argument("log-level must be debug, info, warning, error or off, got '", name, "'");
}

}  // namespace

void configure_log(const Settings& from) {
  log::configure(level_of(from.get("log-level").value),
                 from.get("log-format").value == "json" ? log::Format::kJson : log::Format::kText);
}

std::string printable_value(const SettingSpec& spec, const std::string& value) {
  if (spec.secret) return value.empty() ? "" : "***";
  const size_t user = value.find("://");
  const size_t host = value.rfind('@');
  if (user == std::string::npos || host == std::string::npos) return value;
  const size_t password = value.find(':', user + 3);
  return password < host ? text::concat(value.substr(0, password + 1), "***", value.substr(host)) : value;
}

Address parse_address(const std::string& text) {
  const size_t colon = text.rfind(':');
  Address out;
  out.host = colon == std::string::npos || colon == 0 ? "127.0.0.1" : text.substr(0, colon);
  if (out.host.size() > 2 && out.host.front() == '[' && out.host.back() == ']')
    out.host = out.host.substr(1, out.host.size() - 2);
  const auto port = text::parse_int(colon == std::string::npos ? text : text.substr(colon + 1));
  if (!port || *port < 0 || *port > 65535)
    throw invalid_argument("'", text, "' is not an address; write HOST:PORT, as in 127.0.0.1:5000");
  out.port = static_cast<int>(*port);
  return out;
}

std::string server_url(const std::string& flag) {
  std::string url = setting("server", flag);
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url;
}

std::string required_server_url(const std::string& flag) {
  std::string url = server_url(flag);
  if (url.empty()) {
    throw invalid_argument(
        "which server? give --server http://127.0.0.1:5000, or set SLIPWAY_SERVER, or `server:` in slipway.yaml");
  }
  return url;
}

std::string server_authorization() {
  const std::string token = setting("token");
  if (!token.empty()) return "Bearer " + token;
  const std::string name = setting("username");
  return name.empty() ? "" : "Basic " + base64_encode(text::concat(name, ":", setting("password")));
}

std::string model_server_authorization() {
  const std::string own = setting("serve-token");
  const std::string token = own.empty() ? setting("token") : own;
  return token.empty() ? "" : "Bearer " + token;
}

std::string model_cache_folder() {
  const std::string chosen = setting("cache");
  if (!chosen.empty()) return chosen + "/models";
  const char* home = std::getenv("HOME");
  return std::string(home == nullptr ? "." : home) + "/.cache/slipway/models";
}

}  // namespace slipway::cli
