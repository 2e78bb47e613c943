#include "foundation/sql/testing/private_postgres.h"

#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>
#include <vector>

#include "foundation/base/clock.h"
#include "foundation/base/error.h"
#include "foundation/base/process.h"
#include "foundation/sql/database.h"

namespace slipway::sql {

namespace {

constexpr int64_t kStartTimeoutMs = 60'000;

std::string find_binaries() {
  glob_t found{};
  std::string folder;
  if (::glob("/usr/lib/postgresql/*/bin/initdb", 0, nullptr, &found) == 0) {
    const std::string last = found.gl_pathv[found.gl_pathc - 1];
    folder = last.substr(0, last.rfind('/'));
  }
  ::globfree(&found);
  if (folder.empty()) {
    throw failed_precondition("PostgreSQL's server is not installed, and its tests must run; type: make setup-test");
  }
  return folder;
}

const passwd& unprivileged_user() {
  for (const char* name : {"postgres", "nobody"}) {
    if (const passwd* user = ::getpwnam(name)) return *user;
  }
  throw failed_precondition("PostgreSQL refuses to run as root and there is no user postgres or nobody; make one");
}

// The child's output goes to `log_path`.
pid_t spawn(const std::vector<std::string>& command, const std::string& log_path) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 1, log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t child = -1;
  const int result = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (result != 0) throw internal_error("cannot start ", command[0], ": error ", result);
  return child;
}

}  // namespace

PrivatePostgres& PrivatePostgres::instance() {
  static PrivatePostgres server;
  return server;
}

PrivatePostgres::PrivatePostgres() : folder_("slipway-postgres"), binaries_(find_binaries()) {
  if (::geteuid() == 0) {
    const passwd& user = unprivileged_user();
    user_ = user.pw_name;
    if (::chown(folder_.path().c_str(), user.pw_uid, user.pw_gid) != 0) throw system_error("chown " + folder_.path());
  }
  std::string output;
  ProcessOptions options;
  options.folder = "/";
  options.timeout_ms = kStartTimeoutMs;
  options.on_line = [&](std::string_view line) { output.append(line).append("\n"); };
  const auto made =
      run_process(as_server_user({binaries_ + "/initdb", "-D", folder_.file("data"), "-A", "trust", "-U", "slipway",
                                  "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"}),
                  options);
  if (made.exit_code != 0) throw failed_precondition("initdb failed:\n", output);
  start();
}

PrivatePostgres::~PrivatePostgres() { stop(); }

std::vector<std::string> PrivatePostgres::as_server_user(std::vector<std::string> command) const {
  // The server must not outlive a test that is killed.
  std::vector<std::string> out = {"setpriv", "--pdeathsig=KILL"};
  if (user_) {
    for (const std::string& word :
         {"--reuid=" + *user_, "--regid=" + std::to_string(::getpwnam(user_->c_str())->pw_gid),
          std::string("--init-groups")}) {
      out.push_back(word);
    }
  }
  out.insert(out.end(), command.begin(), command.end());
  return out;
}

void PrivatePostgres::start() {
  server_ = spawn(as_server_user({binaries_ + "/postgres", "-D", folder_.file("data"), "-k", folder_.path(), "-h", "",
                                  "-F", "-c", "max_connections=100", "-c", "shared_buffers=16MB"}),
                  folder_.file("server.log"));
  wait_until_ready();
}

void PrivatePostgres::stop() {
  if (server_ < 0) return;
  // Immediate shutdown: nobody's data is worth waiting for.
  ::kill(server_, SIGQUIT);
  ::waitpid(server_, nullptr, 0);
  server_ = -1;
}

void PrivatePostgres::wait_until_ready() {
  const int64_t give_up_ms = steady_ms() + kStartTimeoutMs;
  for (;;) {
    try {
      open_database(url("public"));
      return;
    } catch (const Error& error) {
      const bool gone = ::waitpid(server_, nullptr, WNOHANG) != 0;
      if (gone) server_ = -1;
      if (gone || steady_ms() > give_up_ms) {
        throw failed_precondition("the test's PostgreSQL did not start: ", error.what(), "\n",
                                  files::read(folder_.file("server.log")));
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

std::string PrivatePostgres::url(const std::string& schema) const {
  return "postgresql://slipway@/postgres?host=" + folder_.path() + "&options=-csearch_path%3D" + schema;
}

std::string PrivatePostgres::new_database() {
  const std::string schema = "test_" + std::to_string(next_++);
  open_database(url("public"))->write([&](Transaction& transaction) {
    transaction.execute("CREATE SCHEMA " + schema);
  });
  return url(schema);
}

}  // namespace slipway::sql
