#include "domains/data/remote_options.h"

#include <vector>

#include "domains/data/config_schema.h"
#include "foundation/base/error.h"
#include "foundation/base/text.h"

namespace slipway::data {

namespace {

using Type = Setting::Type;
using Schema = SettingSchema;

Schema operator+(Schema a, const Schema& b) {
  a.insert(b.begin(), b.end());
  return a;
}

Schema texts(std::initializer_list<const char*> names) {
  Schema out;
  for (const char* name : names) out.emplace(name, Setting{});
  return out;
}

Schema flags(std::initializer_list<const char*> names) {
  Schema out;
  for (const char* name : names) out.emplace(name, Setting{Type::kBool});
  return out;
}

Schema integers(std::initializer_list<const char*> names) {
  Schema out;
  for (const char* name : names) out.emplace(name, Setting{Type::kInt});
  return out;
}

const Schema& common() {
  static const Schema schema = texts({"url"}) + flags({"worktree", "no_traverse", "version_aware", "verify"}) +
                               Schema{{"checksum_jobs", {Type::kCount}}, {"jobs", {Type::kCount}}};
  return schema;
}

Schema local_schema() {
  return flags({"protected", "slow_link_warning"}) +
         Schema{{"type", {Type::kLinks}}, {"shared", {Type::kWords, {"group"}}}};
}

Schema s3_schema() {
  return texts({"region", "profile", "credentialpath", "configpath", "endpointurl", "access_key_id",
                "secret_access_key", "session_token", "ssl_verify", "sse", "sse_kms_key_id", "sse_customer_algorithm",
                "sse_customer_key", "acl", "grant_read", "grant_read_acp", "grant_write_acp", "grant_full_control"}) +
         flags({"listobjects", "use_ssl", "allow_anonymous_login", "cache_regions"}) +
         integers({"read_timeout", "connect_timeout"});
}

Schema http_schema() {
  return texts({"custom_auth_header", "user", "password", "ssl_verify", "method"}) + flags({"ask_password"}) +
         Schema{{"auth", {Type::kWords, {"basic", "digest", "custom"}}},
                {"connect_timeout", {Type::kSeconds}},
                {"read_timeout", {Type::kSeconds}}};
}

Schema webdav_schema() {
  return texts({"user", "password", "token", "bearer_token_command", "custom_auth_header", "cert_path", "key_path",
                "ssl_verify"}) +
         flags({"ask_password"}) + integers({"timeout"});
}

Schema ssh_schema() {
  return texts({"user", "password", "passphrase", "keyfile"}) +
         flags({"ask_password", "ask_passphrase", "gss_auth", "allow_agent"}) +
         integers({"port", "timeout", "max_sessions"}) + Schema{{"type", {Type::kLinks}}};
}

Schema azure_schema() {
  return texts({"connection_string", "sas_token", "account_name", "account_key", "tenant_id", "client_id",
                "client_secret"}) +
         flags({"allow_anonymous_login", "exclude_environment_credential", "exclude_visual_studio_code_credential",
                "exclude_shared_token_cache_credential", "exclude_managed_identity_credential"}) +
         integers({"timeout", "read_timeout", "connection_timeout"});
}

// Kinds that DVC knows and that are not spoken here are checked too, so that its files stay usable.
const std::map<std::string, Schema, std::less<>>& schemas() {
  static const std::map<std::string, Schema, std::less<>> all = {
      {"", local_schema()},
      {"s3", s3_schema()},
      {"gs", texts({"projectname", "credentialpath", "endpointurl"}) + flags({"allow_anonymous_login"})},
      {"ssh", ssh_schema()},
      {"azure", azure_schema()},
      {"http", http_schema()},
      {"https", http_schema()},
      {"webdav", webdav_schema()},
      {"webdavs", webdav_schema()},
      {"hdfs", texts({"user", "kerb_ticket"}) + integers({"replication"})},
      {"webhdfs",
       texts({"kerberos_principal", "proxy_to", "ssl_verify", "token", "user", "password", "data_proxy_target"}) +
           flags({"kerberos", "use_https"})},
      {"oss", texts({"oss_key_id", "oss_key_secret", "oss_endpoint"})},
      {"gdrive", texts({"profile", "gdrive_client_id", "gdrive_client_secret", "gdrive_user_credentials_file",
                        "gdrive_service_account_user_email", "gdrive_service_account_json_file_path"}) +
                     flags({"gdrive_use_service_account", "gdrive_trash_only", "gdrive_acknowledge_abuse"})}};
  return all;
}

std::string scheme_of(std::string_view url) {
  const size_t mark = url.find("://");
  return mark == std::string_view::npos ? "" : text::lower(url.substr(0, mark));
}

}  // namespace

bool is_local_url(std::string_view url) { return url.find("://") == std::string_view::npos; }

void check_remote(std::string_view remote, std::string_view url, const std::map<std::string, std::string>& options) {
  const std::string scheme = scheme_of(url);
  // It takes the options of the remote that it stands on.
  if (scheme == "remote") return;
  const auto schema = schemas().find(scheme);
  if (schema == schemas().end()) {
    throw invalid_argument("Unsupported URL type ", scheme, ":// for dictionary value @ data['remote']['", remote,
                           "']");
  }
  for (const auto& [name, value] : options) {
    const std::string place = text::concat("data['remote']['", remote, "']['", name, "']");
    auto known = schema->second.find(name);
    if (known == schema->second.end()) {
      known = common().find(name);
      if (known == common().end()) throw invalid_argument("extra keys not allowed @ ", place);
    }
    const std::string fault = fault_of(known->second, value);
    if (!fault.empty()) throw invalid_argument(fault, " for dictionary value @ ", place);
  }
}

}  // namespace slipway::data
