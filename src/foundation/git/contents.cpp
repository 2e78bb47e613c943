// The folders and files of commits.
#include "foundation/base/error.h"
#include "foundation/git/api.h"
#include "foundation/git/repository.h"

namespace slipway::git {

namespace {

EntryKind kind_of(const git_tree_entry* entry) {
  switch (api().git_tree_entry_filemode(entry)) {
    case GIT_FILEMODE_TREE:
      return EntryKind::kFolder;
    case GIT_FILEMODE_BLOB_EXECUTABLE:
      return EntryKind::kExecutable;
    case GIT_FILEMODE_LINK:
      return EntryKind::kLink;
    case GIT_FILEMODE_COMMIT:
      return EntryKind::kSubmodule;
    default:
      return EntryKind::kFile;
  }
}

Entry entry_of(const git_tree_entry* entry) {
  return {api().git_tree_entry_name(entry), kind_of(entry), text_of(*api().git_tree_entry_id(entry))};
}

Owned<git_tree> root_of(git_repository* repository, const std::string& id) {
  const git_oid oid = id_of(id);
  git_commit* raw = nullptr;
  check(api().git_commit_lookup(&raw, repository, &oid), text::concat("read commit ", id));
  const Owned<git_commit> commit(raw, api().git_commit_free);
  git_tree* tree = nullptr;
  check(api().git_commit_tree(&tree, commit.get()), text::concat("read commit ", id));
  return {tree, api().git_tree_free};
}

Owned<git_blob> blob_of(git_repository* repository, const std::string& id) {
  const git_oid oid = id_of(id);
  git_blob* raw = nullptr;
  check(api().git_blob_lookup(&raw, repository, &oid), text::concat("read blob ", id));
  return {raw, api().git_blob_free};
}

}  // namespace

std::optional<Entry> Repository::find_entry(const std::string& commit, const std::string& path) const {
  const Owned<git_tree> root = root_of(handle(), commit);
  git_tree_entry* raw = nullptr;
  const int status = api().git_tree_entry_bypath(&raw, root.get(), path.c_str());
  if (status == GIT_ENOTFOUND) return std::nullopt;
  check(status, text::concat("read '", path, "' of commit ", commit));
  const Owned<git_tree_entry> entry(raw, api().git_tree_entry_free);
  return entry_of(entry.get());
}

std::vector<Entry> Repository::list(const std::string& commit, const std::string& folder) const {
  Owned<git_tree> tree = root_of(handle(), commit);
  if (!folder.empty()) {
    const auto entry = find_entry(commit, folder);
    if (!entry || entry->kind != EntryKind::kFolder) {
      throw not_found("commit ", commit, " has no folder '", folder, "'");
    }
    const git_oid oid = id_of(entry->id);
    git_tree* raw = nullptr;
    check(api().git_tree_lookup(&raw, handle(), &oid), text::concat("read '", folder, "' of commit ", commit));
    tree.reset(raw);
  }
  std::vector<Entry> out;
  const size_t count = api().git_tree_entrycount(tree.get());
  out.reserve(count);
  for (size_t i = 0; i < count; ++i) out.push_back(entry_of(api().git_tree_entry_byindex(tree.get(), i)));
  return out;
}

std::optional<std::string> Repository::find_file(const std::string& commit, const std::string& path) const {
  const auto entry = find_entry(commit, path);
  const bool is_file = entry && (entry->kind == EntryKind::kFile || entry->kind == EntryKind::kExecutable);
  if (!is_file) return std::nullopt;
  return read_blob(entry->id);
}

std::string Repository::read_blob(const std::string& id) const {
  const Owned<git_blob> blob = blob_of(handle(), id);
  const auto* bytes = static_cast<const char*>(api().git_blob_rawcontent(blob.get()));
  return {bytes, static_cast<size_t>(api().git_blob_rawsize(blob.get()))};
}

uint64_t Repository::blob_size(const std::string& id) const {
  return static_cast<uint64_t>(api().git_blob_rawsize(blob_of(handle(), id).get()));
}

}  // namespace slipway::git
