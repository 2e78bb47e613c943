// The folders of an old store from which files may be copied. A location that its rows name is only ever followed
// inside of them: rows come from outside, and one that says "/etc" must not bring /etc into the new store. Symbolic
// links are not followed. Used by the sources that lie on disk.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/mlflow_store/store.h"
#include "foundation/blobs/rooted_folder.h"

namespace slipway::mlflow_store {

// The path of a local location ("/a/b", "file:///a/b", "./a" below `base`) in plain, absolute form; nothing for other
// schemes.
std::optional<std::string> local_path_of(const std::string& location, const std::string& base);

class LocalRoots {
 public:
  // A folder that is not there is passed over. The first one wins where several hold a path.
  void add(const std::string& folder);
  bool empty() const { return roots_.empty(); }

  // Where the absolute path stands.
  enum class Standing { kMissing, kInside, kOutside };
  Standing standing_of(const std::string& path) const;
  // Every regular file below the absolute `path`. False when there is no such folder in any root. Throws
  // permission_denied when it is there but outside of all roots.
  bool files(const std::string& path, const std::function<void(const ArtifactFile&)>& on_file) const;
  // The same for a path below one of the roots, whichever has it.
  bool files_below(const std::string& relative, const std::function<void(const ArtifactFile&)>& on_file) const;

 private:
  struct Root {
    std::string path;  // without symbolic links
    std::unique_ptr<blobs::RootedFolder> folder;
  };
  static void walk(const blobs::RootedFolder& root, const std::string& top,
                   const std::function<void(const ArtifactFile&)>& on_file);

  std::vector<Root> roots_;
};

// Names in a folder below `root`, sorted; nothing when it is none. Symbolic links and special files are left out.
struct FolderEntry {
  std::string name;
  bool is_folder = false;
  uint64_t size_bytes = 0;
};
std::vector<FolderEntry> list_folder(const blobs::RootedFolder& root, const std::string& relative);

}  // namespace slipway::mlflow_store
