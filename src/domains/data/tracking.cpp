#include "domains/data/tracking.h"

#include <sys/stat.h>

#include "domains/data/dvcfile.h"
#include "domains/data/folder_tree.h"
#include "domains/data/lockfile.h"
#include "domains/data/paths.h"
#include "domains/data/pipeline_file.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"

namespace slipway::data {

namespace {

// What is known of the size when a part of the folder changed: the sum when it only grew.
std::optional<uint64_t> size_with(const Record& before, const std::string& hash, bool only_grew, uint64_t added) {
  if (hash == before.hash) return before.size;
  if (only_grew && before.size.value_or(0) > 0) return *before.size + added;
  return std::nullopt;
}

// Takes the state of one path into the recorded folder, and leaves the rest of it as recorded. What is gone goes.
void record_part(Repository& repository, Output& output, const std::string& path, const ScanOptions& options) {
  const Record& before = output.record;
  const std::string shown = repository.shown(output.absolute);
  if (!before.hash.empty() && !before.is_folder()) {
    throw failed_precondition("Cannot modify '", shown, "' which is being tracked as a file");
  }
  if (!before.hash.empty() && before.legacy) {
    throw failed_precondition("'", shown, "' was recorded by DVC 2, with hashes of another kind; record all of it ",
                              "once with `slipway add '", shown, "'`");
  }
  Tree tree = before.hash.empty() ? Tree() : folder_tree(repository, output);
  const auto part = repository.scanner().scan(path, options);
  const std::string prefix = paths::relative(path, output.absolute);
  const size_t replaced =
      std::erase_if(tree.entries, [&](const TreeEntry& entry) { return paths::inside(entry.path, prefix); });
  if (!part && replaced == 0) throw not_found("output '", repository.shown(path), "' does not exist");
  if (part && !part->file_count) tree.entries.push_back({prefix, part->hash});
  if (part) {
    for (const TreeEntry& entry : part->tree.entries) tree.entries.push_back({prefix + "/" + entry.path, entry.md5});
  }
  tree.sort();
  Record now;
  now.hash = tree.hash();
  now.file_count = tree.entries.size();
  now.size = size_with(before, now.hash, part && replaced == 0, part ? part->size : 0);
  output.record = now;
  if (options.store != nullptr) options.store->put(now.hash, tree.write());
}

}  // namespace

void check_place(Repository& repository, const std::string& path) {
  const std::string& root = repository.root();
  if (!paths::inside(path, root)) {
    throw invalid_argument("Cached output(s) outside of DVC project: ", path, ". Move it below ", root);
  }
  if (path == root) throw invalid_argument("the repository itself cannot be tracked; name files or folders in it");
  for (const char* inner : {"/.dvc", "/.git"}) {
    if (paths::inside(path, root + inner))
      throw invalid_argument("'", repository.shown(path), "' belongs to the repository itself");
  }
  for (std::string at = paths::parent(path); at.size() > root.size(); at = paths::parent(at)) {
    struct stat info {};
    if (::lstat(at.c_str(), &info) == 0 && S_ISLNK(info.st_mode)) {
      throw invalid_argument("Cannot add files inside symlinked directories to DVC: '", repository.shown(at),
                             "' is a link");
    }
  }
  if (path.ends_with(".dvc") || paths::name(path) == "dvc.yaml" || paths::name(path) == "dvc.lock") {
    throw invalid_argument("'", repository.shown(path), "' is a DVC file; it is kept in Git, not tracked as data");
  }
}

void check_git(Repository& repository, const std::string& path, const std::string& dvc_file) {
  if (repository.git() == nullptr) return;
  const std::string shown = repository.shown(path);
  if (repository.git()->is_tracked(path)) {
    throw failed_precondition(" output '", shown, "' is already tracked by SCM (e.g. Git).\n",
                              "    You can remove it from Git, then add to DVC.\n        To stop tracking from Git:\n",
                              "            git rm -r --cached '", shown,
                              "'\n            git commit -m \"stop tracking ", shown, "\"");
  }
  if (repository.git()->is_ignored(dvc_file)) {
    throw failed_precondition("bad DVC file name '", repository.shown(dvc_file), "' is git-ignored.");
  }
}

ScanOptions scan_options(Repository& repository, bool store, bool relink) {
  ScanOptions options;
  if (store) options.store = &repository.store();
  if (relink) options.links = repository.links();
  return options;
}

Fingerprint scan_present(Repository& repository, const std::string& path, const ScanOptions& options) {
  auto found = repository.scanner().scan(path, options);
  if (!found) throw not_found("output '", repository.shown(path), "' does not exist");
  return std::move(*found);
}

void record_one(Repository& repository, Output& output, const std::string& path, const ScanOptions& options) {
  if (path != output.absolute) return record_part(repository, output, path, options);
  output.record = Record::of(scan_present(repository, output.absolute, options));
}

void save_stage(Repository& repository, const Stage& stage) {
  if (stage.name.empty()) {
    const std::string before = files::exists(stage.file) ? files::read(stage.file) : "";
    write_dvc_file(stage);
    if (before != files::read(stage.file)) repository.note_changed(stage.file);
    return;
  }
  LockFile lock = LockFile::load(lock_path_of(stage.file));
  lock.set(stage.name, lock_entry(stage));
  if (lock.save()) repository.note_changed(lock_path_of(stage.file));
}

}  // namespace slipway::data
