#include <algorithm>
#include <iostream>
#include <iterator>
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
// What may follow one or two words: sub-commands and flags of `slipway monitor`, flags of `slipway monitor apply`.
struct Completions {
  std::string path;  // "monitor apply"
  std::string help;
  std::vector<Word> offered;
};

std::vector<Word> flags_of(const CLI::App& app) {
  std::vector<Word> out;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) out.push_back({"--" + name, option->get_description()});
  }
  return out;
}

std::vector<Completions> all_completions() {
  std::vector<Completions> out;
  for (const Command& command : all_commands()) {
    CLI::App app(command.summary, command.name);
    command.declare(app);
    Completions own{command.name, command.summary, flags_of(app)};
    std::vector<Completions> below;
    for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
      own.offered.push_back({child->get_name(), child->get_description()});
      below.push_back({command.name + " " + child->get_name(), child->get_description(), flags_of(*child)});
    }
    out.push_back(std::move(own));
    std::move(below.begin(), below.end(), std::back_inserter(out));
  }
  return out;
}

bool is_command(const Completions& one) { return one.path.find(' ') == std::string::npos; }

std::string names(const std::vector<Word>& words) {
  std::string out;
  for (const Word& word : words) out.append(out.empty() ? "" : " ").append(word.name);
  return out;
}

std::string quoted(const std::string& text) { return "'" + text::replace_all(text, "'", "'\\''") + "'"; }

// A shell's `case` over one or two words; the longer path comes first.
void print_cases(const std::vector<Completions>& all, std::string_view before, std::string_view after) {
  for (const bool commands : {false, true}) {
    for (const Completions& one : all) {
      if (is_command(one) != commands) continue;
      std::cout << "      " << quoted(one.path + " ") << "*) " << before << names(one.offered) << after << ";;\n";
    }
  }
}

void print_bash(const std::vector<Completions>& all) {
  std::cout << "_slipway() {\n  local current=${COMP_WORDS[COMP_CWORD]} words\n  if [ \"$COMP_CWORD\" -eq 1 ]; then\n  "
               "  words=\"";
  for (const Completions& one : all) std::cout << (is_command(one) ? one.path + " " : "");
  std::cout << "\"\n  else\n    local second=\n    [ \"$COMP_CWORD\" -gt 2 ] && second=${COMP_WORDS[2]}\n"
               "    case \"${COMP_WORDS[1]} $second \" in\n";
  print_cases(all, "words=\"", "\"");
  std::cout << "    esac\n  fi\n  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n}\n"
               "complete -o default -F _slipway slipway\n";
}

void print_zsh(const std::vector<Completions>& all) {
  std::cout << "#compdef slipway\n_slipway() {\n  local -a offered\n  local second=\n  if (( CURRENT == 2 )); then\n"
               "    offered=(\n";
  for (const Completions& one : all) {
    if (!is_command(one)) continue;
    std::cout << "      " << quoted(one.path + ":" + text::replace_all(one.help, ":", "\\:")) << '\n';
  }
  std::cout << "    )\n    _describe command offered\n    return\n  fi\n  (( CURRENT > 3 )) && second=$words[3]\n"
               "  case \"$words[2] $second \" in\n";
  print_cases(all, "offered=(", ")");
  std::cout << "  esac\n  compadd -a offered\n  _files\n}\ncompdef _slipway slipway\n";
}

void print_fish(const std::vector<Completions>& all) {
  for (const Completions& one : all) {
    if (is_command(one)) {
      std::cout << "complete -c slipway -n __fish_use_subcommand -a " << one.path << " -d " << quoted(one.help) << '\n';
    }
    // Each of the words was typed.
    std::vector<std::string> seen;
    for (const std::string& word : text::split(one.path, ' ')) seen.push_back("__fish_seen_subcommand_from " + word);
    for (const Word& word : one.offered) {
      const bool is_flag = word.name.starts_with("--");
      std::cout << "complete -c slipway -n " << quoted(text::join(seen, "; and ")) << ' '
                << (is_flag ? "-l " + word.name.substr(2) : "-a " + word.name) << " -d " << quoted(word.help) << '\n';
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
