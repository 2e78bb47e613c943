#include <memory>

#include "app/cli/all.h"
#include "app/cli/data_command.h"
#include "domains/data/add.h"

namespace slipway::cli {

namespace {

struct RemoveFlags {
  DataFlags data;
  bool outs = false;
  std::vector<std::string> targets;
};

}  // namespace

Command remove_command() {
  return data_command("remove", "Stop tracking: take away .dvc files or stages", "  slipway remove data.dvc",
                      [](CLI::App& parser) -> Action {
                        const auto flags = std::make_shared<RemoveFlags>();
                        declare_data_flags(parser, flags->data);
                        parser.add_flag("--outs", flags->outs, "Delete the data in the workspace too");
                        parser.add_option("targets", flags->targets, ".dvc files or stages")->required();
                        return [flags] {
                          return run_in_repository(flags->data, {kDataFailed, "", true},
                                                   [&](data::Repository& repository) {
                                                     data::remove(repository, flags->targets, flags->outs);
                                                     return kExitOk;
                                                   });
                        };
                      });
}

}  // namespace slipway::cli
