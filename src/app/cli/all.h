// One function per command, defined in the file of that command's name. commands.cpp puts them in order.
#pragma once

#include "app/cli/command.h"

namespace slipway::cli {

Command version_command();

}  // namespace slipway::cli
