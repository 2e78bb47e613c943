// Keeps foreign web pages away from a server that trusts its network: the Host header must name this server (a page
// whose domain was pointed at us by DNS rebinding names itself), and a request that changes something must not come
// from a page of another origin. Used as part of the HTTP server's filter.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/http/message.h"

namespace slipway::identity {

// What a page of another origin may do with our pages in a frame.
enum class Framing { kSameOrigin, kDeny, kAllow };

class HostCheck {
 public:
  // `allowed_hosts`, besides localhost, loopback and private addresses: "mlops.example.com", "*.example.com",
  // "192.0.2.*", or "*" for any; with or without port, only the name counts. `allowed_origins` are pages that may
  // change and read things although they come from elsewhere: "https://portal.example.com", or "*" for any.
  explicit HostCheck(std::vector<std::string> allowed_hosts = {}, std::vector<std::string> allowed_origins = {},
                     Framing framing = Framing::kSameOrigin);

  // A 403 with the reason as text, the answer to a browser that asks before it lets an allowed page go on, or nothing
  // when the request may go on. What probes and load
  // balancers ask (/health, /version, /ping, /v2/health/...) is open to every host, as they name it as they like.
  std::optional<http::Response> operator()(const http::Request& request) const;
  // The headers that keep browsers from showing or reading an answer where they should not.
  void finish(const http::Request& request, http::Response& response) const;

 private:
  bool allows_host(std::string_view host) const;
  bool allows_origin(std::string_view origin, std::string_view host) const;
  // The value of Access-Control-Allow-Origin, "" for an origin that is not among the allowed.
  std::string shared_with(std::string_view origin) const;

  std::vector<std::string> allowed_hosts_;
  std::vector<std::string> allowed_origins_;
  Framing framing_;
};

// The name or address in a Host header, without port and brackets, lower case.
std::string host_without_port(std::string_view host);

}  // namespace slipway::identity
