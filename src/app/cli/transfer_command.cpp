#include "app/cli/transfer_command.h"

#include <iostream>

#include "foundation/base/text.h"

namespace slipway::cli {

void declare_transfer_flags(CLI::App& parser, TransferFlags& flags) {
  declare_data_flags(parser, flags.data);
  parser.add_option("-r,--remote", flags.transfer.remote, "Name of the remote; default: the default one");
  parser.add_option("-j,--jobs", flags.transfer.jobs, "How many files at a time");
  parser.add_flag("--run-cache,!--no-run-cache", flags.transfer.run_cache, "Also what stages gave before");
  parser.add_option("targets", flags.targets, "Files, folders, .dvc files or stages; default: all");
}

void warn_missing(const std::vector<std::string>& missing) {
  if (missing.empty()) return;
  print_warning("Some of the cache files do not exist neither locally nor on remote. Missing cache files:\n" +
                text::join(missing, "\n"));
}

void print_transfer(const std::string& summary) {
  std::cout << (summary.empty() ? "Everything is up to date." : summary) << '\n';
}

}  // namespace slipway::cli
