// One function per command, defined in the file of that command's name. commands.cpp puts them in order.
#pragma once

#include "app/cli/command.h"

namespace slipway::cli {

Command add_command();
Command cache_command();
Command check_ignore_command();
Command checkout_command();
Command commit_command();
Command completion_command();
Command config_command();
Command dag_command();
Command data_command_group();
Command diff_command();
Command doctor_command();
Command drift_command();
Command du_command();
Command evaluate_command();
Command exp_command();
Command export_command();
Command fetch_command();
Command freeze_command();
Command gc_command();
Command get_command();
Command get_url_command();
Command help_command();
Command import_command();
Command import_url_command();
Command init_command();
Command list_command();
Command list_url_command();
Command ls_command();
Command ls_url_command();
Command metrics_command();
Command monitor_command();
Command move_command();
Command mv_command();
Command params_command();
Command pipeline_command();
Command predict_command();
Command profile_command();
Command promote_command();
Command pull_command();
Command push_command();
Command register_command();
Command new_command();
Command runs_command();
Command models_command();
Command remote_command();
Command remove_command();
Command replay_command();
Command repro_command();
Command reproduce_command();
Command root_command();
Command schema_command();
Command serve_command();
Command server_command();
Command sql_command();
Command stage_command();
Command status_command();
Command story_command();
Command train_command();
Command unfreeze_command();
Command unprotect_command();
Command update_command();
Command user_command();
Command validate_command();
Command version_command();

}  // namespace slipway::cli
