#include "foundation/identity/host_check.h"

#include <arpa/inet.h>

#include <algorithm>

#include "foundation/base/log.h"
#include "foundation/base/text.h"

namespace slipway::identity {

namespace {

bool is_private_v4(const in_addr& address) {
  const uint32_t value = ntohl(address.s_addr);
  const uint32_t first = value >> 24U;
  return first == 127 || first == 10 || (value >> 20U) == 0xAC1U || (value >> 16U) == 0xC0A8U;
}

bool is_private_v6(const in6_addr& address) {
  if (IN6_IS_ADDR_LOOPBACK(&address) || IN6_IS_ADDR_LINKLOCAL(&address)) return true;
  return (address.s6_addr[0] & 0xFEU) == 0xFCU;
}

// Only whole addresses count: "10.0.0.1.example.com" is a name like any other.
bool is_local_address(const std::string& host) {
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return is_private_v4(v4);
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && is_private_v6(v6);
}

bool matches(const std::string& host, std::string_view allowed) {
  if (allowed == "*") return true;
  const std::string name = host_without_port(allowed);
  if (name.starts_with("*.")) return host.size() > name.size() - 1 && host.ends_with(std::string_view(name).substr(1));
  return host == name;
}

bool changes_something(std::string_view method) { return method != "GET" && method != "HEAD" && method != "OPTIONS"; }

// An origin is "scheme://host[:port]"; the page is ours when that is what it asked for.
bool is_own_origin(std::string_view origin, std::string_view host) {
  const size_t slashes = origin.find("://");
  return slashes != std::string_view::npos && text::equal_ignoring_case(origin.substr(slashes + 3), host);
}

http::Response refuse(std::string_view event, const http::Request& request, std::string_view header,
                      std::string_view value, std::string message) {
  log::warning(event, {{std::string_view(header), std::string(value)}, {"path", request.path}, {"peer", request.peer}});
  return http::Response::text(403, std::move(message));
}

}  // namespace

std::string host_without_port(std::string_view host) {
  if (host.starts_with('[')) return text::lower(host.substr(1, host.find(']') - 1));
  const size_t colon = host.rfind(':');
  const bool bare_v6 = colon != std::string_view::npos && host.find(':') != colon;
  return text::lower(bare_v6 ? host : host.substr(0, colon));
}

HostCheck::HostCheck(std::vector<std::string> allowed_hosts, std::vector<std::string> allowed_origins)
    : allowed_hosts_(std::move(allowed_hosts)), allowed_origins_(std::move(allowed_origins)) {}

bool HostCheck::allows_host(std::string_view host) const {
  const std::string name = host_without_port(host);
  if (name == "localhost" || is_local_address(name)) return true;
  return std::any_of(allowed_hosts_.begin(), allowed_hosts_.end(),
                     [&](const std::string& allowed) { return matches(name, allowed); });
}

bool HostCheck::allows_origin(std::string_view origin, std::string_view host) const {
  if (is_own_origin(origin, host)) return true;
  return std::any_of(allowed_origins_.begin(), allowed_origins_.end(), [&](const std::string& allowed) {
    return allowed == "*" || text::equal_ignoring_case(allowed, origin);
  });
}

std::optional<http::Response> HostCheck::operator()(const http::Request& request) const {
  if (request.path == "/health" || request.path == "/version") return std::nullopt;
  const std::string_view host = request.headers.find("Host").value_or("");
  if (!allows_host(host)) {
    return refuse("host refused; allow it with --allowed-hosts", request, "host", host,
                  "Invalid Host header - possible DNS rebinding attack detected");
  }
  const auto origin = request.headers.find("Origin");
  if (origin && changes_something(request.method) && !allows_origin(*origin, host)) {
    return refuse("cross-origin request refused", request, "origin", *origin, "Cross-origin request blocked");
  }
  return std::nullopt;
}

}  // namespace slipway::identity
