// A folder as a remote. Opened by open_remote.
#pragma once

#include "foundation/remotes/remote_store.h"

namespace slipway::remotes {

// Options: shared = group.
std::unique_ptr<RemoteStore> open_local(const RemoteAddress& address);

}  // namespace slipway::remotes
