// A Git repository: what revisions mean, commits, the folders and files in them, references, what the work tree
// changed. Used by the data domain to read any commit without checking it out. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct git_repository;

namespace slipway::git {

enum class EntryKind { kFile, kExecutable, kLink, kFolder, kSubmodule };

// A name in a folder of a commit. `id` is that of its blob or tree (of a submodule: its commit).
struct Entry {
  std::string name;
  EntryKind kind = EntryKind::kFile;
  std::string id;
};

struct Person {
  std::string name;
  std::string email;
  int64_t time_s = 0;      // UTC
  int offset_minutes = 0;  // of the clock that was on their wall
};

struct Commit {
  std::string id;
  std::string tree;
  std::vector<std::string> parents;
  Person author;
  Person committer;
  std::string message;
};

// A full name ("refs/heads/main") and the commit that it leads to, through annotated tags too.
struct Reference {
  std::string name;
  std::string commit;
};

struct LogOptions {
  size_t limit = 0;           // 0: all
  bool first_parent = false;  // do not follow what was merged in
};

// Paths from the root of the work tree.
struct WorkStatus {
  struct Change {
    char kind = 'M';  // as `git status --short` says: M, A, D, R, T
    std::string path;
  };
  std::vector<Change> staged;
  std::vector<Change> unstaged;
  std::vector<std::string> untracked;
};

class Repository {
 public:
  // The repository that `folder` lies in; nullptr when it lies in none.
  static std::unique_ptr<Repository> find(const std::string& folder);
  // The same; throws not_found. A bare repository is one too.
  explicit Repository(const std::string& folder);

  // Absolute, without a slash at the end. The work tree of a bare repository is empty.
  const std::string& work_folder() const { return work_folder_; }
  const std::string& git_folder() const { return git_folder_; }
  // Where references and objects lie: differs from git_folder() in a linked work tree.
  const std::string& common_folder() const { return common_folder_; }

  // "main", "v1.0", "HEAD~2", "12ab34", "main@{yesterday}" as the id of a commit; nothing when Git knows none. Throws
  // invalid_argument when an abbreviated id is ambiguous.
  std::optional<std::string> find_commit(const std::string& revision) const;
  // Throws not_found naming the revision.
  std::string get_commit_id(const std::string& revision) const;
  Commit get_commit(const std::string& id) const;
  // The branch that is checked out ("refs/heads/main", also before its first commit), or nothing.
  std::optional<std::string> head_branch() const;

  // What a folder of a commit holds, sorted as Git does; "" is the root. Throws not_found.
  std::vector<Entry> list(const std::string& commit, const std::string& folder) const;
  std::optional<Entry> find_entry(const std::string& commit, const std::string& path) const;
  // The content of a file of a commit; nothing when there is no such file.
  std::optional<std::string> find_file(const std::string& commit, const std::string& path) const;
  std::string read_blob(const std::string& id) const;
  uint64_t blob_size(const std::string& id) const;

  // Commits that the given ones lead to, themselves first, newest first.
  std::vector<Commit> log(const std::vector<std::string>& commits, const LogOptions& options = {}) const;
  // Those whose name starts with `prefix` ("refs/heads/"), sorted by name. What leads to no commit is left out.
  std::vector<Reference> references(const std::string& prefix) const;
  WorkStatus status() const;

  // `git add` of these paths from the root of the work tree; one that is gone leaves the index.
  void stage(const std::vector<std::string>& paths);

  // For the other files of this module.
  git_repository* handle() const { return handle_.get(); }

 private:
  explicit Repository(git_repository* open);

  std::unique_ptr<git_repository, void (*)(git_repository*)> handle_;
  std::string work_folder_;
  std::string git_folder_;
  std::string common_folder_;
};

}  // namespace slipway::git
