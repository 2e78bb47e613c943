#include "domains/data/checkout.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "domains/data/parallel.h"
#include "domains/data/paths.h"
#include "domains/data/status.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/log.h"
#include "foundation/base/progress.h"

namespace slipway::data {

namespace {

// One file as it is or as it should be; a tracked file has the empty path, those of a folder theirs in it.
using Content = std::map<std::string, std::string>;

Content content_of(const Fingerprint& found) {
  Content out;
  if (!found.file_count) out.emplace("", found.hash);
  for (const TreeEntry& entry : found.tree.entries) out.emplace(entry.path, entry.md5);
  return out;
}

Content content_of(const ObjectStore& store, const Record& record) {
  Content out;
  if (!record.is_folder()) {
    out.emplace("", record.hash);
    return out;
  }
  for (const TreeEntry& entry : store.read_tree(record.hash, record.kind()).entries) out.emplace(entry.path, entry.md5);
  return out;
}

struct Change {
  std::string path;  // in the output; empty for a tracked file
  std::string md5;
};

// What has to happen to one output.
struct Plan {
  const Output* output = nullptr;
  bool existed = false;
  bool was_folder = false;
  std::vector<Change> remove;   // with the hash that is there now
  std::vector<Change> replace;  // with the hash that is there now
  std::vector<Change> place;    // with the hash to put there
  size_t added = 0;
  bool set_executable = false;  // nothing else of the file differs

  bool empty() const {
    return remove.empty() && place.empty() && !set_executable && existed && was_folder == output->record.is_folder();
  }
  std::string full(const std::string& path) const {
    return path.empty() ? output->absolute : output->absolute + "/" + path;
  }
};

Plan plan_of(Repository& repository, const Output& output, const std::string& only, bool relink) {
  Plan out;
  out.output = &output;
  const auto found = repository.look(output.absolute, output.record);
  out.existed = found.has_value();
  out.was_folder = found && found->file_count;
  const Content now = found ? content_of(*found) : Content();
  const Content wanted = content_of(repository.store(), output.record);
  const auto chosen = [&](const std::string& path) { return only.empty() || paths::inside(out.full(path), only); };
  for (const auto& [path, md5] : now) {
    if (chosen(path) && !wanted.contains(path)) out.remove.push_back({path, md5});
  }
  for (const auto& [path, md5] : wanted) {
    if (!chosen(path)) continue;
    const auto here = now.find(path);
    const bool same = here != now.end() && here->second == md5;
    if (same && !(relink && !repository.store().is_placed_as(md5, out.full(path), repository.links().front())))
      continue;
    if (here == now.end()) {
      ++out.added;
    } else if (!same) {
      out.replace.push_back({path, here->second});
    }
    out.place.push_back({path, md5});
  }
  out.set_executable = out.place.empty() && out.remove.empty() && found && output.record.executable &&
                       !output.record.is_folder() && !found->executable;
  return out;
}

void check_unsaved(Repository& repository, const std::vector<Plan>& plans) {
  std::vector<std::string> unsaved;
  for (const Plan& plan : plans) {
    for (const auto* list : {&plan.remove, &plan.replace}) {
      for (const Change& change : *list) {
        if (!repository.store().contains(change.md5, plan.output->record.kind()))
          unsaved.push_back(plan.full(change.path));
      }
    }
  }
  if (unsaved.empty()) return;
  throw failed_precondition("Can't remove the following unsaved files without confirmation. Use `--force` to force.\n",
                            text::join(unsaved, "\n"));
}

bool objects_present(Repository& repository, const Plan& plan) {
  return std::all_of(plan.place.begin(), plan.place.end(), [&](const Change& change) {
    return repository.store().contains(change.md5, plan.output->record.kind());
  });
}

// Empty folders below `folder` go; it stays itself.
void drop_empty_folders(const std::string& folder) {
  std::vector<std::string> folders;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, ignored)) {
    if (entry.is_directory() && !entry.is_symlink()) folders.push_back(entry.path().string());
  }
  for (auto at = folders.rbegin(); at != folders.rend(); ++at) ::rmdir(at->c_str());
}

void apply(Repository& repository, const Plan& plan) {
  const Output& output = *plan.output;
  for (const Change& change : plan.remove) ::unlink(plan.full(change.path).c_str());
  if (plan.existed && plan.was_folder && !output.record.is_folder()) std::filesystem::remove_all(output.absolute);
  if (output.record.is_folder()) {
    if (!plan.remove.empty() && plan.was_folder) drop_empty_folders(output.absolute);
    files::create_folders(output.absolute);
  }
  std::set<std::string> folders;
  for (const Change& change : plan.place) folders.insert(paths::parent(plan.full(change.path)));
  for (const std::string& folder : folders) {
    // A file where a folder must be was judged above: it is among what is removed.
    files::create_folders(folder);
  }
  const auto links = output.cache ? repository.links() : std::vector<LinkKind>{LinkKind::kReflink, LinkKind::kCopy};
  log::debug("checking out", {{"path", repository.shown(output.absolute)},
                              {"to_place", text::concat(plan.place.size())},
                              {"to_remove", text::concat(plan.remove.size())}});
  Progress progress(text::concat("Checking out ", repository.shown(output.absolute)), plan.place.size());
  std::vector<FileStamp> stamps(plan.place.size());
  parallel_for(plan.place.size(), default_jobs(), [&](size_t i) {
    const Change& change = plan.place[i];
    const std::string target = plan.full(change.path);
    repository.store().place(change.md5, target, links, output.record.executable && change.path.empty(),
                             output.record.kind());
    struct stat info {};
    if (::stat(target.c_str(), &info) == 0) stamps[i] = FileStamp::of(info);
    progress.add();
  });
  for (size_t i = 0; i < plan.place.size() && !output.record.legacy; ++i) {
    const std::string key = paths::relative(plan.full(plan.place[i].path), repository.root());
    repository.state().remember(key, stamps[i], plan.place[i].md5);
  }
  if (plan.set_executable) make_executable(output.absolute);
  repository.note_placed(output.absolute);
}

