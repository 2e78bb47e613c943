#include "domains/data/unprotect.h"

#include <memory>

#include "app/cli/all.h"
#include "app/cli/data_command.h"
#include "domains/data/paths.h"
#include "domains/data/repository.h"

namespace slipway::cli {

Command unprotect_command() {
  return data_command("unprotect", "Turn links to the cache into files that can be changed",
                      "  slipway unprotect data/", [](CLI::App& parser) -> Action {
                        struct Flags {
                          DataFlags data;
                          std::vector<std::string> targets;
                        };
                        const auto flags = std::make_shared<Flags>();
                        declare_data_flags(parser, flags->data);
                        parser.add_option("targets", flags->targets, "Files and folders")->required();
                        return [flags] {
                          return run_in_repository(
                              flags->data, {kDataError, "", false}, [&](data::Repository& repository) {
                                const data::RepositoryLock lock = repository.lock();
                                for (const std::string& target : flags->targets) {
                                  data::unprotect(data::paths::join(repository.seen_from(), target));
                                }
                                return kExitOk;
                              });
                        };
                      });
}

}  // namespace slipway::cli
