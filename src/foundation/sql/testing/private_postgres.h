// A PostgreSQL server of the test's own, in a temporary folder, reached through a socket in it: no port, no network, no
// state. Used by every test that runs a store on both databases (link sql_testing).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "foundation/base/files.h"

namespace slipway::sql {

class PrivatePostgres {
 public:
  // The test program's one server, started on first use and stopped at the program's end. Throws failed_precondition
  // with what to type when PostgreSQL is not installed.
  static PrivatePostgres& instance();

  PrivatePostgres();
  ~PrivatePostgres();
  PrivatePostgres(const PrivatePostgres&) = delete;
  PrivatePostgres& operator=(const PrivatePostgres&) = delete;

  // The URL of a new, empty name space; tests do not see each other's tables.
  std::string new_database();
  void stop();
  void start();

 private:
  std::vector<std::string> as_server_user(std::vector<std::string> command) const;
  void wait_until_ready();
  std::string url(const std::string& schema) const;

  files::TemporaryFolder folder_;
  std::string binaries_;
  std::optional<std::string> user_;  // who runs the server; it refuses to run as root
  pid_t server_ = -1;
  int next_ = 1;
};

}  // namespace slipway::sql
