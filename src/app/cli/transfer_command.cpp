#include "app/cli/transfer_command.h"

#include <iostream>

#include "foundation/base/error.h"
#include "foundation/base/text.h"

namespace slipway::cli {

void declare_transfer_flags(CLI::App& parser, TransferFlags& flags) {
  declare_data_flags(parser, flags.data);
  parser.add_option("-r,--remote", flags.transfer.remote, "Name of the remote; default: the default one");
  parser.add_option("-j,--jobs", flags.transfer.jobs, "How many files at a time");
  parser.add_flag("--run-cache,!--no-run-cache", flags.transfer.run_cache, "Also what stages gave before");
  declare_selection_flags(parser, flags.selection);
}

void declare_selection_flags(CLI::App& parser, data::Selection& selection) {
  parser.add_flag("-a,--all-branches", selection.all_branches, "What any branch records too");
  parser.add_flag("-T,--all-tags", selection.all_tags, "What any tag records too");
  parser.add_flag("-A,--all-commits", selection.all_commits, "What any commit records too");
  parser.add_flag("-d,--with-deps", selection.with_deps, "Also what the targets are made from");
  parser.add_flag("-R,--recursive", selection.recursive, "Targets are folders with tracked data below");
  parser.add_option("targets", selection.targets, "Files, folders, .dvc files or stages; default: all");
}

void warn_without_remote(data::Repository& repository, const TransferFlags& flags) {
  if (flags.transfer.remote.empty() && !repository.config().default_remote()) {
    std::cerr << "No remote provided and no default remote set.\n";
  }
}

void report_rest(const data::TransferResult& result) {
  for (const std::string& version : result.skipped) {
    print_warning(text::concat("failed to collect '", version, "', skipping"));
  }
  if (!result.missing.empty()) {
    print_warning("Some of the cache files do not exist neither locally nor on remote. Missing cache files:\n" +
                  text::join(result.missing, "\n"));
  }
  if (result.damaged.empty()) return;
  for (const std::string& damaged : result.damaged) print_warning(damaged);
  throw data_loss(result.damaged.size(), result.damaged.size() == 1 ? " file was" : " files were",
                  " not transferred; see above");
}

void print_transfer(const std::string& summary) {
  std::cout << (summary.empty() ? "Everything is up to date." : summary) << '\n';
}

}  // namespace slipway::cli
