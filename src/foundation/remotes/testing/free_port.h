// A TCP port of this machine that nobody listens on right now. Used to start the servers of tests.
#pragma once

namespace slipway::remotes {

int free_port();

}  // namespace slipway::remotes
