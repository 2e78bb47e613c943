// Child processes: run a shell command or a program, stream its output, wait with a deadline, stop it and all it
// started. Used by pipelines and by the server's triggers.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

struct ProcessOptions {
  std::string folder;                              // working folder; empty: ours
  std::map<std::string, std::string> environment;  // added to ours
  int64_t timeout_ms = 0;                          // 0: none
  std::function<void(std::string_view)> on_line;  // each line of stdout and stderr without its end; empty: inherit both
  std::function<bool()> cancelled;                // polled; true stops the child with SIGTERM, after 5 s SIGKILL
};

struct ProcessResult {
  int exit_code = 0;  // 128 + signal number when a signal ended it
  bool timed_out = false;
  bool was_cancelled = false;
  int64_t duration_ms = 0;
};

// Runs to its end. The child leads its own process group, which is what gets stopped. Throws system_error when it
// cannot start (a missing program is not_found).
ProcessResult run_process(const std::vector<std::string>& arguments, const ProcessOptions& options = {});
// The same through /bin/sh -c.
ProcessResult run_shell(const std::string& command, const ProcessOptions& options = {});

// The path of this very program, to start itself as a child.
std::string own_program_path();

}  // namespace slipway
