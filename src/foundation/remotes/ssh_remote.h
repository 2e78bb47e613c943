// A folder on another machine, over SFTP. Opened by open_remote.
#pragma once

#include "foundation/remotes/remote_store.h"

namespace slipway::remotes {

// Options: port, user, password, keyfile, passphrase, allow_agent, timeout, max_sessions. Hosts are checked against
// known_hosts, and ~/.ssh/config is read.
std::unique_ptr<RemoteStore> open_ssh(const RemoteAddress& address);

}  // namespace slipway::remotes
