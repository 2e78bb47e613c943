#include "domains/data/checkout.h"

#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/data_command.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

struct CheckoutFlags {
  DataFlags data;
  data::CheckoutOptions checkout;
  bool summary = false;
  std::vector<std::string> targets;
};

int run_checkout(const CheckoutFlags& flags) {
  return run_in_repository(flags.data, {kDataError, "", false}, [&](data::Repository& repository) {
    const data::CheckoutResult result = data::checkout(repository, flags.targets, flags.checkout);
    if (flags.summary) {
      const std::string counts = summary_of(
          {{"modified", result.modified_files}, {"added", result.added_files}, {"deleted", result.deleted_files}});
      std::cout << (counts.empty() ? "No changes." : counts) << '\n';
    } else if (!flags.data.quiet) {
      print_changes(result);
    }
    if (!result.failed.empty() && !flags.checkout.allow_missing) {
      throw failed_precondition("Checkout failed for following targets:\n", text::join(result.failed, "\n"),
                                "\nIs your cache up to date? `slipway fetch` brings what is missing.");
    }
    if (flags.checkout.relink && !flags.data.quiet) std::cout << "Relinked successfully\n";
    return kExitOk;
  });
}

}  // namespace

Command checkout_command() {
  return data_command(
      "checkout", "Bring tracked files to the recorded version, from the cache", "  slipway checkout data.dvc",
      [](CLI::App& parser) -> Action {
        const auto flags = std::make_shared<CheckoutFlags>();
        declare_data_flags(parser, flags->data);
        parser.add_flag("-f,--force", flags->checkout.force, "Overwrite data that is not in the cache");
        parser.add_flag("--relink", flags->checkout.relink, "Make links or copies anew, as cache.type says");
        parser.add_flag("--allow-missing", flags->checkout.allow_missing, "Pass over what the cache lacks");
        parser.add_flag("--summary", flags->summary, "Print counts only");
        parser.add_option("targets", flags->targets, "Files, folders, .dvc files or stages; default: all");
        return [flags] { return run_checkout(*flags); };
      });
}

}  // namespace slipway::cli
