// Files that are being written, out of sight until they are moved to their place. Used by local_store.
#pragma once

#include <string>

#include "foundation/base/files.h"
#include "foundation/base/id.h"
#include "foundation/blobs/rooted_folder.h"

namespace slipway::blobs {

class Staging {
 public:
  // Removes what programs that are gone have left; files of other running programs are locked and stay.
  explicit Staging(const RootedFolder& root);

  struct File {
    files::Descriptor descriptor;
    std::string name;
  };
  File create();
  // Moves the file to `key` below `root`, durably, replacing what is there. Throws failed_precondition when the key is
  // the folder of others.
  void place(const File& file, const RootedFolder& root, const std::string& key) const;
  void drop(const File& file) const;

 private:
  void clean() const;
  bool move(const File& file, int folder, const std::string& name) const;

  files::Descriptor folder_;
  RandomIdSource ids_;
};

}  // namespace slipway::blobs
