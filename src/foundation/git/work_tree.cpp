// The work tree beside its index: what changed, and what the next commit will hold.
#include <sys/stat.h>

#include "foundation/base/error.h"
#include "foundation/git/api.h"
#include "foundation/git/repository.h"

namespace slipway::git {

namespace {

const char* path_of(const git_diff_delta* delta) {
  return delta->new_file.path != nullptr ? delta->new_file.path : delta->old_file.path;
}

char staged_kind(unsigned flags) {
  if ((flags & GIT_STATUS_INDEX_NEW) != 0) return 'A';
  if ((flags & GIT_STATUS_INDEX_DELETED) != 0) return 'D';
  if ((flags & GIT_STATUS_INDEX_RENAMED) != 0) return 'R';
  if ((flags & GIT_STATUS_INDEX_TYPECHANGE) != 0) return 'T';
  return 'M';
}

char unstaged_kind(unsigned flags) {
  if ((flags & GIT_STATUS_WT_DELETED) != 0) return 'D';
  if ((flags & GIT_STATUS_WT_RENAMED) != 0) return 'R';
  if ((flags & GIT_STATUS_WT_TYPECHANGE) != 0) return 'T';
  return 'M';
}

constexpr unsigned kStaged = GIT_STATUS_INDEX_NEW | GIT_STATUS_INDEX_MODIFIED | GIT_STATUS_INDEX_DELETED |
                             GIT_STATUS_INDEX_RENAMED | GIT_STATUS_INDEX_TYPECHANGE;
constexpr unsigned kUnstaged =
    GIT_STATUS_WT_MODIFIED | GIT_STATUS_WT_DELETED | GIT_STATUS_WT_RENAMED | GIT_STATUS_WT_TYPECHANGE;

}  // namespace

WorkStatus Repository::status() const {
  git_status_options options = GIT_STATUS_OPTIONS_INIT;
  options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
  options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS |
                  GIT_STATUS_OPT_SORT_CASE_SENSITIVELY | GIT_STATUS_OPT_EXCLUDE_SUBMODULES;
  git_status_list* raw = nullptr;
  check(api().git_status_list_new(&raw, handle(), &options), "compare the work tree with the index");
  const Owned<git_status_list> list(raw, api().git_status_list_free);
  WorkStatus out;
  for (size_t i = 0; i < api().git_status_list_entrycount(list.get()); ++i) {
    const git_status_entry* entry = api().git_status_byindex(list.get(), i);
    const unsigned flags = entry->status;
    if ((flags & kStaged) != 0) out.staged.push_back({staged_kind(flags), path_of(entry->head_to_index)});
    if ((flags & kUnstaged) != 0) out.unstaged.push_back({unstaged_kind(flags), path_of(entry->index_to_workdir)});
    if ((flags & GIT_STATUS_WT_NEW) != 0) out.untracked.emplace_back(path_of(entry->index_to_workdir));
  }
  return out;
}

void Repository::stage(const std::vector<std::string>& paths) {
  git_index* raw = nullptr;
  check(api().git_repository_index(&raw, handle()), "read the index");
  const Owned<git_index> index(raw, api().git_index_free);
  for (const std::string& path : paths) {
    const bool outside = path.empty() || path.starts_with('/') || path == ".." || path.starts_with("../");
    if (outside) throw invalid_argument("'", path, "' does not lie in the work tree ", work_folder_);
    struct stat info {};
    if (::lstat(text::concat(work_folder_, "/", path).c_str(), &info) == 0) {
      check(api().git_index_add_bypath(index.get(), path.c_str()), text::concat("stage '", path, "'"));
    } else {
      api().git_index_remove_bypath(index.get(), path.c_str());
    }
  }
  check(api().git_index_write(index.get()), "write the index");
}

}  // namespace slipway::git
