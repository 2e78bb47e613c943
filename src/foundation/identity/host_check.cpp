#include "foundation/identity/host_check.h"

#include <arpa/inet.h>

#include <array>

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

bool is_allowed_host(const std::string& host, const HostPolicy& policy) {
  if (host == "localhost" || is_local_address(host)) return true;
  for (const std::string& allowed : policy.allowed_hosts) {
    if (matches(host, allowed)) return true;
  }
  return false;
}

bool changes_something(std::string_view method) { return method != "GET" && method != "HEAD" && method != "OPTIONS"; }

// An origin is "scheme://host[:port]"; the page is ours when that is what it asked for.
bool is_own_origin(std::string_view origin, std::string_view host) {
  const size_t slashes = origin.find("://");
  return slashes != std::string_view::npos && text::equal_ignoring_case(origin.substr(slashes + 3), host);
}

bool is_allowed_origin(std::string_view origin, std::string_view host, const HostPolicy& policy) {
  if (is_own_origin(origin, host)) return true;
  for (const std::string& allowed : policy.allowed_origins) {
    if (allowed == "*" || text::equal_ignoring_case(allowed, origin)) return true;
  }
  return false;
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

std::optional<http::Response> check_host(const http::Request& request, const HostPolicy& policy) {
  if (request.path == "/health" || request.path == "/version") return std::nullopt;
  const std::string_view host = request.headers.find("Host").value_or("");
  if (!is_allowed_host(host_without_port(host), policy)) {
    return refuse("host refused; allow it with --allowed-hosts", request, "host", host,
                  "Invalid Host header - possible DNS rebinding attack detected");
  }
  const auto origin = request.headers.find("Origin");
  if (origin && changes_something(request.method) && !is_allowed_origin(*origin, host, policy)) {
    return refuse("cross-origin request refused", request, "origin", *origin, "Cross-origin request blocked");
  }
  return std::nullopt;
}

}  // namespace slipway::identity
