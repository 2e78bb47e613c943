#include "foundation/remotes/ssh_api.h"

#include "foundation/base/error.h"

namespace slipway::remotes {

SshApi::SshApi() : library("libssh2.so.1") {
#define SLIPWAY_SSH_BIND(name) library.bind(name, #name);
  SLIPWAY_SSH_FUNCTIONS(SLIPWAY_SSH_BIND)
#undef SLIPWAY_SSH_BIND
  if (libssh2_init(0) != 0) throw internal_error("libssh2 cannot start");
}

const SshApi& ssh() {
  static const SshApi opened;
  return opened;
}

}  // namespace slipway::remotes
