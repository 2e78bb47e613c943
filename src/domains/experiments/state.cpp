#include "domains/experiments/state.h"

#include <algorithm>

#include "domains/data/paths.h"
#include "domains/data/reports.h"
#include "foundation/base/error.h"

namespace slipway::experiments {

namespace {

void collect_data(const data::StageIndex& index, const std::string& root, State& out) {
  for (const data::Stage& stage : index.stages()) {
    for (const data::Dependency& dep : stage.deps) {
      if (dep.outside) continue;
      out.deps.push_back({data::paths::relative(dep.absolute, root), dep.record, true, false});
    }
    for (const data::Output& output : stage.outs) {
      if (output.metric || output.plot) continue;
      out.outs.push_back({data::paths::relative(output.absolute, root), output.record, output.cache, stage.is_data()});
    }
  }
}

// From the tip to where it started.
std::vector<State> states_of(data::Repository& repository, const Experiment& experiment, bool only_dependencies) {
  std::vector<State> out;
  std::string at = experiment.commit;
  while (at != experiment.baseline) {
    out.push_back(read_state(repository, at, only_dependencies));
    const std::vector<std::string> parents = repository.history().get_commit(at).parents;
    if (parents.empty()) return {};  // does not come from its baseline
    at = parents.front();
  }
  return out;
}

std::vector<Run> runs_of(data::Repository& repository, const std::string& baseline, bool only_dependencies) {
  std::vector<Run> out;
  for (const Experiment& experiment : list_of(repository.history(), baseline)) {
    Run run{experiment.name, "", states_of(repository, experiment, only_dependencies)};
    if (run.states.empty()) continue;
    run.states.front().name = experiment.name;
    out.push_back(std::move(run));
  }
  std::stable_sort(out.begin(), out.end(), [](const Run& a, const Run& b) {
    const auto key = [](const Run& run) {
      return std::pair(run.states.front().time_s.value_or(0), run.states.front().revision);
    };
    return key(a) > key(b);
  });
  return out;
}

}  // namespace

State read_state(data::Repository& repository, const std::string& revision, bool only_dependencies) {
  State out;
  out.revision = revision;
  const bool workspace = revision == "workspace";
  data::ReportOptions options;
  options.seen_from = repository.root();
  options.only_dependencies = only_dependencies;
  try {
    if (!workspace) out.time_s = repository.history().get_commit(revision).committer.time_s;
    collect_data(workspace ? repository.load_index() : repository.load_index(revision), repository.root(), out);
    out.params = data::read_report(repository, data::ReportKind::kParameters, revision, options).files;
    out.metrics = data::read_report(repository, data::ReportKind::kMetrics, revision, options).files;
  } catch (const Error& error) {
    out.error = error.what();
  }
  return out;
}

std::vector<Baseline> collect(data::Repository& repository, const CollectOptions& options) {
  std::vector<Baseline> out;
  const git::Repository& git = repository.history();
  if (!git.find_commit("HEAD")) return out;
  if (options.workspace) out.push_back({read_state(repository, "workspace", options.only_dependencies), {}});
  for (const std::string& commit : select(git, options.baselines)) {
    Baseline baseline{read_state(repository, commit), runs_of(repository, commit, options.only_dependencies)};
    if (options.names) baseline.state.name = describe(git, commit).value_or("");
    out.push_back(std::move(baseline));
  }
  return out;
}

}  // namespace slipway::experiments
