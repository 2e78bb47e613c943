#include "app/cli/door_flags.h"

#include "app/cli/settings.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

identity::Framing framing_of(const std::string& name) {
  const std::string lower = text::lower(name);
  if (lower == "sameorigin") return identity::Framing::kSameOrigin;
  if (lower == "deny") return identity::Framing::kDeny;
  if (lower == "none") return identity::Framing::kAllow;
  throw invalid_argument("--x-frame-options takes SAMEORIGIN, DENY or NONE, not '", name, "'");
}

}  // namespace

void declare_door(CLI::App& app, DoorFlags& flags, std::string_view otherwise) {
  app.add_option(
      "--tokens-file", flags.tokens_file,
      text::concat("Lines of `token role name`; this", otherwise, " is needed unless it listens on loopback"));
  app.add_flag("--allow-unauthenticated", flags.allow_unauthenticated,
               "Let everybody in, although it can be reached from elsewhere");
  app.add_option("--tls-certificate", flags.certificate, "PEM file of the certificate chain");
  app.add_option("--tls-key", flags.key, "PEM file of its key");
  app.add_option("--allowed-hosts", flags.allowed_hosts,
                 "Further host names it may be called by, separated by commas; * stands for any characters");
  app.add_option("--cors-allowed-origins", flags.allowed_origins,
                 "Web pages of other origins that may use it: https://portal.example.com");
  app.add_option("--x-frame-options", flags.framing, "SAMEORIGIN (the default), DENY or NONE");
}

identity::DoorConfig door_config(const std::string& host, const DoorFlags& flags) {
  identity::DoorConfig out;
  out.host = host;
  out.tokens_file = setting("tokens-file", flags.tokens_file);
  out.allow_unauthenticated =
      flags.allow_unauthenticated || text::parse_bool(setting("allow-unauthenticated")).value_or(false);
  const std::string certificate = setting("tls-certificate", flags.certificate);
  const std::string key = setting("tls-key", flags.key);
  if (certificate.empty() != key.empty()) throw invalid_argument("TLS needs both --tls-certificate and --tls-key");
  if (!certificate.empty()) out.tls = http::TlsFiles{certificate, key};
  out.allowed_hosts = list_of(setting("allowed-hosts", flags.allowed_hosts));
  out.allowed_origins = list_of(setting("cors-allowed-origins", flags.allowed_origins));
  out.framing = framing_of(setting("x-frame-options", flags.framing));
  return out;
}

std::vector<std::string> list_of(const std::string& text) {
  std::vector<std::string> out;
  for (const std::string& item : text::split(text, ',')) {
    if (!text::trim(item).empty()) out.emplace_back(text::trim(item));
  }
  return out;
}

}  // namespace slipway::cli
