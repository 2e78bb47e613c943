#include "app/cli/commands.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <iostream>
#include <map>

#include "app/cli/all.h"
#include "app/cli/settings.h"
#include "foundation/base/error.h"
#include "foundation/base/log.h"

namespace slipway::cli {

const std::vector<Command>& all_commands() {
  // clang-format off
  static const std::vector<Command> commands = {
      // Server
      server_command(),
      user_command(),
      gc_command(),
      import_command(),
      export_command(),
      // Data
      init_command(),
      add_command(),
      status_command(),
      commit_command(),
      checkout_command(),
      diff_command(),
      data_command_group(),
      move_command(),
      mv_command(),
      unprotect_command(),
      check_ignore_command(),
      root_command(),
      cache_command(),
      push_command(),
      pull_command(),
      fetch_command(),
      remote_command(),
      import_url_command(),
      update_command(),
      get_command(),
      get_url_command(),
      list_command(),
      ls_command(),
      du_command(),
      list_url_command(),
      ls_url_command(),
      stage_command(),
      repro_command(),
      freeze_command(),
      unfreeze_command(),
      dag_command(),
      params_command(),
      metrics_command(),
      exp_command(),
      remove_command(),
      // Tables
      sql_command(),
      profile_command(),
      schema_command(),
      validate_command(),
      // Models
      train_command(),
      evaluate_command(),
      predict_command(),
      register_command(),
      promote_command(),
      reproduce_command(),
      serve_command(),
      // Pipelines
      pipeline_command(),
      // Monitoring
      drift_command(),
      monitor_command(),
      replay_command(),
      story_command(),
      // Setup
      config_command(),
      doctor_command(),
      completion_command(),
      help_command(),
      version_command(),
  };
  // clang-format on
  return commands;
}

namespace {

int exit_code_of(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kNotFound:
      return kExitUsage;
    default:
      return kExitError;
  }
}

}  // namespace

namespace {

log::Level level_of(const std::string& name) {
  if (name == "debug") return log::Level::kDebug;
  if (name == "info") return log::Level::kInfo;
  if (name == "warning") return log::Level::kWarning;
  if (name == "error") return log::Level::kError;
  if (name == "off") return log::Level::kOff;
  throw invalid_argument("log-level must be debug, info, warning, error or off, got '", name, "'");
}

void configure_log() {
  log::configure(level_of(setting("log-level")),
                 setting("log-format") == "json" ? log::Format::kJson : log::Format::kText);
}

// CLI11 says "The following argument was not expected: serv"; a person wants to know what was meant.
void explain_unknown_command(int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  std::vector<std::string> names;
  for (const Command& command : all_commands()) names.push_back(command.name);
  if (std::find(names.begin(), names.end(), argv[1]) != names.end()) return;
  // What takes something away is not for who did not write it.
  std::erase_if(names, [](const std::string& name) { return name == "remove" || name == "gc"; });
  const std::string near = nearest_word(argv[1], names);
  std::cerr << "slipway: there is no command '" << argv[1] << "'"
            << (near.empty() ? "; `slipway --help` lists them" : "; did you mean '" + near + "'?") << '\n';
}

}  // namespace

int run(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  // A file at its limit is an error of the write, as a full disk is, and not the end of the program.
  ::signal(SIGXFSZ, SIG_IGN);
  CLI::App app("Slipway: the machine-learning lifecycle in one program", "slipway");
  app.set_version_flag("--version", SLIPWAY_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(36);
  std::map<const CLI::App*, std::pair<const Command*, Action>> actions;
  // Declaring all commands would cost a start of one command more than the command; only the one named is needed.
  const std::string wanted = argc > 1 ? argv[1] : "";
  const auto known = [&](const Command& command) { return command.name == wanted; };
  const bool one = std::any_of(all_commands().begin(), all_commands().end(), known);
  for (const Command& command : all_commands()) {
    if (one && command.name != wanted) continue;
    CLI::App* parser = app.add_subcommand(command.name, command.summary);
    parser->group(command.group);
    parser->footer("\nExample:\n" + command.example);
    actions[parser] = {&command, command.declare(*parser)};
  }
  int usage_exit_code = kExitUsage;
  if (one) usage_exit_code = actions.begin()->second.first->usage_exit_code;
  try {
    app.parse(argc, argv);
    configure_log();
    return actions.at(app.get_subcommands().front()).second();
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) explain_unknown_command(argc, argv);
    return app.exit(error) == 0 ? kExitOk : usage_exit_code;
  } catch (const Error& error) {
    std::cerr << "slipway: " << error.what() << '\n';
    return exit_code_of(error);
  } catch (const std::exception& error) {
    std::cerr << "slipway: internal error: " << error.what() << '\n';
    return kExitError;
  }
}

}  // namespace slipway::cli
