#include "app/cli/data_command.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <iostream>

#include "app/cli/settings.h"
#include "domains/data/checkout.h"
#include "domains/data/paths.h"
#include "domains/data/repository.h"
#include "domains/data/shell_words.h"
#include "foundation/base/error.h"
#include "foundation/base/log.h"

namespace slipway::cli {

namespace {

std::atomic<bool> interrupted = false;

void on_signal(int) { interrupted = true; }

void name_changed_files(const std::vector<std::string>& files) {
  if (files.empty()) return;
  std::cout << "\nTo track the changes with git, run:\n\n\tgit add";
  for (const std::string& file : files) std::cout << ' ' << data::shell_quoted(file);
  std::cout << '\n';
}

}  // namespace

void declare_data_flags(CLI::App& parser, DataFlags& flags) {
  parser.add_flag("-q,--quiet", flags.quiet, "Be quiet");
  parser.add_flag("-v,--verbose", flags.verbose, "Say on standard error what is decided and moved")
      ->excludes("--quiet");
}

Command data_command(std::string name, std::string summary, std::string example,
                     std::function<Action(CLI::App&)> declare) {
  Command out{std::move(name), "Data", std::move(summary), std::move(example), std::move(declare), kDataUsage};
  return out;
}

void print_error(const std::string& message) { std::cerr << "ERROR: " << message << '\n'; }

void print_warning(const std::string& message) { std::cerr << "WARNING: " << message << '\n'; }

namespace {

// With -v: what is decided and moved, and how long all of it took, on standard error.
class Telling {
 public:
  explicit Telling(bool verbose) : verbose_(verbose), started_(std::chrono::steady_clock::now()) {
    if (!verbose_) return;
    const auto format = setting("log-format") == "json" ? log::Format::kJson : log::Format::kText;
    log::configure(log::Level::kDebug, format);
  }
  ~Telling() {
    if (!verbose_) return;
    const auto took = std::chrono::steady_clock::now() - started_;
    const auto took_ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
    log::debug("done", {{"after", text::format_duration_ms(took_ms)}});
  }
  Telling(const Telling&) = delete;
  Telling& operator=(const Telling&) = delete;

 private:
  const bool verbose_;
  const std::chrono::steady_clock::time_point started_;
};

}  // namespace

int run_in_repository(const DataFlags& flags, const DataWork& how, const std::function<int(data::Repository&)>& work) {
  const Telling telling(flags.verbose);
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
  log::debug("opened", {{"repository", *root}, {"cache", repository->store().root()}});
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
  const auto print = [](const char* letter, const std::vector<std::string>& list) {
    for (const std::string& path : list) std::cout << letter << "       " << path << '\n';
  };
  print("M", changes.modified);
  print("A", changes.added);
  print("D", changes.deleted);
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
