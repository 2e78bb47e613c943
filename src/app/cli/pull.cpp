#include <memory>

#include "app/cli/all.h"
#include "app/cli/transfer_command.h"
#include "domains/data/checkout.h"
#include "domains/data/repository.h"
#include "foundation/base/error.h"

namespace slipway::cli {

namespace {

// What is checked out afterwards: the targets as they are, or what patterns, folders and dependencies come to.
std::vector<std::string> checkout_targets(data::Repository& repository, const data::Selection& selection) {
  const bool plain = !selection.glob && !selection.recursive && !selection.with_deps;
  if (plain || selection.targets.empty()) return selection.targets;
  data::Selection here = selection;
  here.all_branches = here.all_tags = here.all_commits = false;
  std::vector<std::string> out;
  for (const data::SelectedData& data : data::select(repository, here).data) {
    out.push_back(data.only.empty() ? data.shown : text::concat(data.shown, "/", data.only));
  }
  return out;
}

int run_pull(const TransferFlags& flags) {
  const DataWork how{kDataFailed, "failed to pull data from the cloud", false};
  return run_in_repository(flags.data, how, [&](data::Repository& repository) {
    const data::TransferResult fetched = data::fetch(repository, flags.selection, flags.transfer);
    data::CheckoutOptions options;
    options.force = flags.force;
    options.allow_missing = flags.allow_missing;
    const data::CheckoutResult result =
        data::checkout(repository, checkout_targets(repository, flags.selection), options);
    warn_without_remote(repository, flags);
    if (!flags.data.quiet) {
      print_changes(result);
      print_transfer(summary_of({{"fetched", fetched.transferred},
                                 {"modified", result.modified_files},
                                 {"added", result.added_files},
                                 {"deleted", result.deleted_files}}));
    }
    report_rest(fetched);
    if (!result.failed.empty() && !flags.allow_missing) {
      throw failed_precondition("Checkout failed for following targets:\n", text::join(result.failed, "\n"),
                                "\nIs your cache up to date?");
    }
    return kExitOk;
  });
}

}  // namespace

Command pull_command() {
  return data_command("pull", "Bring tracked data from a remote into the cache and the workspace", "  slipway pull",
                      [](CLI::App& parser) -> Action {
                        const auto flags = std::make_shared<TransferFlags>();
                        declare_transfer_flags(parser, *flags);
                        parser.add_flag("--glob", flags->selection.glob, "Targets are patterns");
                        parser.add_flag("-f,--force", flags->force, "Overwrite data that is not in the cache");
                        parser.add_flag("--allow-missing", flags->allow_missing, "Pass over what is missing");
                        return [flags] { return run_pull(*flags); };
                      });
}

}  // namespace slipway::cli
