// A web server that takes PUT or POST as a remote. Opened by open_remote.
#pragma once

#include "foundation/remotes/remote_store.h"

namespace slipway::remotes {

// Options as DVC has them: auth (basic, custom), user, password, custom_auth_header, method, ssl_verify,
// connect_timeout, read_timeout.
std::unique_ptr<RemoteStore> open_http(const RemoteAddress& address);

}  // namespace slipway::remotes
