// One function per command, defined in the file of that command's name. commands.cpp puts them in order.
#pragma once

#include "app/cli/command.h"

namespace slipway::cli {

Command completion_command();
Command config_command();
Command doctor_command();
Command help_command();
Command pipeline_command();
Command replay_command();
Command version_command();

}  // namespace slipway::cli
