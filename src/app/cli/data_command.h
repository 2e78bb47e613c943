// What the commands over tracked data share: opening the repository, DVC's exit codes, and its closing words.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/cli/command.h"

namespace slipway::data {
class Repository;
struct CheckoutResult;
}  // namespace slipway::data

namespace slipway::cli {

// The codes of `dvc`, which scripts rely on.
constexpr int kDataFailed = 1;         // the command itself failed
constexpr int kDataConfig = 251;       // the configuration is wrong
constexpr int kDataInterrupted = 252;  // Ctrl-C
constexpr int kDataNoRepository = 253;
constexpr int kDataUsage = 254;
constexpr int kDataError = 255;

// Flags every data command has.
struct DataFlags {
  bool quiet = false;
  bool verbose = false;
  bool show_stack = false;
};
void declare_data_flags(CLI::App& parser, DataFlags& flags);

// A command of the group "Data" with DVC's exit code for a wrong command line.
Command data_command(std::string name, std::string summary, std::string example,
                     std::function<Action(CLI::App&)> declare);

// Opens the repository of the current folder and runs `work` in it; errors are printed as DVC does. `failure_code` is
// for what went wrong in the work itself; `failure_prefix` stands before the message.
struct DataWork {
  int failure_code = kDataError;
  std::string failure_prefix;
  bool hint_git = true;  // name the files to `git add`
};
int run_in_repository(const DataFlags& flags, const DataWork& how, const std::function<int(data::Repository&)>& work);

// The same for a command that needs no repository.
int run_anywhere(const DataWork& how, const std::function<int()>& work);

// "ERROR: ..." on standard error.
void print_error(const std::string& message);
void print_warning(const std::string& message);
// Lines such as "M       data/".
void print_changes(const data::CheckoutResult& changes);
// "1 file modified and 2 files added"; empty counts give an empty text.
std::string summary_of(const std::vector<std::pair<std::string, size_t>>& counts);

// Set by Ctrl-C and SIGTERM once watch_interrupts was called.
void watch_interrupts();
bool was_interrupted();

}  // namespace slipway::cli
