#include "domains/data/add.h"

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "domains/data/dvcfile.h"
#include "domains/data/params.h"
#include "domains/data/paths.h"
#include "domains/data/pipeline_file.h"
#include "domains/data/status.h"
#include "domains/data/tracking.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::data {

namespace {

std::vector<std::string> expand(const std::vector<std::string>& targets, const std::string& from, bool patterns) {
  std::vector<std::string> out;
  for (const std::string& target : targets) {
    const std::string path = paths::join(from, target);
    if (!patterns) {
      out.push_back(path);
      continue;
    }
    glob_t found{};
    if (::glob(path.c_str(), 0, nullptr, &found) == 0) {
      for (size_t i = 0; i < found.gl_pathc; ++i) {
        const std::string match = found.gl_pathv[i];
        if (!match.ends_with(".dvc")) out.push_back(match);
      }
    }
    ::globfree(&found);
  }
  return out;
}

// The stage that records `path`: an existing one, or a new one beside it.
Stage stage_for(Repository& repository, const StageIndex& index, const std::string& path) {
  if (const Stage* owner = index.find_owner(path)) {
    const std::string shown = repository.shown(path);
    const std::string address = owner->address(repository.seen_from());
    const bool holds = std::any_of(owner->outs.begin(), owner->outs.end(),
                                   [&](const Output& out) { return paths::inside(path, out.absolute); });
    if (!holds) {
      throw failed_precondition("Cannot add '", shown, "', because it is overlapping with other DVC tracked output: '",
                                repository.shown(owner->outs.front().absolute), "'.\nTo include it in '", shown,
                                "', run 'dvc remove ", address, "' and then 'dvc add ", shown, "'");
    }
    if (owner->is_data()) return *owner;
    throw failed_precondition("cannot update '", shown, "': overlaps with an output of stage: '", address, "' in '",
                              repository.shown(owner->file),
                              "'.\nRun the pipeline or use 'dvc commit' to force update it.");
  }
  Stage out;
  out.file = path + ".dvc";
  out.folder = paths::parent(path);
  if (files::exists(out.file)) out = read_dvc_file(out.file);
  if (out.outs.empty()) {
    Output output;
    output.path = paths::name(path);
    output.absolute = path;
    out.outs.push_back(std::move(output));
  }
  check_git(repository, path, out.file);
  return out;
}

// What is gone from a tracked folder can be added: that takes it out of the record.
void check_present(Repository& repository, const StageIndex& index, const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) == 0) return;
  const Stage* owner = index.find_owner(path);
  const bool is_part = owner != nullptr && std::any_of(owner->outs.begin(), owner->outs.end(), [&](const Output& out) {
                         return out.record.is_folder() && path != out.absolute && paths::inside(path, out.absolute) &&
                                paths::is_folder(out.absolute);
                       });
  if (!is_part) throw not_found("output '", repository.shown(path), "' does not exist");
}

std::vector<std::string> paths_of(const Stage& stage) {
  std::vector<std::string> out;
  for (const Output& output : stage.outs) out.push_back(output.absolute);
  return out;
}

}  // namespace

std::vector<Added> add(Repository& repository, const std::vector<std::string>& targets, const AddOptions& options) {
  const RepositoryLock lock = repository.lock();
  const std::vector<std::string> wanted = expand(targets, repository.seen_from(), options.glob);
  const StageIndex index = repository.load_index();
  // Two targets in one folder share its record: each takes up what the other one left.
  std::map<std::string, Stage> stages;
  std::vector<Stage*> stage_of;
  for (const std::string& path : wanted) {
    check_place(repository, path);
    check_present(repository, index, path);
    Stage found = stage_for(repository, index, path);
    const std::string file = found.file;
    stage_of.push_back(&stages.try_emplace(file, std::move(found)).first->second);
  }
  std::vector<Added> out;
  for (size_t i = 0; i < wanted.size(); ++i) {
    Stage& stage = *stage_of[i];
    const FileLocks busy(repository.dvc_folder() + "/tmp", "slipway add", {}, paths_of(stage));
    for (Output& output : stage.outs) {
      if (!paths::overlap(wanted[i], output.absolute)) continue;
      ScanOptions scanning = scan_options(repository, !options.no_commit && output.cache, options.relink);
      scanning.label = text::concat("Adding ", repository.shown(output.absolute));
      record_one(repository, output, wanted[i], scanning);
      if (output.cache) repository.ignore(output.absolute);
      repository.note_placed(output.absolute);
      out.push_back({repository.shown(wanted[i]), repository.shown(stage.file), output.record});
    }
    save_stage(repository, stage);
  }
  return out;
}

