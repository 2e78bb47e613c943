// The command line's entry point.
#pragma once

#include <vector>

#include "app/cli/command.h"

namespace slipway::cli {

// Every command, in the order of --help. The one list to touch for a new command.
const std::vector<Command>& all_commands();

int run(int argc, char** argv);

}  // namespace slipway::cli
