// One function per command, defined in the file of that command's name. commands.cpp puts them in order.
#pragma once

#include "app/cli/command.h"

namespace slipway::cli {

Command add_command();
Command checkout_command();
Command commit_command();
Command completion_command();
Command config_command();
Command dag_command();
Command doctor_command();
Command drift_command();
Command evaluate_command();
Command export_command();
Command fetch_command();
Command gc_command();
Command help_command();
Command import_command();
Command init_command();
Command monitor_command();
Command params_command();
Command pipeline_command();
Command predict_command();
Command profile_command();
Command promote_command();
Command pull_command();
Command push_command();
Command register_command();
Command remote_command();
Command remove_command();
Command replay_command();
Command repro_command();
Command reproduce_command();
Command schema_command();
Command serve_command();
Command server_command();
Command sql_command();
Command status_command();
Command story_command();
Command train_command();
Command user_command();
Command validate_command();
Command version_command();

}  // namespace slipway::cli
