#include "domains/experiments/record.h"

#include "domains/data/lockfile.h"
#include "domains/data/paths.h"
#include "foundation/base/error.h"
#include "foundation/base/hash.h"
#include "foundation/git/writing.h"

namespace slipway::experiments {

namespace {

namespace paths = data::paths;

// Adds a path as Git names it, when it lies in the work tree.
void add(const std::string& absolute, const std::string& git_root, std::vector<std::string>& out) {
  if (paths::inside(absolute, git_root) && absolute != git_root) out.push_back(paths::relative(absolute, git_root));
}

// Where a plot of dvc.yaml reads from: its id, or the files that are the keys of its y.
std::vector<std::string> sources_of(const data::Value& plot) {
  if (plot.is_string()) return {plot.text()};
  std::vector<std::string> out;
  for (const data::Member& member : plot.members()) {
    const data::Value* y = member.value.find("y");
    if (y == nullptr || !y->is_map()) {
      out.push_back(member.key);
      continue;
    }
    for (const data::Member& file : y->members()) out.push_back(file.key);
  }
  return out;
}

}  // namespace

std::vector<std::string> files_of_stages(const data::StageIndex& index, const std::vector<size_t>& stages,
                                         const std::string& git_root) {
  std::vector<std::string> out;
  for (const size_t number : stages) {
    const data::Stage& stage = index.stages()[number];
    add(stage.file, git_root, out);
    if (!stage.name.empty()) add(data::lock_path_of(stage.file), git_root, out);
    for (const data::Dependency& dep : stage.deps) {
      if (!dep.outside && index.find_owner(dep.absolute) == nullptr) add(dep.absolute, git_root, out);
    }
    for (const data::ParamsDependency& params : stage.params) add(params.absolute, git_root, out);
    for (const data::Output& output : stage.outs) {
      if (!output.cache) add(output.absolute, git_root, out);
    }
  }
  return out;
}

std::vector<std::string> declared_files(const data::StageIndex& index, const std::string& git_root) {
  std::vector<std::string> out;
  for (const data::PipelineFile& file : index.pipelines()) {
    const auto add_all = [&](const std::vector<std::string>& named) {
      for (const std::string& path : named) add(paths::join(paths::parent(file.path), path), git_root, out);
    };
    add_all(file.metrics);
    add_all(file.params);
    for (const data::Value& plot : file.plots.items()) add_all(sources_of(plot));
  }
  return out;
}

std::vector<std::string> lock_files(const data::StageIndex& index, const std::string& git_root) {
  std::vector<std::string> out;
  for (const data::PipelineFile& file : index.pipelines()) add(data::lock_path_of(file.path), git_root, out);
  return out;
}

std::string hash_of(const std::vector<data::Stage>& stages) {
  data::Value entries = data::Value::map();
  for (const data::Stage& stage : stages) {
    if (!stage.is_data()) entries.set(stage.name, data::lock_entry(stage));
  }
  return hash_hex(HashKind::kSha256, data::python_json(entries));
}

Experiment keep(const git::Repository& git, const std::string& tree, const NewExperiment& wanted) {
  const std::string reference = reference_of(wanted.baseline, wanted.name);
  if (const auto known = git.find_commit(reference); known && !wanted.replace) {
    if (git.get_commit(*known).tree == tree) return {wanted.baseline, wanted.name, *known};
    check_name(git, wanted.baseline, wanted.name, false);
  }
  const std::string commit = git::create_commit(git, {tree, {wanted.baseline}, wanted.message});
  git::set_reference(git, reference, commit);
  return {wanted.baseline, wanted.name, commit};
}

}  // namespace slipway::experiments
