#include <algorithm>
#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/commands.h"
#include "app/cli/usage_error.h"
#include "foundation/base/error.h"
#include "foundation/base/settings.h"
#include "foundation/base/text.h"

namespace slipway::cli {

namespace {

// A cell of a Markdown table.
std::string cell(const std::string& text) { return text::replace_all(text::replace_all(text, "|", "\\|"), "\n", " "); }

void print_options(const CLI::App& app) {
  std::cout << "| option | what it does |\n|---|---|\n";
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_name() == "--help") continue;
    std::cout << "| `" << cell(option->get_name(false, true)) << "` | " << cell(option->get_description()) << " |\n";
  }
  std::cout << '\n';
}

void print_command(const Command& command) {
  CLI::App app(command.summary, command.name);
  command.declare(app);
  std::cout << "### slipway " << command.name << "\n\n" << command.summary << ".\n\n";
  if (app.get_options().size() > 1) print_options(app);
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
    std::cout << "#### slipway " << command.name << " " << child->get_name() << "\n\n"
              << child->get_description() << ".\n\n";
    if (child->get_options().size() > 1) print_options(*child);
  }
  std::cout << "```sh\n";
  for (const std::string& line : text::split(command.example, '\n')) std::cout << text::trim(line) << '\n';
  std::cout << "```\n\n";
}

void print_markdown() {
  std::cout
      << "# The command line\n\n"
         "Made by `slipway help --markdown` from the program itself; `make docs` renews it.\n\n"
         "Exit codes: 0 done; 1 the work was done and the verdict is no (gates, drift, validation); 2 the command line "
         "or a "
         "file named on it is wrong; 3 anything else, the message says what to do; 130 interrupted. The data commands "
         "(`add`, "
         "`status`, `repro`, ...) use DVC's: 251 configuration, 253 not a repository, 254 arguments, 255 failed.\n\n";
  std::string group;
  for (const Command& command : all_commands()) {
    if (command.group != group) {
      group = command.group;
      std::cout << "## " << group << "\n\n";
    }
    print_command(command);
  }
}

void check_name(const std::string& path, const std::string& name, const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), name) != known.end()) return;
  const std::string near = nearest_word(name, known);
  throw not_found(path, " has no command '", name, "'", near.empty() ? "" : "; did you mean '" + near + "'?");
}

// Throws where the parser would show the help of the last word that it knew.
void check_known(const std::vector<std::string>& names) {
  std::vector<std::string> commands;
  for (const Command& command : all_commands()) commands.push_back(command.name);
  check_name("slipway", names[0], commands);
  const auto command = std::find(commands.begin(), commands.end(), names[0]) - commands.begin();
  CLI::App app;
  all_commands()[static_cast<size_t>(command)].declare(app);
  const CLI::App* at = &app;
  std::string path = "slipway " + names[0];
  for (size_t i = 1; i < names.size(); ++i) {
    check_name(path, names[i], children_of(*at));
    at = at->get_subcommand(names[i]);
    path += " " + names[i];
  }
}

}  // namespace

Command help_command() {
  Command command;
  command.name = "help";
  command.group = "Setup";
  command.summary = "Show the help of a command, or the whole reference as Markdown";
  command.example = "  slipway help serve";
  command.declare = [](CLI::App& app) -> Action {
    const auto names = std::make_shared<std::vector<std::string>>();
    const auto markdown = std::make_shared<bool>(false);
    app.add_option("command", *names, "The command to explain: serve, monitor apply, ...");
    app.add_flag("--markdown", *markdown, "Every command, as docs/cli.md");
    return [names, markdown] {
      if (*markdown) {
        print_markdown();
        return kExitOk;
      }
      std::vector<std::string> arguments = {"slipway"};
      arguments.insert(arguments.end(), names->begin(), names->end());
      arguments.emplace_back("--help");
      if (!names->empty()) check_known(*names);
      std::vector<char*> pointers;
      for (std::string& argument : arguments) pointers.push_back(argument.data());
      return run(static_cast<int>(pointers.size()), pointers.data());
    };
  };
  return command;
}

}  // namespace slipway::cli
