#include "foundation/git/writing.h"

#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <filesystem>

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/git/api.h"

namespace slipway::git {

namespace {

Owned<git_index> index_of(const Repository& repository) {
  git_index* raw = nullptr;
  check(api().git_repository_index(&raw, repository.handle()), "read the index");
  Owned<git_index> out(raw, api().git_index_free);
  check(api().git_index_read(out.get(), 0), "read the index");
  return out;
}

uint32_t mode_of(const struct stat& info) {
  if (S_ISLNK(info.st_mode)) return GIT_FILEMODE_LINK;
  return (info.st_mode & S_IXUSR) != 0 ? GIT_FILEMODE_BLOB_EXECUTABLE : GIT_FILEMODE_BLOB;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Owned<git_signature> signature_of(const Repository& repository, const char* name_variable, const char* mail_variable) {
  git_config* raw = nullptr;
  check(api().git_repository_config_snapshot(&raw, repository.handle()), "read its settings");
  const Owned<git_config> config(raw, api().git_config_free);
  const auto setting = [&](const char* from_environment, const char* key) {
    const char* value = nullptr;
    std::string out = variable(from_environment);
    if (out.empty() && api().git_config_get_string(&value, config.get(), key) == 0) out = value;
    return out;
  };
  const std::string name = setting(name_variable, "user.name");
  const std::string mail = setting(mail_variable, "user.email");
  if (name.empty() || mail.empty()) {
    throw failed_precondition("Git username and email must be configured: git config --global user.name \"...\"");
  }
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);
  git_signature* signature = nullptr;
  check(api().git_signature_new(&signature, name.c_str(), mail.c_str(), now, static_cast<int>(local.tm_gmtoff / 60)),
        "sign a commit");
  return {signature, api().git_signature_free};
}

Owned<git_tree> tree_of(const Repository& repository, const std::string& id) {
  const git_oid oid = id_of(id);
  git_tree* raw = nullptr;
  check(api().git_tree_lookup(&raw, repository.handle(), &oid), text::concat("read tree ", id));
  return {raw, api().git_tree_free};
}

void check_out(git_repository* repository, const git_tree* tree, unsigned strategy, const std::string& where) {
  git_checkout_options options{};
  check(api().git_checkout_options_init(&options, GIT_CHECKOUT_OPTIONS_VERSION), "prepare a checkout");
  options.checkout_strategy = strategy;
  check(api().git_checkout_tree(repository, reinterpret_cast<const git_object*>(tree), &options),
        text::concat("write the files of ", where));
}

}  // namespace

TreeDraft::TreeDraft(const Repository& into) : into_(into), index_(nullptr, api().git_index_free) {
  git_index* raw = nullptr;
  check(api().git_index_new(&raw), "make a tree");
  index_.reset(raw);
}

void TreeDraft::take_tracked(const Repository& from) {
  const Owned<git_index> index = index_of(from);
  for (size_t i = 0; i < api().git_index_entrycount(index.get()); ++i) {
    check(api().git_index_add(index_.get(), api().git_index_get_byindex(index.get(), i)), "copy the index");
  }
  for (const WorkStatus::Change& change : from.status().unstaged) take_file(from.work_folder(), change.path);
}

void TreeDraft::take(const Repository& from, const std::string& path, bool ignored_too) {
  const std::string full = text::concat(from.work_folder(), "/", path);
  if (!std::filesystem::is_symlink(full) && std::filesystem::is_directory(full)) {
    for (const auto& entry : std::filesystem::directory_iterator(full)) {
      const std::string name = entry.path().filename();
      if (name != ".git") take(from, text::concat(path, "/", name), ignored_too);
    }
    return;
  }
  int ignored = 0;
  if (!ignored_too && !has(path)) {
    check(api().git_ignore_path_is_ignored(&ignored, from.handle(), path.c_str()), text::concat("look at ", path));
  }
  if (ignored == 0) take_file(from.work_folder(), path);
}

void TreeDraft::take_file(const std::string& folder, const std::string& path) {
  const std::string full = text::concat(folder, "/", path);
  struct stat info {};
  if (::lstat(full.c_str(), &info) != 0) {
    api().git_index_remove(index_.get(), path.c_str(), 0);
    return;
  }
  if (S_ISDIR(info.st_mode)) return;  // a submodule
  git_index_entry entry{};
  check(api().git_blob_create_from_disk(&entry.id, into_.handle(), full.c_str()), text::concat("keep '", path, "'"));
  entry.mode = mode_of(info);
  entry.path = path.c_str();
  check(api().git_index_add(index_.get(), &entry), text::concat("keep '", path, "'"));
}

void TreeDraft::put(const std::string& path, std::string_view content) {
  git_index_entry entry{};
  const git_index_entry* known = api().git_index_get_bypath(index_.get(), path.c_str(), 0);
  entry.mode = known == nullptr ? static_cast<uint32_t>(GIT_FILEMODE_BLOB) : known->mode;
  entry.path = path.c_str();
  check(api().git_blob_create_from_buffer(&entry.id, into_.handle(), content.data(), content.size()),
        text::concat("keep '", path, "'"));
  check(api().git_index_add(index_.get(), &entry), text::concat("keep '", path, "'"));
}

bool TreeDraft::has(const std::string& path) const {
  return api().git_index_get_bypath(index_.get(), path.c_str(), 0) != nullptr;
}

std::string TreeDraft::write() {
  git_oid id{};
  check(api().git_index_write_tree_to(&id, index_.get(), into_.handle()), "write a tree");
  return text_of(id);
}

std::string create_commit(const Repository& repository, const NewCommit& commit) {
  const auto author = signature_of(repository, "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL");
  const auto committer = signature_of(repository, "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL");
  const Owned<git_tree> tree = tree_of(repository, commit.tree);
  std::vector<Owned<git_commit>> owned;
  std::vector<const git_commit*> parents;
  for (const std::string& parent : commit.parents) {
    const git_oid oid = id_of(parent);
    git_commit* raw = nullptr;
    check(api().git_commit_lookup(&raw, repository.handle(), &oid), text::concat("read commit ", parent));
    owned.emplace_back(raw, api().git_commit_free);
    parents.push_back(raw);
  }
  git_oid id{};
  check(api().git_commit_create(&id, repository.handle(), nullptr, author.get(), committer.get(), nullptr,
                                commit.message.c_str(), tree.get(), parents.size(), parents.data()),
        "write a commit");
  return text_of(id);
}

std::string index_tree(const Repository& repository) {
  const Owned<git_index> index = index_of(repository);
  git_oid id{};
  check(api().git_index_write_tree_to(&id, index.get(), repository.handle()), "write the tree of the index");
  return text_of(id);
}

void set_reference(const Repository& repository, const std::string& name, const std::string& commit,
                   const std::string& log_message) {
  const git_oid id = id_of(commit);
  git_reference* raw = nullptr;
  check(api().git_reference_create(&raw, repository.handle(), name.c_str(), &id, 1,
                                   log_message.empty() ? nullptr : log_message.c_str()),
        text::concat("write the reference ", name));
  api().git_reference_free(raw);
}

bool remove_reference(const Repository& repository, const std::string& name) {
  git_reference* raw = nullptr;
  const int status = api().git_reference_lookup(&raw, repository.handle(), name.c_str());
  if (status == GIT_ENOTFOUND) return false;
  check(status, text::concat("read the reference ", name));
  const Owned<git_reference> reference(raw, api().git_reference_free);
  check(api().git_reference_delete(reference.get()), text::concat("remove the reference ", name));
  return true;
}

bool is_reference_name(const std::string& name) {
  int valid = 0;
  return api().git_reference_name_is_valid(&valid, name.c_str()) == 0 && valid == 1;
}

void overwrite_work_tree(const Repository& repository, const std::string& commit) {
  const Owned<git_tree> tree = tree_of(repository, repository.get_commit(commit).tree);
  check_out(repository.handle(), tree.get(), GIT_CHECKOUT_FORCE | GIT_CHECKOUT_DONT_UPDATE_INDEX,
            text::concat("commit ", commit));
}

void create_scratch(const Repository& repository, const std::string& commit, const std::string& tree,
                    const std::string& folder) {
  git_repository* raw = nullptr;
  check(api().git_repository_init(&raw, folder.c_str(), 0), text::concat("make a repository in ", folder));
  api().git_repository_free(raw);
  files::write_atomic(folder + "/.git/objects/info/alternates", repository.common_folder() + "/objects\n");
  // The same names, remotes and filters for the commands that run there.
  const std::string settings = repository.common_folder() + "/config";
  if (std::filesystem::exists(settings)) files::write_atomic(folder + "/.git/config", files::read(settings));
  const Repository scratch(folder);
  const git_oid head = id_of(commit);
  check(api().git_repository_set_head_detached(scratch.handle(), &head), text::concat("set HEAD to ", commit));
  const Owned<git_tree> content = tree_of(scratch, tree);
  check_out(scratch.handle(), content.get(), GIT_CHECKOUT_FORCE, text::concat("tree ", tree));
}

}  // namespace slipway::git
