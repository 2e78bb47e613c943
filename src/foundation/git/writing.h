// Commits, references and trees, made without touching the index or what is checked out. Used by experiments.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/git/repository.h"

struct git_index;

namespace slipway::git {

// A tree in the making. Its objects go to one repository; its files may lie in any folder.
class TreeDraft {
 public:
  explicit TreeDraft(const Repository& into);

  // Starts from what the index of `from` tracks, which shares its objects with the repository this writes to, as the
  // files are in its work tree now. Files that are staged but new belong to it; what is untracked does not.
  void take_tracked(const Repository& from);
  // The path as it is in the work tree of `from` now: a file, or a folder with all in it; one that is gone leaves the
  // tree. What is ignored there is passed over, unless the tree has it already or `ignored_too`.
  void take(const Repository& from, const std::string& path, bool ignored_too = false);
  // A file of this content; it keeps its mode.
  void put(const std::string& path, std::string_view content);
  bool has(const std::string& path) const;
  // The id of the tree.
  std::string write();

 private:
  void take_file(const std::string& folder, const std::string& path);

  const Repository& into_;
  std::unique_ptr<git_index, void (*)(git_index*)> index_;
};

struct NewCommit {
  std::string tree;
  std::vector<std::string> parents;
  std::string message;
};

// In the name that Git's settings or its environment variables give; throws failed_precondition when there is none.
// No reference leads to it yet. The id.
std::string create_commit(const Repository& repository, const NewCommit& commit);
// What the index holds, as a tree.
std::string index_tree(const Repository& repository);

// Creates the reference or makes it lead elsewhere.
void set_reference(const Repository& repository, const std::string& name, const std::string& commit,
                   const std::string& log_message = "");
// False when there was none.
bool remove_reference(const Repository& repository, const std::string& name);
bool is_reference_name(const std::string& name);

// Makes the work tree look like the commit, whatever was changed in it; the index and untracked files stay. Files that
// HEAD has and the commit has not are removed.
void overwrite_work_tree(const Repository& repository, const std::string& commit);

// A work tree of its own in `folder` (which must not be there yet), that shares the objects of `repository`: HEAD is at
// `commit`, files and index are those of `tree`.
void create_scratch(const Repository& repository, const std::string& commit, const std::string& tree,
                    const std::string& folder);

}  // namespace slipway::git
