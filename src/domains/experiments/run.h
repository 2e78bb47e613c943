// Runs the pipeline as an experiment: with changed parameters, in the workspace or in a copy of it, and keeps the
// result as a commit that no branch holds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/data/pipeline.h"
#include "domains/experiments/overrides.h"
#include "domains/experiments/references.h"

namespace slipway::experiments {

struct RunOptions {
  data::ReproduceOptions reproduce;
  std::string name;     // empty: two words
  std::string message;  // of the commit; empty: as dvc words it
  Overrides overrides;
  bool scratch = false;                 // in a copy that goes away afterwards
  std::vector<std::string> copy_paths;  // ignored or untracked files that the copy needs, seen from where the user is
  // Called when the experiment has its name, before anything runs. What it gives is added to the commands' environment.
  std::function<std::map<std::string, std::string>(const Experiment& planned)> on_start;
};

struct RunResult {
  data::ReproduceResult stages;
  std::optional<Experiment> experiment;  // nothing when it failed, was interrupted or was a rehearsal
  std::vector<std::string> untracked;    // files that were there and are not in the commit
};

// Throws as reproduce does, already_exists when the name is taken, failed_precondition without Git or its first commit.
RunResult run(data::Repository& repository, const std::vector<std::string>& targets, const RunOptions& options);

// One that was prepared before: the tree to start from, and the commit it starts at.
struct Prepared {
  std::string baseline;
  std::string tree;
};
// The workspace with changed parameters, nothing run. Used by queues.
Prepared prepare(data::Repository& repository, const Overrides& overrides);
RunResult run_prepared(data::Repository& repository, const Prepared& prepared, const std::vector<std::string>& targets,
                       const RunOptions& options);

struct SaveOptions {
  std::vector<std::string> targets;
  std::string name;
  std::string message;
  bool replace = false;
  std::vector<std::string> include_untracked;  // seen from where the user is
};
struct SaveResult {
  Experiment experiment;
  std::vector<std::string> untracked;
};
// The workspace as it is; data and stages are recorded first.
SaveResult save(data::Repository& repository, const SaveOptions& options);

// Brings the workspace to an experiment (or any revision); HEAD and the index stay. What was changed and is not in it
// stays, the rest of what was changed can be had back from refs/exps/apply/stash. Throws not_found.
void apply(data::Repository& repository, const std::string& revision);

}  // namespace slipway::experiments
