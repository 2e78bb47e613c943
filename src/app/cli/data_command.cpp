#include "app/cli/data_command.h"

#include <atomic>
#include <csignal>
#include <iostream>

#include "domains/data/checkout.h"
#include "domains/data/paths.h"
#include "domains/data/repository.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

std::atomic<bool> interrupted = false;

void on_signal(int) { interrupted = true; }

void name_changed_files(const std::vector<std::string>& files) {
  if (files.empty()) return;
  std::cout << "\nTo track the changes with git, run:\n\n\tgit add " << text::join(files, " ") << '\n';
}

}  // namespace

void declare_data_flags(CLI::App& parser, DataFlags& flags) {
  parser.add_flag("-q,--quiet", flags.quiet, "Be quiet");
  parser.add_flag("-v,--verbose", flags.verbose, "Say more")->excludes("--quiet");
}

Command data_command(std::string name, std::string summary, std::string example,
                     std::function<Action(CLI::App&)> declare) {
  Command out{std::move(name), "Data", std::move(summary), std::move(example), std::move(declare), kDataUsage};
  return out;
}

void print_error(const std::string& message) { std::cerr << "ERROR: " << message << '\n'; }

void print_warning(const std::string& message) { std::cerr << "WARNING: " << message << '\n'; }

int run_in_repository(const DataFlags& flags, const DataWork& how, const std::function<int(data::Repository&)>& work) {
  const std::string here = data::paths::current_folder();
  const auto root = data::Repository::discover(here);
  if (!root) {
    print_error("you are not inside of a DVC repository (checked up to mount point '/'); make one with `slipway init`");
    return kDataNoRepository;
  }
  std::unique_ptr<data::Repository> repository;
  try {
    repository = std::make_unique<data::Repository>(*root, here);
  } catch (const Error& error) {
    print_error(text::concat("configuration error - config file error: ", error.what()));
    return kDataConfig;
  }
  return run_anywhere(how, [&] {
    // What was written before a fault stays written, and its hashes known.
    try {
      const int code = work(*repository);
      const std::vector<std::string> changed = repository->finish();
      if (how.hint_git && !flags.quiet) name_changed_files(changed);
      return code;
    } catch (const Error&) {
      repository->finish();
      throw;
    }
  });
}

int run_anywhere(const DataWork& how, const std::function<int()>& work) {
  try {
    return work();
  } catch (const Error& error) {
    print_error(how.failure_prefix.empty() ? error.what() : text::concat(how.failure_prefix, " - ", error.what()));
    return how.failure_code;
  } catch (const std::exception& error) {
    print_error(text::concat("unexpected error - ", error.what()));
    return kDataError;
  }
}

void print_changes(const data::CheckoutResult& changes) {
  for (const std::string& path : changes.modified) std::cout << "M\t" << path << '\n';
  for (const std::string& path : changes.added) std::cout << "A\t" << path << '\n';
  for (const std::string& path : changes.deleted) std::cout << "D\t" << path << '\n';
}

std::string summary_of(const std::vector<std::pair<std::string, size_t>>& counts) {
  std::vector<std::string> parts;
  for (const auto& [what, count] : counts) {
    if (count > 0) parts.push_back(text::concat(count, count == 1 ? " file " : " files ", what));
  }
  if (parts.size() < 2) return text::join(parts, "");
  const std::string last = parts.back();
  parts.pop_back();
  return text::concat(text::join(parts, ", "), " and ", last);
}

void watch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool was_interrupted() { return interrupted; }

}  // namespace slipway::cli
