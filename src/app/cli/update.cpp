#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/data_command.h"
#include "domains/data/imports.h"
#include "domains/data/repository.h"

namespace slipway::cli {

namespace {

struct UpdateFlags {
  DataFlags data;
  data::UpdateOptions update;
  std::vector<std::string> targets;
};

int run_update(const UpdateFlags& flags) {
  return run_in_repository(flags.data, {kDataFailed, "failed update data", true}, [&](data::Repository& repository) {
    for (const data::Updated& one : data::update_imports(repository, flags.targets, flags.update)) {
      if (!flags.data.quiet && !one.changed) std::cout << "'" << one.file << "' didn't change, skipping\n";
    }
    return kExitOk;
  });
}

}  // namespace

Command update_command() {
  return data_command("update", "Bring imported data to what its source has now", "  slipway update data/raw.csv.dvc",
                      [](CLI::App& parser) -> Action {
                        const auto flags = std::make_shared<UpdateFlags>();
                        declare_data_flags(parser, flags->data);
                        parser.add_option("targets", flags->targets, ".dvc files of imports")->required();
                        parser.add_option("--rev", flags->update.rev, "A commit, branch or tag of the source");
                        parser.add_flag("-R,--recursive", flags->update.recursive, "All imports below a folder");
                        parser.add_flag("--no-download", flags->update.no_download,
                                        "Record the version; `pull` brings the data");
                        parser.add_flag("--to-remote", flags->update.to_remote, "Send the data to a remote as well");
                        parser.add_option("-r,--remote", flags->update.remote, "The remote for --to-remote");
                        parser.add_option("-j,--jobs", flags->update.jobs, "How many files at a time");
                        return [flags] { return run_update(*flags); };
                      });
}

}  // namespace slipway::cli
