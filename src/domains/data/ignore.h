// The pattern language of .gitignore and .dvcignore: one matcher for both. Used when folders are walked and before a
// line is added to a .gitignore.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "domains/data/file_source.h"

namespace slipway::data {

// DVC reads the same lines otherwise than Git: what a pattern names brings all that lies below it along, also when the
// pattern takes files back with '!', and "x/**" names the folder x itself too.
enum class IgnoreRules { kGit, kDvc };

struct IgnorePattern {
  std::string glob;
  bool negated = false;
  bool only_folders = false;
  bool anchored = false;  // matches from the folder of its file, not at any depth
  std::string text;       // the line as it stands in the file
  size_t line = 0;        // its number from 1; 0: it stands in no file

  // Nothing for blank lines and comments.
  static std::optional<IgnorePattern> parse(std::string_view line);
  // `path` is relative to the folder of the ignore file.
  bool matches(std::string_view path, bool is_folder) const;
  // By DVC's rules; `at_root`: it stands in the outermost file.
  bool matches_with_all_below(std::string_view path, bool is_folder, bool at_root) const;

 private:
  bool matches_name(std::string_view wanted, std::string_view path) const;
};

std::vector<IgnorePattern> parse_ignore_file(std::string_view text);
// The text as a pattern that matches only itself.
std::string escape_pattern(std::string_view text);
// Shell-style match where * and ? stop at a slash and ** does not.
bool glob_match(std::string_view glob, std::string_view text);

// What decided about a path.
struct IgnoreMatch {
  bool ignored = false;
  std::string origin;  // "sub/.dvcignore:3:*.log"; of built-in patterns ":.git"; empty: no pattern matches
};

// All ignore files of one name in a tree of folders; each is read when first needed. One thread at a time.
class IgnoreTree {
 public:
  // `always` are patterns that hold at the root before those of any file.
  IgnoreTree(std::string root, std::string file_name, IgnoreRules rules, const std::vector<std::string>& always = {},
             const FileSource& source = disk());

  // `path` is relative to the root, without a leading or trailing slash. A path in an ignored folder is ignored.
  bool ignored(std::string_view path, bool is_folder);
  // The same with the pattern behind it.
  IgnoreMatch explain(std::string_view path, bool is_folder);
  // Further patterns at the root, for example of .git/info/exclude.
  void add(std::string_view text);

 private:
  struct Folder {
    bool ignored = false;
    std::vector<IgnorePattern> patterns;
    const Folder* parent = nullptr;
    size_t prefix = 0;  // length of the folder's path with its slash
    bool any = false;   // this or an outer folder has patterns
  };
  const Folder& folder(std::string_view path);
  // The pattern that decides, and the folder whose file it stands in.
  struct Decision {
    const IgnorePattern* pattern = nullptr;
    const Folder* folder = nullptr;
  };
  Decision find(const Folder& in, std::string_view path, bool is_folder) const;
  bool decide(const Folder& in, std::string_view path, bool is_folder) const;
  std::vector<IgnorePattern> parse(std::string_view text) const;

  const std::string root_;
  const std::string file_name_;
  const IgnoreRules rules_;
  const FileSource& source_;
  std::unordered_map<std::string, std::unique_ptr<Folder>> folders_;
};

}  // namespace slipway::data
