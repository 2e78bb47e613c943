// Servers of other people, started on a free port for as long as the object lives. Used by the tests of remotes.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace slipway::remotes {

class PeerServer {
 public:
  // Waits until something answers at `origin`.
  PeerServer(std::vector<std::string> command, const std::string& origin);
  ~PeerServer();
  PeerServer(const PeerServer&) = delete;
  PeerServer& operator=(const PeerServer&) = delete;

 private:
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

// The folder of the Python environment deps/venv-NAME.txt, and of the Node packages deps/npm-NAME; made on first use.
// Throw with the tool's words when that fails.
std::string python_environment(const std::string& name);
std::string node_packages(const std::string& name);

}  // namespace slipway::remotes
