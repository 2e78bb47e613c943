// Experiments as Git keeps them: commits under refs/exps/<baseline>/<name>, where dvc finds them too.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/git/repository.h"

namespace slipway::experiments {

struct Experiment {
  std::string baseline;  // the commit it started from
  std::string name;
  std::string commit;
};

std::string reference_of(const std::string& baseline, const std::string& name);
// Nothing for references that are something else (queues and temporary ones lie beside experiments).
std::optional<Experiment> parse_reference(const std::string& reference, const std::string& commit);

// Sorted by reference.
std::vector<Experiment> list(const git::Repository& git);
std::vector<Experiment> list_of(const git::Repository& git, const std::string& baseline);
// By name or whole reference; of several with the name the one that started at HEAD. Nothing when there is none;
// throws invalid_argument when several are left.
std::optional<Experiment> find(const git::Repository& git, const std::string& name);
// Throws invalid_argument naming all that do not exist.
std::vector<Experiment> get(const git::Repository& git, const std::vector<std::string>& names);
// A branch, a tag, a commit or the name of an experiment, as a commit. Throws not_found.
std::string resolve(const git::Repository& git, const std::string& revision);

// The commits that revisions mean, each with `count` first parents (-1: all of them), in order and once.
struct Baselines {
  std::vector<std::string> revisions;
  int count = 1;
  bool all_branches = false;
  bool all_tags = false;
  bool all_commits = false;
};
std::vector<std::string> select(const git::Repository& git, const Baselines& wanted);
// What people call a commit: the branch that is checked out, a tag, a branch; or nothing.
std::optional<std::string> describe(const git::Repository& git, const std::string& commit);

// Throws already_exists, and invalid_argument for a name that no reference can have.
void check_name(const git::Repository& git, const std::string& baseline, const std::string& name, bool replace);
// Two words that no experiment of the baseline has.
std::string free_name(const git::Repository& git, const std::string& baseline);

void remove(const git::Repository& git, const Experiment& experiment);
void rename(const git::Repository& git, const Experiment& experiment, const std::string& name, bool replace);
// Makes a branch; its name. Throws invalid_argument when it exists.
std::string make_branch(const git::Repository& git, const std::string& experiment, const std::string& branch);

// The commit whose experiment was applied last.
inline constexpr std::string_view kApplied = "refs/exps/exec/EXEC_APPLY";

// The commit that is checked out. Throws failed_precondition before the first one.
std::string head_of(const git::Repository& git);

}  // namespace slipway::experiments
