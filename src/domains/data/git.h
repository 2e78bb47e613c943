// As much of Git as tracking data needs, read from its own files: what is tracked, what is ignored, which commit is
// checked out; and the lines of .gitignore that keep data out of Git.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "domains/data/ignore.h"

namespace slipway::data {

class GitFolder {
 public:
  // The work tree that `folder` lies in, or nothing.
  static std::unique_ptr<GitFolder> find(const std::string& folder);

  const std::string& root() const { return root_; }
  // The commit that is checked out, or nothing before the first one.
  std::optional<std::string> head() const;

  // Paths are absolute. Tracked: the index holds it or something below it.
  bool is_tracked(const std::string& path);
  bool is_ignored(const std::string& path);
  // Adds "/name" to the .gitignore of the path's folder unless it is ignored already; true when the file changed.
  bool ignore(const std::string& path);
  bool stop_ignoring(const std::string& path);
  // `git add`, when the program is there.
  void stage(const std::vector<std::string>& paths) const;

 private:
  GitFolder(std::string root, std::string git_folder);
  std::string relative(const std::string& path) const;
  void load_index();
  void load_ignores();

  const std::string root_;
  const std::string git_folder_;
  std::unique_ptr<IgnoreTree> ignores_;
  std::optional<std::set<std::string, std::less<>>> index_;
};

// The paths in the bytes of a Git index (versions 2 to 4); throws data_loss when it is damaged.
std::set<std::string, std::less<>> parse_git_index(std::string_view bytes);

}  // namespace slipway::data
