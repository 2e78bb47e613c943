// Who is calling and what they may do. Tokens come from a file that the operator writes, users with passwords from the
// accounts; a route says which permission it needs ("tracking.read"). Used as the HTTP server's filter.
//
// A token has one role for everything: it grants permissions by their last word. A user may use the routes whose
// handlers ask for permissions on each experiment and model ("tracking.*", "registry.*"); all others are for
// administrators.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/http/server.h"
#include "foundation/identity/caller.h"
#include "foundation/identity/sign_in.h"

namespace slipway::identity {

enum class Role { kReader, kWriter, kAdmin };

struct Principal {
  std::string name;
  Role role = Role::kReader;
};

// Needs nothing and is for everybody.
inline constexpr std::string_view kPublic = "public";
// Needs nothing but to be somebody.
inline constexpr std::string_view kSignedIn = "signed-in";

// Throws failed_precondition for a route without a permission that is understood here: none goes live by being
// forgotten.
void check_permissions(const std::vector<const http::Route*>& routes);

// kReader grants "*.read", kWriter also "*.write", kAdmin everything.
bool allows(Role role, std::string_view permission);

class Access {
 public:
  // Nobody is asked; for a server that listens on loopback only.
  static Access open();
  // Lines of `token role name` (# starts a comment); role is reader, writer or admin. A token has at least 16
  // characters. Throws invalid_argument with the line; the token itself is never in a message.
  static Access from_file(const std::string& path);
  static Access from_text(std::string_view text, std::string_view origin);

  // From now on users may sign in as well, and nobody is let in unasked.
  void add_users(std::shared_ptr<SignIn> sign_in);
  // One more token, of this process's own.
  void add_token(std::string_view token, Principal principal);

  // From "Bearer TOKEN", or "Basic ..." with the token as password, as MLflow's clients send either.
  std::optional<Principal> authenticate(std::string_view authorization) const;
  // Who it is; null when nobody may know. Throws 401 or 403 as an Error for a request that may not use the route.
  std::shared_ptr<const Caller> check(const http::Request& request, const http::Route& route) const;
  bool is_open() const { return tokens_.empty() && sign_in_ == nullptr; }

 private:
  struct Token {
    std::string digest;  // SHA-256: the token itself is not kept in memory
    Principal principal;
  };
  std::shared_ptr<const Caller> caller(const http::Request& request) const;
  // What somebody who could not be told is to do.
  std::string why_unknown(const http::Request& request) const;

  std::vector<Token> tokens_;
  std::shared_ptr<SignIn> sign_in_;
};

}  // namespace slipway::identity
