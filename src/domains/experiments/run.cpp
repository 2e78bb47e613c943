#include "domains/experiments/run.h"

#include <filesystem>

#include "domains/data/add.h"
#include "domains/data/checkout.h"
#include "domains/data/paths.h"
#include "domains/data/status.h"
#include "domains/experiments/record.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/id.h"
#include "foundation/git/writing.h"

namespace slipway::experiments {

namespace {

namespace paths = data::paths;

struct Change {
  std::string path;
  std::string content;
};

// Nothing is written before everything is known to be right.
std::vector<Change> changes_of(const std::string& folder, const Overrides& overrides) {
  std::vector<Change> out;
  for (const auto& [file, list] : overrides) {
    const std::string path = paths::join(folder, file);
    const std::string before = files::exists(path) ? files::read(path) : "";
    out.push_back({path, apply(before, path, list)});
  }
  return out;
}

void write_overrides(const std::string& folder, const Overrides& overrides) {
  for (const Change& change : changes_of(folder, overrides)) files::write_atomic(change.path, change.content);
}

// A work tree beside the workspace, which goes away with this.
class Scratch {
 public:
  Scratch(data::Repository& repository, const Prepared& prepared) : git_(repository.history()) {
    RandomIdSource ids;
    folder_ = text::concat(repository.dvc_folder(), "/tmp/exps/standalone/", ids.hex(12));
    files::create_folders(paths::parent(folder_));
    try {
      git::create_scratch(git_, prepared.baseline, prepared.tree, folder_);
      root_ = paths::join(folder_, paths::relative(repository.root(), git_.work_folder()));
      share_cache(repository);
      data_ = std::make_unique<data::Repository>(root_, moved(repository.seen_from()));
    } catch (...) {
      remove();
      throw;
    }
  }
  ~Scratch() {
    data_.reset();
    remove();
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  data::Repository& data() { return *data_; }
  const std::string& folder() const { return folder_; }
  // Where a path of the workspace lies here.
  std::string moved(const std::string& path) const {
    return paths::inside(path, git_.work_folder()) ? paths::join(folder_, paths::relative(path, git_.work_folder()))
                                                   : path;
  }

 private:
  // The settings that Git does not keep, and the workspace's own cache.
  void share_cache(const data::Repository& repository) {
    const std::string from = data::config_path(data::ConfigLevel::kLocal, repository.dvc_folder());
    data::ConfigFile config = data::ConfigFile::parse(files::exists(from) ? files::read(from) : "", from);
    config.set("cache", "dir", repository.store().root());
    files::write_atomic(data::config_path(data::ConfigLevel::kLocal, root_ + "/.dvc"), config.write());
  }
  void remove() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  const git::Repository& git_;
  std::string folder_;
  std::string root_;
  std::unique_ptr<data::Repository> data_;
};

// What data a run starts from is recorded, so that the commit names it.
void record_data(data::Repository& repository, const std::vector<size_t>& plan) {
  std::vector<std::string> changed;
  const data::StageIndex index = repository.load_index();
  for (const size_t number : plan) {
    const data::Stage& stage = index.stages()[number];
    if (!stage.is_data() || stage.is_import()) continue;
    bool there = true;
    for (const data::Output& out : stage.outs) there = there && files::exists(out.absolute);
    if (there && !data::stage_status(repository, stage).empty())
      changed.push_back(stage.address(repository.seen_from()));
  }
  if (!changed.empty()) data::commit(repository, changed, {true, {}});
}

// Outputs that are gone but kept in the cache come back, so that their stages need not run.
void restore_missing(data::Repository& repository, const std::vector<size_t>& plan) {
  const data::StageIndex index = repository.load_index();
  for (const size_t number : plan) {
    for (const data::Output& out : index.stages()[number].outs) {
      const bool wanted = out.cache && !out.record.hash.empty() && !files::exists(out.absolute);
      if (wanted && data::is_cached(repository.store(), out.record)) data::restore_output(repository, out);
    }
  }
}

// Runs what is in `work` and keeps the result in the repository that `git` is.
RunResult run_in(data::Repository& work, const git::Repository& git, const git::Repository& work_git,
                 const std::vector<std::string>& targets, const RunOptions& options, const Experiment& planned,
                 const std::string& root) {
  data::ReproduceOptions how = options.reproduce;
  how.environment["DVC_EXP_NAME"] = planned.name;
  how.environment["DVC_EXP_BASELINE_REV"] = planned.baseline;
  how.environment["DVC_ROOT"] = root;
  if (options.on_start && !how.dry) how.environment.merge(options.on_start(planned));
  const auto plan = [&] {
    const data::StageIndex index = work.load_index();
    return data::plan_stages(work, index, targets, how.plan);
  };
  if (!how.dry) {
    data::PlanOptions with_needs = how.plan;
    with_needs.single_item = false;
    record_data(work, data::plan_stages(work, work.load_index(), targets, with_needs));
    restore_missing(work, plan());
  }
  RunResult out;
  out.stages = data::reproduce(work, targets, how);
  const bool failed = out.stages.failed() && how.on_error != data::OnStageError::kIgnore;
  if (how.dry || failed || out.stages.interrupted) return out;
  const data::StageIndex index = work.load_index();
  git::TreeDraft draft(git);
  draft.take_tracked(work_git);
  for (const auto& list :
       {files_of_stages(index, plan(), work_git.work_folder()), declared_files(index, work_git.work_folder())}) {
    for (const std::string& path : list) draft.take(work_git, path);
  }
  const std::string message =
      options.message.empty() ? "dvc: commit experiment " + hash_of(out.stages.recorded) : options.message;
  out.experiment = keep(git, draft.write(), {planned.baseline, planned.name, message, how.force});
  if (options.scratch) {
    for (const std::string& path : work_git.status().untracked) {
      if (!draft.has(path)) out.untracked.push_back(path);
    }
  }
  return out;
}

Experiment plan_experiment(const git::Repository& git, const std::string& baseline, const RunOptions& options) {
  Experiment out{baseline, options.name, ""};
  if (out.name.empty()) out.name = free_name(git, baseline);
  check_name(git, baseline, out.name, options.reproduce.force);
  if (options.reproduce.on_message) {
    options.reproduce.on_message(text::concat("Reproducing experiment '", out.name, "'"));
  }
  return out;
}

}  // namespace

RunResult run(data::Repository& repository, const std::vector<std::string>& targets, const RunOptions& options) {
  const git::Repository& git = repository.history();
  if (options.scratch || options.reproduce.dry) {
    return run_prepared(repository, prepare(repository, options.overrides), targets, options);
  }
  const Experiment planned = plan_experiment(git, head_of(git), options);
  write_overrides(repository.seen_from(), options.overrides);
  return run_in(repository, git, git, targets, options, planned, repository.root());
}

Prepared prepare(data::Repository& repository, const Overrides& overrides) {
  const git::Repository& git = repository.history();
  Prepared out{head_of(git), ""};
  // Data that changed is recorded here: the copy can take it from the cache only.
  const data::StageIndex index = repository.load_index();
  std::vector<size_t> all(index.stages().size());
  std::vector<Change> before;  // the workspace stays as it is
  for (size_t i = 0; i < all.size(); ++i) {
    all[i] = i;
    const data::Stage& stage = index.stages()[i];
    if (stage.is_data() && files::exists(stage.file)) before.push_back({stage.file, files::read(stage.file)});
  }
  record_data(repository, all);
  const std::vector<Change> changes = changes_of(repository.seen_from(), overrides);
  git::TreeDraft draft(git);
  draft.take_tracked(git);
  for (const Change& change : changes) {
    draft.put(paths::relative(change.path, git.work_folder()), change.content);
  }
  out.tree = draft.write();
  for (const Change& file : before) {
    if (files::read(file.path) != file.content) files::write_atomic(file.path, file.content);
  }
  return out;
}

RunResult run_prepared(data::Repository& repository, const Prepared& prepared, const std::vector<std::string>& targets,
                       const RunOptions& options) {
  const git::Repository& git = repository.history();
  const Experiment planned = plan_experiment(git, prepared.baseline, options);
  Scratch scratch(repository, prepared);
  for (const std::string& path : options.copy_paths) {
    const std::string from = paths::join(repository.seen_from(), path);
    if (!files::exists(from)) throw not_found("Unable to copy '", path, "'. It is not a file or directory.");
    files::create_folders(paths::parent(scratch.moved(from)));
    std::filesystem::copy(from, scratch.moved(from),
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  }
  data::CheckoutOptions checkout;
  checkout.force = true;
  checkout.allow_missing = true;
  data::checkout(scratch.data(), {}, checkout);
  const git::Repository work(scratch.folder());
  RunOptions here = options;
  here.scratch = true;
  RunResult out = run_in(scratch.data(), git, work, targets, here, planned, repository.root());
  scratch.data().finish();
  return out;
}

SaveResult save(data::Repository& repository, const SaveOptions& options) {
  const git::Repository& git = repository.history();
  NewExperiment wanted{head_of(git), options.name, options.message, options.replace};
  if (wanted.name.empty()) wanted.name = free_name(git, wanted.baseline);
  check_name(git, wanted.baseline, wanted.name, options.replace);
  data::commit(repository, options.targets, {true, {}});
  const data::StageIndex index = repository.load_index();
  git::TreeDraft draft(git);
  draft.take_tracked(git);
  for (const auto& list : {lock_files(index, git.work_folder()), declared_files(index, git.work_folder())}) {
    for (const std::string& path : list) draft.take(git, path, true);
  }
  for (const std::string& path : options.include_untracked) {
    const std::string absolute = paths::join(repository.seen_from(), path);
    if (!files::exists(absolute)) throw not_found("'", path, "' does not exist");
    draft.take(git, paths::relative(absolute, git.work_folder()), true);
  }
  if (wanted.message.empty()) wanted.message = "dvc: commit experiment " + hash_of(index.stages());
  SaveResult out{keep(git, draft.write(), wanted), {}};
  for (const std::string& path : git.status().untracked) {
    if (!draft.has(path)) out.untracked.push_back(path);
  }
  return out;
}

}  // namespace slipway::experiments
