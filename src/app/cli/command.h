// What a command of the command line is. Each lives in a file of its own, named as the command; commands.cpp lists
// them.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <functional>
#include <string>
#include <vector>

namespace slipway::cli {

// Runs the command after its options were parsed; the value is the exit code.
using Action = std::function<int()>;

struct Command {
  std::string name;
  std::string group;    // heading in --help: "Server", "Data", "Models", ...
  std::string summary;  // one line
  std::string example;  // shown at the end of --help, at least one line that works
  // Declares options and arguments on the command's own parser and returns what to run.
  std::function<Action(CLI::App&)> declare;
  // Exit code for a command line that is wrong; the data commands keep DVC's 254.
  int usage_exit_code = 2;
};

// Exit codes, the same for every command (the data commands add DVC's own, see docs/cli.md).
constexpr int kExitOk = 0;
constexpr int kExitFailed = 1;         // the work was done and the verdict is no: gates, drift, validation
constexpr int kExitUsage = 2;          // unknown flag, bad value, missing file named on the command line
constexpr int kExitError = 3;          // anything else that went wrong; the message says what to do
constexpr int kExitInterrupted = 130;  // Ctrl-C

}  // namespace slipway::cli
