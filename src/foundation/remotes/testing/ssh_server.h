// A real sshd with keys of its own on a free port, for as long as the object lives. Used by the tests of SSH.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "foundation/base/files.h"

namespace slipway::remotes {

class SshServer {
 public:
  // Throws when the machine has no sshd (deps/apt-test.txt names its package). `HOME` of this process becomes a folder
  // that knows the server and has the key that it lets in.
  SshServer();
  ~SshServer();
  SshServer(const SshServer&) = delete;
  SshServer& operator=(const SshServer&) = delete;

  // "ssh://127.0.0.1:PORT/folder", the folder being a fresh one on this machine.
  std::string url(const std::string& name) const;
  const std::string& folder() const { return folder_.path(); }

 private:
  const files::TemporaryFolder folder_;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace slipway::remotes
