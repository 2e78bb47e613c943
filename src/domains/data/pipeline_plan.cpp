#include "domains/data/pipeline_plan.h"

#include <fnmatch.h>

#include <algorithm>
#include <set>

#include "domains/data/paths.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::data {

namespace {

class Planner {
 public:
  Planner(Repository& repository, const StageIndex& index, const PlanOptions& options)
      : repository_(repository), index_(index), options_(options) {}

  std::vector<size_t> plan(const std::vector<std::string>& targets) {
    if (options_.all_pipelines) return index_.run_order({});
    const std::vector<size_t> wanted = collect(targets);
    if (wanted.empty()) return {};
    if (options_.pipeline) return index_.order_of(index_.connected_with(wanted));
    if (options_.single_item) return wanted;
    if (options_.downstream) return index_.downstream_order(wanted);
    return index_.run_order(wanted);
  }

 private:
  std::vector<size_t> collect(const std::vector<std::string>& targets) {
    std::vector<size_t> out;
    std::set<size_t> seen;
    for (const std::string& name : targets.empty() ? std::vector<std::string>{"dvc.yaml"} : targets) {
      for (const size_t stage : collect_one(name)) {
        if (seen.insert(stage).second) out.push_back(stage);
      }
    }
    return out;
  }

  std::vector<size_t> collect_one(const std::string& name) {
    const std::string path = paths::join(repository_.seen_from(), name);
    std::vector<size_t> out;
    if (options_.recursive && paths::is_folder(path)) {
      for (const size_t stage : index_.run_order({})) {
        if (paths::inside(index_.stages()[stage].file, path)) out.push_back(stage);
      }
      return out;
    }
    if (name.ends_with("dvc.yaml") && files::exists(path)) {
      // An existing dvc.yaml without stages is nothing to do, not a mistake.
      for (size_t i = 0; i < index_.stages().size(); ++i) {
        if (index_.stages()[i].file == path) out.push_back(i);
      }
      return out;
    }
    if (options_.glob) return matching(name);
    for (const Target& found : targets_of(name)) out.push_back(found.stage);
    return out;
  }

  std::vector<size_t> matching(const std::string& name) const {
    const size_t colon = name.rfind(':');
    const std::string file =
        paths::join(repository_.seen_from(), colon == std::string::npos ? "dvc.yaml" : name.substr(0, colon));
    const std::string pattern = colon == std::string::npos ? name : name.substr(colon + 1);
    std::vector<size_t> out;
    for (size_t i = 0; i < index_.stages().size(); ++i) {
      const Stage& stage = index_.stages()[i];
      if (stage.file == file && ::fnmatch(pattern.c_str(), stage.name.c_str(), 0) == 0) out.push_back(i);
    }
    return out;
  }

  std::vector<Target> targets_of(const std::string& name) {
    try {
      return index_.find_targets(name, repository_.seen_from());
    } catch (const Error&) {
      const size_t colon = name.rfind(':');
      const std::string file = colon == std::string::npos ? "dvc.yaml" : name.substr(0, colon);
      const std::string stage = colon == std::string::npos ? name : name.substr(colon + 1);
      if (name.ends_with(".dvc") || name.ends_with("dvc.yaml")) {
        throw not_found("'", paths::join(repository_.seen_from(), name), "' does not exist");
      }
      const bool here = files::exists(paths::join(repository_.seen_from(), file));
      throw not_found(here ? text::concat("Stage '", stage, "' not found inside '", file, "' file")
                           : text::concat("'", file, "' does not exist"));
    }
  }

  Repository& repository_;
  const StageIndex& index_;
  const PlanOptions& options_;
};

}  // namespace

std::vector<size_t> plan_stages(Repository& repository, const StageIndex& index,
                                const std::vector<std::string>& targets, const PlanOptions& options) {
  return Planner(repository, index, options).plan(targets);
}

}  // namespace slipway::data
