// What stands in front of a server before any handler: who may call and by which name. The same for `slipway server`
// and `slipway serve`, which build one and set it before their HTTP server.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "foundation/http/server.h"
#include "foundation/identity/access.h"
#include "foundation/identity/host_check.h"

namespace slipway::identity {

struct DoorConfig {
  std::string host = "127.0.0.1";      // that the server listens on
  std::string tokens_file;             // "": no tokens
  bool has_users = false;              // users sign in with names and passwords
  bool allow_unauthenticated = false;  // nobody is asked, although the server can be reached from elsewhere
  std::optional<http::TlsFiles> tls;
  std::vector<std::string> allowed_hosts;  // besides loopback, private addresses and the host itself
  std::vector<std::string> allowed_origins;
  Framing framing = Framing::kSameOrigin;
};

class Door {
 public:
  // Throws failed_precondition for a server that anybody could use from elsewhere, unless that is what was asked for.
  explicit Door(const DoorConfig& config);

  // Both before the server starts.
  void add_users(std::shared_ptr<SignIn> sign_in);
  void add_token(std::string_view token, Principal principal);
  bool is_open() const { return access()->is_open(); }

  // From now on requests to the server pass here first. The door must outlive the server.
  void guard(http::Server& server);

  // Reads tokens and certificate again and says in the log what came of it; what cannot be read stays as it was. May be
  // called while the server runs, until it is destroyed.
  void reload();

 private:
  std::shared_ptr<const Access> access() const;
  void replace(Access access);
  Access with_own(Access access) const;

  const DoorConfig config_;
  const HostCheck hosts_;
  http::Server* server_ = nullptr;
  std::shared_ptr<SignIn> sign_in_;
  std::vector<std::pair<std::string, Principal>> own_tokens_;
  mutable std::mutex mutex_;              // guards access_
  std::shared_ptr<const Access> access_;  // shared with the requests that are being checked
};

}  // namespace slipway::identity
