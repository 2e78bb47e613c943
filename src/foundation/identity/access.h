// Who is calling and what they may do. Tokens come from a file that the operator writes; a route says which permission
// it needs ("tracking.read"); a role grants permissions by their last word. Used as the HTTP server's filter.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/http/server.h"

namespace slipway::identity {

enum class Role { kReader, kWriter, kAdmin };

struct Principal {
  std::string name;
  Role role = Role::kReader;
};

// kReader grants "*.read", kWriter also "*.write", kAdmin everything. "" needs nothing.
bool allows(Role role, std::string_view permission);

class Access {
 public:
  // Nobody is asked; for a server that listens on loopback only.
  static Access open();
  // Lines of `token role name` (# starts a comment); role is reader, writer or admin. A token has at least 16
  // characters. Throws invalid_argument with the line; the token itself is never in a message.
  static Access from_file(const std::string& path);
  static Access from_text(std::string_view text, std::string_view origin);

  // From "Bearer TOKEN", or "Basic ..." with the token as password, as MLflow's clients send either.
  std::optional<Principal> authenticate(std::string_view authorization) const;
  // 401 or 403 as an Error for a request that may not use the route; nothing when it may.
  void check(const http::Request& request, const http::Route& route) const;
  bool is_open() const { return tokens_.empty(); }

 private:
  struct Token {
    std::string digest;  // SHA-256: the token itself is not kept in memory
    Principal principal;
  };
  std::vector<Token> tokens_;
};

}  // namespace slipway::identity
