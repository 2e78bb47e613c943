#include <memory>

#include "app/cli/all.h"
#include "app/cli/transfer_command.h"
#include "domains/data/repository.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

int run_fetch(const TransferFlags& flags) {
  const DataWork how{kDataFailed, "failed to fetch data from the cloud", false};
  return run_in_repository(flags.data, how, [&](data::Repository& repository) {
    const data::TransferResult result = data::fetch(repository, flags.selection, flags.transfer);
    warn_without_remote(repository, flags);
    if (!flags.data.quiet) print_transfer(summary_of({{"fetched", result.transferred}}));
    report_rest(result);
    return kExitOk;
  });
}

}  // namespace

Command fetch_command() {
  return data_command("fetch", "Bring tracked data from a remote into the cache", "  slipway fetch -r storage",
                      [](CLI::App& parser) -> Action {
                        const auto flags = std::make_shared<TransferFlags>();
                        declare_transfer_flags(parser, *flags);
                        parser.add_option("--max-size", flags->selection.max_size, "Only what is smaller, in bytes");
                        parser.add_option("--type", flags->selection.types, "Only metrics or plots")
                            ->check(CLI::IsMember({"metrics", "plots"}))
                            ->allow_extra_args(false);
                        return [flags] { return run_fetch(*flags); };
                      });
}

}  // namespace slipway::cli
