#include "foundation/remotes/azure_account.h"

#include <array>
#include <ctime>
#include <map>

#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/hash.h"
#include "foundation/http/url.h"
#include "foundation/remotes/aws_files.h"
#include "foundation/remotes/bearer_token.h"

namespace slipway::remotes {

namespace {

constexpr std::string_view kVersion = "2021-12-02";
// What every emulator of Azure's storage knows, for UseDevelopmentStorage=true.
constexpr std::string_view kEmulator =
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey="
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFs"
    "uFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1";

std::string without_question_mark(std::string text) {
  if (text.starts_with('?')) text.erase(0, 1);
  return text;
}

std::string public_endpoint(const std::string& protocol, const std::string& name, const std::string& suffix) {
  return text::concat(protocol.empty() ? "https" : protocol, "://", name, ".blob.",
                      suffix.empty() ? "core.windows.net" : suffix);
}

// Values of the [storage] part of Azure's own settings file.
std::map<std::string, std::string> settings_file(const blobs::Environment& environment) {
  const std::string folder = environment("AZURE_CONFIG_DIR").value_or("~/.azure");
  const std::string path = expand_home(folder + "/config");
  if (!files::exists(path)) return {};
  const AwsFile file = parse_aws_file(files::read(path));
  const auto found = file.find("storage");
  if (found == file.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::string http_date() {
  const std::time_t now = SystemClock().now_ms() / 1000;
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 40> out{};
  return {out.data(), std::strftime(out.data(), out.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

// The account and the path, then the decoded parts of the query, sorted.
std::string canonical_resource(const std::string& url, const std::string& account) {
  const std::string target = http::parse_url(url).target;
  const size_t mark = target.find('?');
  std::string out = text::concat("/", account, target.substr(0, mark));
  if (mark == std::string::npos) return out;
  std::map<std::string, std::string> sorted;
  for (const auto& [name, value] : http::parse_query(target.substr(mark + 1)).value_or(http::Query{})) {
    sorted[text::lower(name)] = value;
  }
  for (const auto& [name, value] : sorted) out += text::concat("\n", name, ":", value);
  return out;
}

}  // namespace

AzureAccount parse_azure_connection_string(std::string_view text) {
  std::map<std::string, std::string> values;
  for (const std::string& part : text::split(text, ';')) {
    const size_t mark = part.find('=');
    if (text::trim(part).empty()) continue;
    if (mark == std::string::npos) throw invalid_argument("the connection string of Azure is not made of name=value");
    values[text::lower(text::trim(part.substr(0, mark)))] = text::trim(part.substr(mark + 1));
  }
  if (text::lower(values["usedevelopmentstorage"]) == "true") return parse_azure_connection_string(kEmulator);
  AzureAccount out;
  out.name = values["accountname"];
  out.key = values["accountkey"];
  if (out.key.empty()) out.sas_token = without_question_mark(values["sharedaccesssignature"]);
  out.endpoint = values["blobendpoint"];
  while (out.endpoint.ends_with('/')) out.endpoint.pop_back();
  if (out.endpoint.empty() && out.name.empty()) {
    throw invalid_argument("the connection string of Azure names neither AccountName nor BlobEndpoint");
  }
  if (out.endpoint.empty()) {
    out.endpoint = public_endpoint(values["defaultendpointsprotocol"], out.name, values["endpointsuffix"]);
  }
  http::parse_url(out.endpoint);
  return out;
}

AzureAccount azure_account_of(const Options& options, const blobs::Environment& environment) {
  const auto file = settings_file(environment);
  const auto value = [&](const char* option, const char* setting, const char* variable) {
    if (options.has(option)) return options.get(option);
    if (const auto found = environment(variable)) return *found;
    const auto found = file.find(setting);
    return found == file.end() ? std::string() : found->second;
  };
  const std::string connection = value("connection_string", "connection_string", "AZURE_STORAGE_CONNECTION_STRING");
  if (!connection.empty()) return parse_azure_connection_string(connection);
  AzureAccount out;
  out.name = value("account_name", "account", "AZURE_STORAGE_ACCOUNT");
  if (out.name.empty()) {
    throw Error(ErrorCode::kUnauthenticated,
                "Authentication to Azure Blob Storage requires either account_name or connection_string.");
  }
  out.endpoint = public_endpoint("", out.name, "");
  if (options.has("tenant_id") && options.has("client_id") && options.has("client_secret")) {
    out.tenant_id = options.get("tenant_id");
    out.client_id = options.get("client_id");
    out.client_secret = options.get("client_secret");
    return out;
  }
  out.key = value("account_key", "key", "AZURE_STORAGE_KEY");
  if (!out.key.empty()) return out;
  out.sas_token = without_question_mark(value("sas_token", "sas_token", "AZURE_STORAGE_SAS_TOKEN"));
  if (!out.sas_token.empty() || options.flag("allow_anonymous_login", false)) return out;
  throw Error(ErrorCode::kUnauthenticated,
              text::concat("nothing proves who we are to the account ", out.name,
                           "; set account_key, sas_token, or tenant_id, client_id and client_secret of the remote"));
}

std::string azure_signature(const http::ClientRequest& request, const AzureAccount& account) {
  const auto field = [&](const char* name) { return std::string(request.headers.find(name).value_or("")); };
  const uint64_t length = request.stream_body ? request.stream_length.value_or(0) : request.body.size();
  std::string text = text::concat(request.method, "\n", field("Content-Encoding"), "\n", field("Content-Language"),
                                  "\n", length > 0 ? std::to_string(length) : "", "\n", field("Content-MD5"), "\n",
                                  field("Content-Type"), "\n\n");  // the date goes as x-ms-date
  for (const char* name : {"If-Modified-Since", "If-Match", "If-None-Match", "If-Unmodified-Since", "Range"}) {
    text += field(name) + "\n";
  }
  std::map<std::string, std::string> own;
  for (const auto& [name, value] : request.headers.all()) {
    if (const std::string lower = text::lower(name); lower.starts_with("x-ms-")) own[lower] = text::trim(value);
  }
  for (const auto& [name, value] : own) text += text::concat(name, ":", value, "\n");
  text += canonical_resource(request.url, account.name);
  return text::concat("SharedKey ", account.name, ":", base64_encode(hmac_sha256(base64_decode(account.key), text)));
}

std::function<void(http::ClientRequest&)> azure_authorization(const AzureAccount& account,
                                                              std::shared_ptr<http::Client> http) {
  const auto stamp = [](http::ClientRequest& request) {
    request.headers.set("x-ms-date", http_date());
    request.headers.set("x-ms-version", std::string(kVersion));
  };
  if (!account.key.empty()) {
    return [account, stamp](http::ClientRequest& request) {
      stamp(request);
      request.headers.set("Authorization", azure_signature(request, account));
    };
  }
  if (!account.client_secret.empty()) {
    const std::string authority =
        environment_variable("AZURE_AUTHORITY_HOST").value_or("https://login.microsoftonline.com");
    const auto token = std::make_shared<BearerToken>([account, authority, http = std::move(http)] {
      return ask_for_token(*http, text::concat(authority, "/", account.tenant_id, "/oauth2/v2.0/token"),
                           {{"grant_type", "client_credentials"},
                            {"client_id", account.client_id},
                            {"client_secret", account.client_secret},
                            {"scope", "https://storage.azure.com/.default"}});
    });
    return [token, stamp](http::ClientRequest& request) {
      stamp(request);
      request.headers.set("Authorization", "Bearer " + token->get());
    };
  }
  return [sas = account.sas_token, stamp](http::ClientRequest& request) {
    stamp(request);
    if (!sas.empty()) request.url += (request.url.find('?') == std::string::npos ? "?" : "&") + sas;
  };
}

}  // namespace slipway::remotes
