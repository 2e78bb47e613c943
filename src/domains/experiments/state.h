// What experiments are made of and what they gave, without checking them out: parameters, metrics, dependencies and
// outputs of the workspace, of commits and of their experiments.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/data/repository.h"
#include "domains/data/value.h"
#include "domains/experiments/references.h"

namespace slipway::experiments {

struct DataState {
  std::string path;  // from the root
  data::Record record;
  bool cache = true;
  bool source = false;  // not made by a stage
};

struct State {
  std::string revision;  // "workspace" or a commit
  std::string name;
  std::optional<int64_t> time_s;
  // By file a map with "data" or "error".
  data::Value params = data::Value::map();
  data::Value metrics = data::Value::map();
  std::vector<DataState> deps;
  std::vector<DataState> outs;  // without metrics and plots
  std::optional<std::string> error;
};

struct Run {
  std::string name;
  std::string status;         // "", "running", "queued", "failed"
  std::vector<State> states;  // the last commit first
};

struct Baseline {
  State state;
  std::vector<Run> runs;  // newest first
};

struct CollectOptions {
  Baselines baselines;
  bool workspace = true;
  bool names = true;  // of the baselines
  bool only_dependencies = false;
};

// The workspace first, if wanted. Empty before the first commit.
std::vector<Baseline> collect(data::Repository& repository, const CollectOptions& options);
State read_state(data::Repository& repository, const std::string& revision, bool only_dependencies = false);

}  // namespace slipway::experiments
