#include "foundation/git/repository.h"

#include <algorithm>

#include "foundation/base/error.h"
#include "foundation/git/api.h"

namespace slipway::git {

namespace {

git_repository* open(const std::string& folder) {
  git_repository* out = nullptr;
  const int status = api().git_repository_open_ext(&out, folder.c_str(), GIT_REPOSITORY_OPEN_CROSS_FS, nullptr);
  if (status == GIT_ENOTFOUND) return nullptr;
  check(status, text::concat("open the repository of ", folder));
  return out;
}

git_repository* open_existing(const std::string& folder) {
  git_repository* out = open(folder);
  if (out == nullptr) throw not_found("'", folder, "' is not in a Git repository");
  return out;
}

std::string without_slash(const char* path) {
  std::string out = path == nullptr ? "" : path;
  if (out.size() > 1 && out.ends_with('/')) out.pop_back();
  return out;
}

Person person_of(const git_signature* signature) {
  if (signature == nullptr) return {};
  return {signature->name, signature->email, signature->when.time, signature->when.offset};
}

}  // namespace

std::unique_ptr<Repository> Repository::find(const std::string& folder) {
  git_repository* found = open(folder);
  return found == nullptr ? nullptr : std::unique_ptr<Repository>(new Repository(found));
}

Repository::Repository(const std::string& folder) : Repository(open_existing(folder)) {}

Repository::Repository(git_repository* open)
    : handle_(open, api().git_repository_free),
      work_folder_(without_slash(api().git_repository_workdir(open))),
      git_folder_(without_slash(api().git_repository_path(open))),
      common_folder_(without_slash(api().git_repository_commondir(open))) {}

std::optional<std::string> Repository::find_commit(const std::string& revision) const {
  git_object* raw = nullptr;
  const int status = api().git_revparse_single(&raw, handle(), revision.c_str());
  if (status == GIT_EAMBIGUOUS) throw invalid_argument("'", revision, "' is the start of several ids; add digits");
  if (status < 0) return std::nullopt;
  const Owned<git_object> object(raw, api().git_object_free);
  git_object* peeled = nullptr;
  if (api().git_object_peel(&peeled, object.get(), GIT_OBJECT_COMMIT) < 0) return std::nullopt;
  const Owned<git_object> commit(peeled, api().git_object_free);
  return text_of(*api().git_object_id(commit.get()));
}

std::string Repository::get_commit_id(const std::string& revision) const {
  auto found = find_commit(revision);
  if (!found) throw not_found("unknown Git revision '", revision, "'");
  return *found;
}

Commit Repository::get_commit(const std::string& id) const {
  const git_oid oid = id_of(id);
  git_commit* raw = nullptr;
  check(api().git_commit_lookup(&raw, handle(), &oid), text::concat("read commit ", id));
  const Owned<git_commit> commit(raw, api().git_commit_free);
  Commit out;
  out.id = id;
  out.tree = text_of(*api().git_commit_tree_id(commit.get()));
  for (unsigned i = 0; i < api().git_commit_parentcount(commit.get()); ++i) {
    out.parents.push_back(text_of(*api().git_commit_parent_id(commit.get(), i)));
  }
  out.author = person_of(api().git_commit_author(commit.get()));
  out.committer = person_of(api().git_commit_committer(commit.get()));
  const char* message = api().git_commit_message(commit.get());
  out.message = message == nullptr ? "" : message;
  return out;
}

std::optional<std::string> Repository::head_branch() const {
  git_reference* raw = nullptr;
  check(api().git_reference_lookup(&raw, handle(), "HEAD"), "read HEAD");
  const Owned<git_reference> head(raw, api().git_reference_free);
  const char* target = api().git_reference_symbolic_target(head.get());
  if (target == nullptr) return std::nullopt;
  return target;
}

std::vector<Commit> Repository::log(const std::vector<std::string>& commits, const LogOptions& options) const {
  git_revwalk* raw = nullptr;
  check(api().git_revwalk_new(&raw, handle()), "walk the history");
  const Owned<git_revwalk> walk(raw, api().git_revwalk_free);
  check(api().git_revwalk_sorting(walk.get(), GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME), "walk the history");
  if (options.first_parent) api().git_revwalk_simplify_first_parent(walk.get());
  for (const std::string& commit : commits) {
    const git_oid start = id_of(commit);
    check(api().git_revwalk_push(walk.get(), &start), text::concat("read commit ", commit));
  }
  std::vector<Commit> out;
  git_oid id{};
  while (options.limit == 0 || out.size() < options.limit) {
    const int status = api().git_revwalk_next(&id, walk.get());
    if (status == GIT_ITEROVER) break;
    check(status, "walk the history");
    out.push_back(get_commit(text_of(id)));
  }
  return out;
}

std::vector<Reference> Repository::references(const std::string& prefix) const {
  git_reference_iterator* raw = nullptr;
  check(api().git_reference_iterator_glob_new(&raw, handle(), (prefix + "*").c_str()), "list references");
  const Owned<git_reference_iterator> iterator(raw, api().git_reference_iterator_free);
  std::vector<Reference> out;
  git_reference* next = nullptr;
  for (;;) {
    const int status = api().git_reference_next(&next, iterator.get());
    if (status == GIT_ITEROVER) break;
    check(status, "list references");
    const Owned<git_reference> reference(next, api().git_reference_free);
    git_object* target = nullptr;
    if (api().git_reference_peel(&target, reference.get(), GIT_OBJECT_COMMIT) < 0) continue;
    const Owned<git_object> commit(target, api().git_object_free);
    out.push_back({api().git_reference_name(reference.get()), text_of(*api().git_object_id(commit.get()))});
  }
  std::sort(out.begin(), out.end(), [](const Reference& a, const Reference& b) { return a.name < b.name; });
  return out;
}

}  // namespace slipway::git