void record_outputs(Repository& repository, Stage& stage, bool store, bool relink) {
  for (Output& output : stage.outs) {
    ScanOptions options = scan_options(repository, store && output.cache, relink);
    options.label = text::concat("Saving ", repository.shown(output.absolute));
    output.record = Record::of(scan_present(repository, output.absolute, options));
    if (!output.cache) continue;
    if (repository.git() != nullptr && repository.git()->is_tracked(output.absolute))
      check_git(repository, output.absolute, stage.file);
    repository.ignore(output.absolute);
    repository.note_placed(output.absolute);
  }
}

void record_dependencies(Repository& repository, Stage& stage) {
  for (Dependency& dep : stage.deps) {
    if (dep.outside) continue;
    const auto found = repository.scanner().scan(dep.absolute, {});
    if (!found) throw not_found("dependency '", repository.shown(dep.absolute), "' does not exist");
    dep.record = Record::of(*found);
  }
  for (ParamsDependency& params : stage.params) {
    auto now = current_params(params);
    if (!now) throw not_found("dependency '", repository.shown(params.absolute), "' does not exist");
    std::vector<std::string> missing;
    for (const std::string& key : params.keys) {
      if (now->find(key) == nullptr) missing.push_back(key);
    }
    if (!missing.empty()) {
      throw not_found("Parameters '", text::join(missing, ", "), "' are missing from '", params.path, "'.");
    }
    params.recorded = std::move(*now);
  }
}

void commit(Repository& repository, const std::vector<std::string>& targets, const CommitOptions& options) {
  const RepositoryLock lock = repository.lock();
  StageIndex index = repository.load_index();
  std::vector<size_t> chosen;
  for (const std::string& target : targets) {
    for (const Target& found : index.find_targets(target, repository.seen_from())) chosen.push_back(found.stage);
  }
  if (targets.empty()) chosen = index.run_order({});
  for (const size_t i : chosen) {
    Stage& stage = index.stages()[i];
    const std::string address = stage.address(repository.seen_from());
    if (!options.force && is_changed(repository, stage)) {
      const bool agreed =
          options.confirm && options.confirm(text::concat("outputs or dependencies of stage: '", address,
                                                          "' changed. Are you sure you want to commit it?"));
      if (!agreed) {
        throw failed_precondition("unable to commit changed stage: '", address, "'. Use `-f|--force` to force.");
      }
    }
    if (!stage.is_import()) record_dependencies(repository, stage);
    record_outputs(repository, stage, true);
    save_stage(repository, stage);
  }
}

void remove(Repository& repository, const std::vector<std::string>& targets, bool with_outputs) {
  const RepositoryLock lock = repository.lock();
  for (const std::string& target : targets) {
    const StageIndex index = repository.load_index();
    const auto found = index.find_targets(target, repository.seen_from());
    if (!found.front().only.empty()) {
      throw invalid_argument("'", target, "' is not a .dvc file; did you mean '", target, ".dvc'?");
    }
    for (const Target& one : found) {
      const Stage& stage = index.stages()[one.stage];
      for (const Output& output : stage.outs) {
        if (output.cache) repository.stop_ignoring(output.absolute);
        repository.forget_placed(output.absolute);
        if (with_outputs) std::filesystem::remove_all(output.absolute);
      }
      if (stage.name.empty()) {
        std::filesystem::remove(stage.file);
      } else {
        remove_stage(stage.file, stage.name);
        LockFile lock_file = LockFile::load(lock_path_of(stage.file));
        if (lock_file.erase(stage.name)) lock_file.save();
      }
      repository.note_changed(stage.file);
    }
  }
}

}  // namespace slipway::data
