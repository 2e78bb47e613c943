// The list of outputs that DVC put into the workspace, which it keeps outside of the repository: what is in it and no
// longer tracked is taken away by a checkout. Shared, so that each program clears up after the other.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "domains/data/config.h"

namespace slipway::data {

class SharedLinks {
 public:
  // Where DVC keeps it for the repository at `root`. When it is not there, DVC never worked here, and nothing is
  // shared.
  SharedLinks(std::string root, const Config& config);

  // Paths from the root.
  std::set<std::string> read() const;

  // The files of an output that DVC looks at, as absolute paths.
  using FilesOf = std::function<std::vector<std::string>(const std::string& path)>;
  // Enters the outputs as they are now, so that DVC finds them unchanged, and strikes out others. A list that cannot be
  // written stays as it is: then DVC leaves files in the workspace, which harms nobody.
  void update(const std::set<std::string>& entered, const std::set<std::string>& struck, const FilesOf& files) const;

 private:
  std::string mark_of(const std::string& path, const FilesOf& files) const;

  const std::string root_;
  const std::string database_;
};

}  // namespace slipway::data
