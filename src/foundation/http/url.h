// The parts of an http or https URL. Used by the client.
#pragma once

#include <string>
#include <string_view>

namespace slipway::http {

struct Url {
  bool is_tls = false;
  std::string host;  // without brackets
  int port = 0;
  std::string target;  // path and query, begins with /

  // "http://host:port", for messages and as the key of the pool.
  std::string origin() const;
  // For the Host field: the port only when it is not the scheme's.
  std::string host_field() const;
};

// Throws invalid_argument naming the URL without its user part and query, which may be secret.
Url parse_url(std::string_view url);

}  // namespace slipway::http
