#include <memory>

#include "app/cli/all.h"
#include "app/cli/transfer_command.h"
#include "domains/data/repository.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

int run_push(const TransferFlags& flags) {
  const DataWork how{kDataFailed, "failed to push data to the cloud", false};
  return run_in_repository(flags.data, how, [&](data::Repository& repository) {
    const data::TransferResult result = data::push(repository, flags.selection, flags.transfer);
    if (!flags.data.quiet) print_transfer(summary_of({{"pushed", result.transferred}}));
    report_rest(result);
    return kExitOk;
  });
}

}  // namespace

Command push_command() {
  return data_command("push", "Send tracked data from the cache to a remote", "  slipway push -r storage",
                      [](CLI::App& parser) -> Action {
                        const auto flags = std::make_shared<TransferFlags>();
                        declare_transfer_flags(parser, *flags);
                        parser.add_flag("--glob", flags->selection.glob, "Targets are patterns");
                        return [flags] { return run_push(*flags); };
                      });
}

}  // namespace slipway::cli
