#include "protocols/mlflow/outbound_url.h"

#include <algorithm>

#include "foundation/base/error.h"
#include "foundation/http/address.h"
#include "foundation/http/url.h"

namespace slipway::mlflow {

namespace {

std::string scheme_of(const std::string& url) {
  const size_t end = url.find("://");
  return end == std::string::npos ? "" : text::lower(url.substr(0, end));
}

// At the beginning of a sentence.
std::string capitalized(const std::string& name) { return text::upper(name.substr(0, 1)) + name.substr(1); }

http::Url parse(const OutboundRules& rules, const std::string& url) {
  try {
    return http::parse_url(url);
  } catch (const Error& error) {
    throw invalid_argument("Invalid ", rules.name, ": ", error.what());
  }
}

}  // namespace

void check_outbound_scheme(const OutboundRules& rules, const std::string& url) {
  const std::string scheme = scheme_of(url);
  if (std::find(rules.schemes.begin(), rules.schemes.end(), scheme) != rules.schemes.end()) return;
  throw invalid_argument("Invalid ", rules.name, " scheme: '", text::escape_markup(scheme.substr(0, 20)),
                         "'. Allowed schemes are: ", text::join(rules.schemes, ", "), ".");
}

void check_outbound_url(const OutboundRules& rules, const std::string& url) {
  const std::string name = capitalized(rules.name);
  if (text::trim(url).empty()) throw invalid_argument(name, " cannot be empty or just whitespace: '", url, "'");
  check_outbound_scheme(rules, url);
  const http::Url parsed = parse(rules, url);
  if (rules.allow_private_addresses) return;
  std::vector<http::SocketAddress> addresses;
  try {
    addresses = http::resolve(parsed.host, parsed.port);
  } catch (const Error& error) {
    throw invalid_argument("Cannot resolve ", name, " hostname '", parsed.host, "': ", error.what());
  }
  if (const http::SocketAddress* refused = http::find_not_public(addresses)) {
    throw invalid_argument(name, " must not resolve to a non-public IP address. '", parsed.host, "' resolves to ",
                           refused->text(), ".");
  }
}

}  // namespace slipway::mlflow
