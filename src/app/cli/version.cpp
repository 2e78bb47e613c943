#include <iostream>

#include "app/cli/all.h"

namespace slipway::cli {

Command version_command() {
  return {"version", "Setup", "Print the version", "  slipway version", [](CLI::App&) -> Action {
            return [] {
              std::cout << SLIPWAY_VERSION << '\n';
              return kExitOk;
            };
          }};
}

}  // namespace slipway::cli
