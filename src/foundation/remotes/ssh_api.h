// libssh2, opened by the first call: most programs that start here never speak SSH. Private to this module.
#pragma once

#include <libssh2.h>
#include <libssh2_sftp.h>

#include "foundation/engines/library.h"

// Every function that is called, by its own name.
#define SLIPWAY_SSH_FUNCTIONS(X)   \
  X(libssh2_agent_connect)         \
  X(libssh2_agent_disconnect)      \
  X(libssh2_agent_free)            \
  X(libssh2_agent_get_identity)    \
  X(libssh2_agent_init)            \
  X(libssh2_agent_list_identities) \
  X(libssh2_agent_userauth)        \
  X(libssh2_init)                  \
  X(libssh2_knownhost_checkp)      \
  X(libssh2_knownhost_free)        \
  X(libssh2_knownhost_init)        \
  X(libssh2_knownhost_readfile)    \
  X(libssh2_session_disconnect_ex) \
  X(libssh2_session_free)          \
  X(libssh2_session_handshake)     \
  X(libssh2_session_hostkey)       \
  X(libssh2_session_init_ex)       \
  X(libssh2_session_last_error)    \
  X(libssh2_session_method_pref)   \
  X(libssh2_session_set_timeout)   \
  X(libssh2_sftp_close_handle)     \
  X(libssh2_sftp_fstat_ex)         \
  X(libssh2_sftp_init)             \
  X(libssh2_sftp_last_error)       \
  X(libssh2_sftp_mkdir_ex)         \
  X(libssh2_sftp_open_ex)          \
  X(libssh2_sftp_read)             \
  X(libssh2_sftp_readdir_ex)       \
  X(libssh2_sftp_rename_ex)        \
  X(libssh2_sftp_seek64)           \
  X(libssh2_sftp_shutdown)         \
  X(libssh2_sftp_stat_ex)          \
  X(libssh2_sftp_unlink_ex)        \
  X(libssh2_sftp_write)            \
  X(libssh2_userauth_password_ex)  \
  X(libssh2_userauth_publickey_fromfile_ex)

namespace slipway::remotes {

struct SshApi {
  SshApi();

  engines::Library library;
#define SLIPWAY_SSH_POINTER(name) decltype(&::name) name = nullptr;
  SLIPWAY_SSH_FUNCTIONS(SLIPWAY_SSH_POINTER)
#undef SLIPWAY_SSH_POINTER
};

// Opened once and kept until the program ends. Throws failed_precondition when the machine has no libssh2.
const SshApi& ssh();

}  // namespace slipway::remotes
