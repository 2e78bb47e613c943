// The parts of `exp`, each in a file of its own: they declare their flags and give what runs.
#pragma once

#include "app/cli/data_command.h"
#include "domains/experiments/references.h"

namespace slipway::cli {

Action declare_exp_run(CLI::App& parser);
Action declare_exp_save(CLI::App& parser);
Action declare_exp_show(CLI::App& parser);
Action declare_exp_diff(CLI::App& parser);
Action declare_exp_list(CLI::App& parser);
Action declare_exp_apply(CLI::App& parser);
Action declare_exp_branch(CLI::App& parser);
Action declare_exp_remove(CLI::App& parser);
Action declare_exp_rename(CLI::App& parser);

// Which commits experiments started from; HEAD when nothing is said and `head` is set.
struct BaselineFlags {
  experiments::Baselines wanted;
};
void declare_baseline_flags(CLI::App& parser, BaselineFlags& flags);

// "'a', 'b' and 'c'"
std::string quoted_names(const std::vector<std::string>& names);
// Names the files that lie around and are not in the experiment.
void warn_untracked(const std::vector<std::string>& paths, std::string_view when);

}  // namespace slipway::cli
