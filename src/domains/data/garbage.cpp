#include "domains/data/garbage.h"

#include <set>

#include "domains/data/folder_tree.h"
#include "domains/data/paths.h"
#include "domains/data/remote_objects.h"
#include "foundation/base/error.h"
#include "foundation/base/log.h"

namespace slipway::data {

namespace {

class Used {
 public:
  explicit Used(const GarbageOptions& options) : options_(options) {}

  void add(Repository& repository, const StageIndex& index) {
    for (const Stage& stage : index.stages()) {
      for (const Output& output : stage.outs) {
        if (output.cache && !output.record.hash.empty()) add(repository, output, stage.is_repository_import());
      }
    }
  }
  bool contains(const std::string& hash, ObjectKind kind) const { return names_.contains({hash, kind}); }

 private:
  void add(Repository& repository, const Output& output, bool is_import) {
    const Record& record = output.record;
    const bool is_fresh = names_.insert({record.hash, record.kind()}).second;
    if (!is_fresh || !record.is_folder()) return;
    for (const TreeEntry& entry : tree_of(repository, output, is_import).entries) {
      names_.insert({entry.md5, record.kind()});
    }
  }

  // Without the list nobody knows which files of the cache belong to the folder: they would all go.
  Tree tree_of(Repository& repository, const Output& output, bool is_import) const {
    std::string reason;
    try {
      if (auto found = find_folder_tree(repository, output)) return std::move(*found);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kDataLoss) throw;
      reason = text::concat(" (", error.what(), ")");
    }
    // What was imported comes again from where it was imported.
    if (is_import) return {};
    const std::string shown = repository.shown(output.absolute);
    const std::string missing =
        text::concat("Missing cache for directory '", shown, "'", reason, ". Cache for files inside will be lost.");
    if (options_.force) {
      log::warning(missing);
      return {};
    }
    if (options_.confirm && options_.confirm(missing + " Would you like to continue? Use '-f' to force.")) return {};
    throw failed_precondition("unable to fully collect used cache without cache for directory '", shown, "'", reason,
                              "; bring it with `slipway fetch` first");
  }

  const GarbageOptions& options_;
  std::set<ObjectName> names_;
};

void add_tips(const git::Repository& history, const std::string& prefix, size_t commits, std::set<std::string>& out) {
  for (const git::Reference& reference : history.references(prefix)) {
    for (const git::Commit& commit : history.log({reference.commit}, {commits, true})) out.insert(commit.id);
  }
}

std::set<std::string> kept_commits(Repository& repository, const GarbageOptions& options) {
  std::set<std::string> out;
  const bool any = options.all_branches || options.all_tags || options.all_commits || options.all_experiments ||
                   !options.rev.empty() || options.since_s;
  if (!any) return out;
  const git::Repository& history = repository.history();
  if (!options.rev.empty()) {
    const auto commit = history.find_commit(options.rev);
    if (!commit) throw not_found("unknown Git revision '", options.rev, "'");
    for (const git::Commit& one : history.log({*commit}, {options.commits, true})) out.insert(one.id);
  }
  if (options.all_branches) add_tips(history, "refs/heads/", options.commits, out);
  if (options.all_tags) add_tips(history, "refs/tags/", 1, out);
  if (options.all_experiments) add_tips(history, "refs/exps/", 1, out);
  if (!options.all_commits && !options.since_s) return out;
  std::vector<std::string> tips;
  for (const git::Reference& reference : history.references("refs/")) tips.push_back(reference.commit);
  if (const auto head = history.find_commit("HEAD")) tips.push_back(*head);
  for (const git::Commit& commit : history.log(tips)) {
    if (options.all_commits || commit.committer.time_s >= *options.since_s) out.insert(commit.id);
  }
  return out;
}

void add_versions(Repository& repository, const GarbageOptions& options, Used& used) {
  used.add(repository, repository.load_index());
  for (const std::string& commit : kept_commits(repository, options)) {
    try {
      used.add(repository, repository.load_index(commit));
    } catch (const Error& error) {
      if (!options.skip_failed) throw;
      log::warning(text::concat("skipping commit ", commit.substr(0, 7), ": ", error.what()));
    }
  }
}

size_t sweep(const ObjectStore& store, ObjectKind kind, const Used& used, bool dry) {
  std::vector<std::string> folders;
  std::vector<std::string> files;
  for (std::string& hash : store.list(kind)) {
    if (!used.contains(hash, kind)) (is_tree_hash(hash) ? folders : files).push_back(std::move(hash));
  }
  if (!dry) {
    // Folders first: where the object of a folder is, all of the folder has to be.
    for (const auto* list : {&folders, &files}) {
      for (const std::string& hash : *list) store.remove(hash, kind);
    }
  }
  return folders.size() + files.size();
}

}  // namespace

GarbageResult collect_garbage(Repository& repository, const GarbageOptions& options) {
  const RepositoryLock lock = repository.lock();
  Used used(options);
  add_versions(repository, options, used);
  for (const std::string& project : options.projects) {
    const std::string folder = paths::join(repository.seen_from(), project);
    const auto root = Repository::discover(folder);
    if (!root) throw not_found("'", project, "' is no repository of tracked data");
    if (*root == repository.root()) continue;
    Repository other(*root);
    const RepositoryLock other_lock = other.lock();
    add_versions(other, options, used);
  }
  GarbageResult out;
  out.current = sweep(repository.store(), ObjectKind::kCurrent, used, options.dry);
  out.legacy = sweep(repository.store(), ObjectKind::kLegacy, used, options.dry);
  if (!options.dry) repository.store().remove_leftovers();
  return out;
}

}  // namespace slipway::data