std::string shown_out(Repository& repository, const std::string& path) {
  const std::string shown = repository.shown(path);
  return paths::is_folder(path) ? shown + "/" : shown;
}

// Outputs of other versions that nothing tracks any more, as far as the cache holds them.
void remove_untracked(Repository& repository, const StageIndex& index, CheckoutResult& result) {
  for (const std::string& link : repository.placed()) {
    const std::string path = paths::join(repository.root(), link);
    // What lies in a tracked folder or around tracked data is no business of its own.
    if (index.find_owner(path) != nullptr) continue;
    // Git keeps it now.
    if (repository.git() != nullptr && repository.git()->is_tracked(path)) continue;
    repository.forget_placed(path);
    const auto found = repository.look(path, Record::of(Fingerprint()));
    if (!found || !is_cached(repository.store(), Record::of(*found))) continue;
    result.deleted.push_back(shown_out(repository, path));
    ++result.deleted_files;
    std::filesystem::remove_all(path);
  }
}

void sort_shown(std::vector<std::string>& list) {
  std::sort(list.begin(), list.end(), [](const std::string& a, const std::string& b) {
    const bool folder_a = a.ends_with('/');
    const bool folder_b = b.ends_with('/');
    return folder_a != folder_b ? folder_a : a < b;
  });
}

std::vector<Target> chosen_targets(Repository& repository, const StageIndex& index,
                                   const std::vector<std::string>& targets) {
  std::vector<Target> out;
  for (const std::string& target : targets) {
    for (const Target& found : index.find_targets(target, repository.seen_from())) out.push_back(found);
  }
  for (size_t i = 0; targets.empty() && i < index.stages().size(); ++i) out.push_back({i, ""});
  return out;
}

void note(Repository& repository, const Plan& plan, CheckoutResult& result) {
  result.added_files += plan.added;
  result.modified_files += plan.replace.size() + (plan.set_executable ? 1 : 0);
  result.deleted_files += plan.remove.size();
  const bool relinked_only =
      plan.existed && plan.added == 0 && plan.replace.empty() && plan.remove.empty() && !plan.set_executable;
  if (relinked_only && plan.was_folder == plan.output->record.is_folder()) return;
  (plan.existed ? result.modified : result.added).push_back(shown_out(repository, plan.output->absolute));
}

}  // namespace

CheckoutResult checkout(Repository& repository, const std::vector<std::string>& targets,
                        const CheckoutOptions& options) {
  const RepositoryLock lock = repository.lock();
  const StageIndex index = repository.load_index();
  CheckoutResult result;
  std::vector<Plan> plans;
  std::vector<std::string> touched;
  for (const Target& target : chosen_targets(repository, index, targets)) {
    for (const Output& output : index.stages()[target.stage].outs) {
      const bool wanted = target.only.empty() || paths::overlap(target.only, output.absolute);
      if (!wanted || !output.cache || output.record.hash.empty()) continue;
      if (output.record.is_folder() && !repository.store().contains(output.record.hash, output.record.kind())) {
        // Without the folder's object nobody knows what it should hold.
        const auto now = repository.look(output.absolute, output.record);
        if (!now || now->hash != output.record.hash) result.failed.push_back(repository.shown(output.absolute));
        continue;
      }
      plans.push_back(plan_of(repository, output, target.only, options.relink));
      touched.push_back(output.absolute);
    }
  }
  if (!options.force) check_unsaved(repository, plans);
  const FileLocks busy(repository.dvc_folder() + "/tmp", "slipway checkout", {}, touched);
  if (targets.empty()) remove_untracked(repository, index, result);
  for (const Plan& plan : plans) {
    if (plan.empty()) continue;
    if (!objects_present(repository, plan)) {
      result.failed.push_back(repository.shown(plan.output->absolute));
      continue;
    }
    apply(repository, plan);
    note(repository, plan, result);
  }
  for (auto* list : {&result.modified, &result.added, &result.deleted}) sort_shown(*list);
  return result;
}

void restore_output(Repository& repository, const Output& output) {
  const Plan plan = plan_of(repository, output, "", false);
  if (!plan.empty()) apply(repository, plan);
}

}  // namespace slipway::data
