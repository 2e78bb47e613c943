// One SSH connection with SFTP on it. Used by ssh_remote, which keeps several.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/remotes/options.h"
#include "foundation/remotes/ssh_api.h"

namespace slipway::remotes {

// Who is called, and how we prove who we are: from the address, the remote's options and ~/.ssh/config.
struct SshTarget {
  std::string host;     // as the user calls it
  std::string address;  // where it is
  int port = 22;
  std::string user;
  std::string password;
  std::string passphrase;
  std::vector<std::string> key_files;
  std::vector<std::string> known_hosts_files;
  bool use_agent = true;
  bool accept_unknown_host = false;
  int64_t timeout_ms = 30'000;
  std::string path;  // of the address
};

// "ssh://user@host:port/path"; throws invalid_argument.
SshTarget ssh_target_of(std::string_view url, const Options& options);

class SshSession {
 public:
  // Throws unavailable, unauthenticated, or permission_denied for a host that is not the one that is known.
  explicit SshSession(const SshTarget& target);
  ~SshSession();
  SshSession(const SshSession&) = delete;
  SshSession& operator=(const SshSession&) = delete;

  LIBSSH2_SFTP* sftp() const { return sftp_; }
  // What the last call met, as an Error whose message begins with `what` ("read /x"). A connection that is lost gives
  // unavailable.
  Error error(std::string_view what) const;
  // The SFTP status of the last call, LIBSSH2_FX_OK when the fault was none of the server's.
  unsigned long status() const;

 private:
  void connect(const SshTarget& target);
  // False when the key that the host shows is not among the known ones of this kind.
  bool shake_hands(const SshTarget& target, const char* key_kind);
  void authenticate(const SshTarget& target);
  bool try_agent(const SshTarget& target);
  bool try_key(const SshTarget& target, const std::string& file);
  void close();

  files::Descriptor socket_;
  LIBSSH2_SESSION* session_ = nullptr;
  LIBSSH2_SFTP* sftp_ = nullptr;
};

}  // namespace slipway::remotes
