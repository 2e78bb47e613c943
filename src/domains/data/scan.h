// Looks at a file or folder of the workspace and tells its hash, using what is known of unchanged files and all cores
// for the rest; can keep the content in the cache in the same pass. Used by add, status, commit and repro.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "domains/data/ignore.h"
#include "domains/data/objects.h"
#include "domains/data/state.h"
#include "domains/data/tree.h"

namespace slipway::data {

struct Fingerprint {
  std::string hash;  // of a folder with ".dir"
  uint64_t size = 0;
  std::optional<uint64_t> file_count;  // of a folder
  bool executable = false;
  Tree tree;  // of a folder
};

struct ScanOptions {
  // Keep what is hashed; nullptr: only look.
  const ObjectStore* store = nullptr;
  ObjectKind kind = ObjectKind::kCurrent;
  // Of the store: with hardlinks and symlinks the workspace is turned into links too.
  std::vector<LinkKind> links = {LinkKind::kCopy};
  std::string label;  // of the progress bar
};

class Scanner {
 public:
  Scanner(std::string root, IgnoreTree& ignores, HashState& state);

  // `path` is absolute. Nothing when it does not exist (or is ignored).
  std::optional<Fingerprint> scan(const std::string& path, const ScanOptions& options);
  // The files below a folder that are not ignored, as absolute paths.
  std::vector<std::string> files(const std::string& folder);

 private:
  struct File;
  std::vector<File> list(const std::string& folder);
  void list_into(const std::string& folder, const std::string& prefix, int depth, std::vector<File>& out);
  void hash_all(std::vector<File>& files, const ScanOptions& options);
  void look_up_all(std::vector<File>& files, const ScanOptions& options) const;
  static void hash_one(File& file, const ScanOptions& options, Progress& progress);
  std::string state_key(const std::string& path) const;

  const std::string root_;
  IgnoreTree& ignores_;
  HashState& state_;
};

}  // namespace slipway::data
