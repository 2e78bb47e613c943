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
  parser.add_option("targets", flags.targets, "Files, folders, .dvc files or stages; default: all");
}

void report_rest(const data::TransferResult& result) {
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
