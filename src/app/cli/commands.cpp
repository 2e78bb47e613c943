#include "app/cli/commands.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <map>

#include "app/cli/all.h"
#include "foundation/base/error.h"

namespace slipway::cli {

const std::vector<Command>& all_commands() {
  static const std::vector<Command> commands = {
      version_command(),
  };
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

int run(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  CLI::App app("Slipway: the machine-learning lifecycle in one program", "slipway");
  app.set_version_flag("--version", SLIPWAY_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(36);
  Action action;
  std::map<const CLI::App*, Action> actions;
  for (const Command& command : all_commands()) {
    CLI::App* parser = app.add_subcommand(command.name, command.summary);
    parser->group(command.group);
    parser->footer("\nExample:\n" + command.example);
    actions[parser] = command.declare(*parser);
  }
  try {
    app.parse(argc, argv);
    return actions.at(app.get_subcommands().front())();
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  } catch (const Error& error) {
    std::cerr << "slipway: " << error.what() << '\n';
    return exit_code_of(error);
  } catch (const std::exception& error) {
    std::cerr << "slipway: internal error: " << error.what() << '\n';
    return kExitError;
  }
}

}  // namespace slipway::cli
