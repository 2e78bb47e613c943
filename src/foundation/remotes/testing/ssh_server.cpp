#include "foundation/remotes/testing/ssh_server.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <vector>

#include "foundation/base/error.h"
#include "foundation/base/process.h"
#include "foundation/remotes/testing/free_port.h"

namespace slipway::remotes {

namespace {

void run(const std::vector<std::string>& command) {
  std::string output;
  ProcessOptions options;
  options.on_line = [&](std::string_view line) { output.append(line).append("\n"); };
  if (run_process(command, options).exit_code != 0) throw failed_precondition(command.front(), " failed:\n", output);
}

void make_key(const std::string& path) { run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path}); }

}  // namespace

SshServer::SshServer() : folder_("ssh") {
  if (!files::exists("/usr/sbin/sshd")) throw failed_precondition("there is no sshd; install openssh-server");
  port_ = free_port();
  const std::string home = folder_.file("home");
  files::create_folders(home + "/.ssh");
  if (::getuid() == 0) files::create_folders("/run/sshd");
  make_key(folder_.file("host"));
  make_key(home + "/.ssh/id_ed25519");
  files::write_atomic(folder_.file("keys"), files::read(home + "/.ssh/id_ed25519.pub"));
  files::write_atomic(home + "/.ssh/known_hosts",
                      text::concat("[127.0.0.1]:", port_, " ", files::read(folder_.file("host.pub"))));
  files::write_atomic(folder_.file("config"),
                      text::concat("Port ", port_, "\nListenAddress 127.0.0.1\nHostKey ", folder_.file("host"),
                                   "\nAuthorizedKeysFile ", folder_.file("keys"), "\nPidFile ", folder_.file("pid"),
                                   "\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin yes\n",
                                   "Subsystem sftp internal-sftp\n"));
  ::setenv("HOME", home.c_str(), 1);
  ::unsetenv("SSH_AUTH_SOCK");
  thread_ = std::thread([this] {
    ProcessOptions options;
    options.cancelled = [this] { return stopping_.load(); };
    options.on_line = [](std::string_view) {};
    run_process({"setpriv", "--pdeathsig=KILL", "/usr/sbin/sshd", "-D", "-e", "-f", folder_.file("config")}, options);
  });
  for (int i = 0; i < 100 && !files::exists(folder_.file("pid")); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

SshServer::~SshServer() {
  stopping_ = true;
  thread_.join();
}

std::string SshServer::url(const std::string& name) const {
  return text::concat("ssh://127.0.0.1:", port_, folder_.file(name));
}

}  // namespace slipway::remotes
