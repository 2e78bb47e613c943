#include <algorithm>
#include <iostream>
#include <memory>

#include "app/cli/all.h"
#include "app/cli/commands.h"
#include "foundation/base/text.h"

namespace slipway::cli {

namespace {

struct Word {
  std::string name;
  std::string help;
};
struct Completions {
  Word command;
  std::vector<Word> flags;
};

std::vector<Word> flags_of(const CLI::App& app) {
  std::vector<Word> out;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) out.push_back({"--" + name, option->get_description()});
  }
  return out;
}

// Subcommands of a command ("remote add") are offered like its flags.
std::vector<Completions> all_completions() {
  std::vector<Completions> out;
  for (const Command& command : all_commands()) {
    CLI::App app(command.summary, command.name);
    command.declare(app);
    Completions one{{command.name, command.summary}, flags_of(app)};
    for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
      one.flags.push_back({child->get_name(), child->get_description()});
    }
    out.push_back(std::move(one));
  }
  return out;
}

std::string names(const std::vector<Word>& words) {
  std::string out;
  for (const Word& word : words) out.append(out.empty() ? "" : " ").append(word.name);
  return out;
}

std::string quoted(const std::string& text) { return "'" + text::replace_all(text, "'", "'\\''") + "'"; }

void print_bash(const std::vector<Completions>& all) {
  std::cout << "_slipway() {\n  local current=${COMP_WORDS[COMP_CWORD]} words\n  if [ \"$COMP_CWORD\" -eq 1 ]; then\n  "
               "  words=\"";
  for (const Completions& one : all) std::cout << one.command.name << ' ';
  std::cout << "\"\n  else\n    case ${COMP_WORDS[1]} in\n";
  for (const Completions& one : all)
    std::cout << "      " << one.command.name << ") words=\"" << names(one.flags) << "\";;\n";
  std::cout << "    esac\n  fi\n  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n}\n"
               "complete -o default -F _slipway slipway\n";
}

void print_zsh(const std::vector<Completions>& all) {
  std::cout << "#compdef slipway\n_slipway() {\n  local -a offered\n  if (( CURRENT == 2 )); then\n    offered=(\n";
  for (const Completions& one : all) {
    std::cout << "      " << quoted(one.command.name + ":" + text::replace_all(one.command.help, ":", "\\:")) << '\n';
  }
  std::cout << "    )\n    _describe command offered\n    return\n  fi\n  case $words[2] in\n";
  for (const Completions& one : all)
    std::cout << "    " << one.command.name << ") offered=(" << names(one.flags) << ");;\n";
  std::cout << "  esac\n  compadd -a offered\n  _files\n}\ncompdef _slipway slipway\n";
}

void print_fish(const std::vector<Completions>& all) {
  for (const Completions& one : all) {
    std::cout << "complete -c slipway -n __fish_use_subcommand -a " << one.command.name << " -d "
              << quoted(one.command.help) << '\n';
    for (const Word& flag : one.flags) {
      const bool is_flag = flag.name.rfind("--", 0) == 0;
      std::cout << "complete -c slipway -n '__fish_seen_subcommand_from " << one.command.name << "' "
                << (is_flag ? "-l " + flag.name.substr(2) : "-a " + flag.name) << " -d " << quoted(flag.help) << '\n';
    }
  }
}

}  // namespace

Command completion_command() {
  Command command;
  command.name = "completion";
  command.group = "Setup";
  command.summary = "Print the completion script of a shell";
  command.example = "  source <(slipway completion bash)";
  command.declare = [](CLI::App& app) -> Action {
    const auto shell = std::make_shared<std::string>();
    app.add_option("shell", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
    return [shell] {
      const auto all = all_completions();
      if (*shell == "bash") print_bash(all);
      if (*shell == "zsh") print_zsh(all);
      if (*shell == "fish") print_fish(all);
      return kExitOk;
    };
  };
  return command;
}

}  // namespace slipway::cli
