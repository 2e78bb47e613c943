// What adding and checking data asks Git each time: what is tracked, what is ignored; and the lines of .gitignore that
// keep data out of Git. Read from Git's own files, which takes less time than opening libgit2; everything else about
// Git is foundation/git.
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

  // Paths are absolute. Tracked: the index holds it or something below it.
  bool is_tracked(const std::string& path);
  bool is_ignored(const std::string& path);
  // Adds "/name" to the .gitignore of the path's folder unless it is ignored already; true when the file changed.
  bool ignore(const std::string& path);
  bool stop_ignoring(const std::string& path);

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
