#include "app/cli/exp.h"

#include <memory>

#include "app/cli/all.h"
#include "foundation/base/text.h"

namespace slipway::cli {

namespace {

struct Part {
  const char* name;
  const char* summary;
  Action (*declare)(CLI::App&);
  const char* alias = "";
};

constexpr Part kParts[] = {
    {"run", "Run the pipeline as an experiment", declare_exp_run},
    {"save", "Keep the workspace as an experiment", declare_exp_save},
    {"show", "Print experiments with their parameters and metrics", declare_exp_show},
    {"diff", "Compare two experiments", declare_exp_diff},
    {"list", "List experiments", declare_exp_list, "ls"},
    {"apply", "Bring the workspace to an experiment", declare_exp_apply},
    {"branch", "Make a Git branch of an experiment", declare_exp_branch},
    {"remove", "Remove experiments", declare_exp_remove, "rm"},
    {"rename", "Give an experiment another name", declare_exp_rename, "mv"},
};

Action declare_exp(CLI::App& parser) {
  parser.require_subcommand(1);
  std::vector<std::pair<CLI::App*, Action>> actions;
  for (const Part& part : kParts) {
    CLI::App* sub = parser.add_subcommand(part.name, part.summary);
    if (*part.alias != '\0') sub->alias(part.alias);
    actions.emplace_back(sub, part.declare(*sub));
  }
  return [actions] {
    for (const auto& [sub, action] : actions) {
      if (sub->parsed()) return action();
    }
    return kDataUsage;
  };
}

}  // namespace

void declare_baseline_flags(CLI::App& parser, BaselineFlags& flags) {
  parser.add_flag("-A,--all-commits", flags.wanted.all_commits, "Of all commits");
  parser.add_option("--rev", flags.wanted.revisions, "Those that started from this commit; may be given again");
  parser.add_option("-n,--num", flags.wanted.count, "And from so many commits before it, itself counted; -1: all");
}

std::string quoted_names(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const std::string& name : names) quoted.push_back("'" + name + "'");
  if (quoted.size() < 2) return text::join(quoted, "");
  return text::concat(text::join({quoted.begin(), quoted.end() - 1}, ", "), " and ", quoted.back());
}

void warn_untracked(const std::vector<std::string>& paths, std::string_view when) {
  if (paths.empty()) return;
  print_warning(text::concat("The following untracked files were present ", when,
                             " but will not be included in the experiment commit:\n\t", text::join(paths, ", ")));
}

Command exp_command() {
  return data_command("exp", "Run, compare and keep experiments",
                      "  slipway exp run -S train.lr=0.01\n  slipway exp show", declare_exp);
}

}  // namespace slipway::cli
