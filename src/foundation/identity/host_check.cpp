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

// `*` in a pattern stands for any characters, also none.
bool fits_pattern(std::string_view text, std::string_view pattern) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return text == pattern;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  text.remove_prefix(star);
  pattern.remove_prefix(star + 1);
  while (true) {
    const size_t next = pattern.find('*');
    const std::string_view literal = pattern.substr(0, next);
    if (next == std::string_view::npos) return text.ends_with(literal);
    const size_t found = text.find(literal);
    if (found == std::string_view::npos) return false;
    text.remove_prefix(found + literal.size());
    pattern.remove_prefix(next + 1);
  }
}

bool matches(const std::string& host, std::string_view allowed) {
  if (allowed == "*") return true;
  return !host.empty() && fits_pattern(host, host_without_port(allowed));
}

bool changes_something(std::string_view method) { return method != "GET" && method != "HEAD" && method != "OPTIONS"; }

// An origin is "scheme://host[:port]"; the page is ours when that is what it asked for.
bool is_own_origin(std::string_view origin, std::string_view host) {
  const size_t slashes = origin.find("://");
  return slashes != std::string_view::npos && text::equal_ignoring_case(origin.substr(slashes + 3), host);
}

// A browser says by itself where the page lies that asks; programs say nothing.
bool is_from_elsewhere(std::string_view fetch_site) { return fetch_site == "cross-site" || fetch_site == "same-site"; }

bool is_probe(std::string_view path) {
  return path == "/health" || path == "/version" || path == "/ping" || path.starts_with("/v2/health/");
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

HostCheck::HostCheck(std::vector<std::string> allowed_hosts, std::vector<std::string> allowed_origins, Framing framing)
    : allowed_hosts_(std::move(allowed_hosts)), allowed_origins_(std::move(allowed_origins)), framing_(framing) {}

bool HostCheck::allows_host(std::string_view host) const {
  const std::string name = host_without_port(host);
  if (name == "localhost" || is_local_address(name)) return true;
  return std::any_of(allowed_hosts_.begin(), allowed_hosts_.end(),
                     [&](const std::string& allowed) { return matches(name, allowed); });
}

std::string HostCheck::shared_with(std::string_view origin) const {
  for (const std::string& allowed : allowed_origins_) {
    if (text::equal_ignoring_case(allowed, origin)) return std::string(origin);
  }
  const bool any = std::find(allowed_origins_.begin(), allowed_origins_.end(), "*") != allowed_origins_.end();
  return any ? "*" : "";
}

bool HostCheck::allows_origin(std::string_view origin, std::string_view host) const {
  return is_own_origin(origin, host) || !shared_with(origin).empty();
}

std::optional<http::Response> HostCheck::operator()(const http::Request& request) const {
  if (is_probe(request.path)) return std::nullopt;
  const std::string_view host = request.headers.find("Host").value_or("");
  if (!allows_host(host)) {
    return refuse("host refused; allow it with --allowed-hosts", request, "host", host,
                  "Invalid Host header - possible DNS rebinding attack detected");
  }
  const auto origin = request.headers.find("Origin");
  if (!origin) {
    const std::string_view site = request.headers.find("Sec-Fetch-Site").value_or("");
    if (changes_something(request.method) && is_from_elsewhere(site))
      return refuse("cross-origin request refused", request, "sec_fetch_site", site, "Cross-origin request blocked");
    return std::nullopt;
  }
  if (request.method == "OPTIONS" && !shared_with(*origin).empty()) return http::Response::empty(204);
  if (changes_something(request.method) && !allows_origin(*origin, host)) {
    return refuse("cross-origin request refused; allow it with --cors-allowed-origins", request, "origin", *origin,
                  "Cross-origin request blocked");
  }
  return std::nullopt;
}

void HostCheck::finish(const http::Request& request, http::Response& response) const {
  response.headers.set("X-Content-Type-Options", "nosniff");
  if (framing_ != Framing::kAllow)
    response.headers.set("X-Frame-Options", framing_ == Framing::kDeny ? "DENY" : "SAMEORIGIN");
  const auto origin = request.headers.find("Origin");
  const std::string shared = origin ? shared_with(*origin) : "";
  if (shared.empty()) return;
  response.headers.set("Access-Control-Allow-Origin", shared);
  response.headers.add("Vary", "Origin");
  // Never together with "any": a page that nobody named must not act with what the browser knows of its user.
  if (shared != "*") response.headers.set("Access-Control-Allow-Credentials", "true");
  if (request.method != "OPTIONS") return;
  response.headers.set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
  response.headers.set("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Mlflow-Experiment-Id");
  response.headers.set("Access-Control-Max-Age", "600");
}

}  // namespace slipway::identity
