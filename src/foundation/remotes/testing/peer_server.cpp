#include "foundation/remotes/testing/peer_server.h"

#include <chrono>

#include "foundation/base/error.h"
#include "foundation/base/process.h"
#include "foundation/http/client.h"

namespace slipway::remotes {

namespace {

// The last line that the tool prints.
std::string made_by(const std::vector<std::string>& command) {
  std::vector<std::string> lines;
  ProcessOptions options;
  options.on_line = [&](std::string_view line) { lines.emplace_back(line); };
  if (run_process(command, options).exit_code != 0 || lines.empty()) {
    throw failed_precondition(command.front(), " failed:\n", text::join(lines, "\n"));
  }
  return lines.back();
}

bool answers(const std::string& url) {
  http::ClientRequest request;
  request.method = "OPTIONS";
  request.url = url;
  try {
    http::make_client()->send(request);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

PeerServer::PeerServer(std::vector<std::string> command, const std::string& origin) {
  // It must not outlive a test that is killed.
  command.insert(command.begin(), {"setpriv", "--pdeathsig=KILL"});
  thread_ = std::thread([this, command = std::move(command)] {
    ProcessOptions options;
    options.cancelled = [this] { return stopping_.load(); };
    options.on_line = [](std::string_view) {};
    run_process(command, options);
  });
  for (int i = 0; i < 400 && !answers(origin + "/"); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

PeerServer::~PeerServer() {
  stopping_ = true;
  thread_.join();
}

std::string python_environment(const std::string& name) {
  const std::string root = SLIPWAY_SOURCE_DIR;
  return made_by({root + "/tools/test_venv", name, text::concat(root, "/deps/venv-", name, ".txt")});
}

std::string node_packages(const std::string& name) {
  return made_by({text::concat(SLIPWAY_SOURCE_DIR, "/tools/test_npm"), name});
}

}  // namespace slipway::remotes
