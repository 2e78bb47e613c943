#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/data_command.h"
#include "domains/data/paths.h"
#include "domains/data/repository.h"

namespace slipway::cli {

Command root_command() {
  return data_command("root", "Print the way to the root of the repository of tracked data", "  cd $(slipway root)",
                      [](CLI::App& parser) -> Action {
                        const auto flags = std::make_shared<DataFlags>();
                        declare_data_flags(parser, *flags);
                        return [flags] {
                          return run_in_repository(*flags, {}, [](data::Repository& repository) {
                            std::cout << data::paths::relative(repository.root(), repository.seen_from()) << '\n';
                            return kExitOk;
                          });
                        };
                      });
}

}  // namespace slipway::cli
