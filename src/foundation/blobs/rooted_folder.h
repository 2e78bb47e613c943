// A folder that no name leads out of: every path is resolved below it by the kernel and never through a symbolic link.
// Used by local_store.
#pragma once

#include <string>
#include <string_view>

#include "foundation/base/files.h"

namespace slipway::blobs {

class RootedFolder {
 public:
  // Creates the folder if it is missing.
  explicit RootedFolder(std::string path);

  const std::string& path() const { return path_; }
  int descriptor() const { return root_.get(); }
  // Like openat: an invalid descriptor with errno set, ENOENT too where a symbolic link stands in the way. "" is the
  // folder itself.
  files::Descriptor open(const std::string& relative, int flags, int mode = 0) const;
  // The folder that holds `relative`, made durable with those above it when it is new. Throws failed_precondition when
  // a file stands where a folder is wanted, permission_denied at a symbolic link. Invalid when
  // somebody removed it as empty at the same moment: try again.
  files::Descriptor make_parent(const std::string& relative) const;
  // Removes the folders above `relative` that are empty now.
  void remove_empty_parents(const std::string& relative) const;

 private:
  files::Descriptor open_by_steps(const std::string& relative, int flags, int mode) const;

  const std::string path_;
  const files::Descriptor root_;
};

// The part before the last `/` ("" when there is none), and the part after it.
std::string parent_of(std::string_view relative);
std::string name_of(std::string_view relative);

}  // namespace slipway::blobs
