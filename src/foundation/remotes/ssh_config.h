// What ~/.ssh/config says about a host. Used by ssh_session.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace slipway::remotes {

struct SshHost {
  std::string host_name;  // empty: as it was called
  std::string port;
  std::string user;
  std::vector<std::string> identity_files;
  std::vector<std::string> known_hosts_files;
  std::string strict_host_key_checking;
};

// The first value of each setting wins, as OpenSSH has it; sections for other hosts and settings that are not known
// here are passed over.
SshHost find_ssh_host(std::string_view config, std::string_view host);

// "web*" and "web?" match "web1".
bool matches_ssh_pattern(std::string_view pattern, std::string_view text);

}  // namespace slipway::remotes
