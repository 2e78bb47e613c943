// Remembers the hash of files that did not change since they were hashed, so that a big folder is read once. A private
// accelerator in .dvc/tmp: losing it costs time only.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

namespace slipway::data {

// What tells that a file is still the one that was hashed.
struct FileStamp {
  int64_t mtime_ns = 0;
  uint64_t size = 0;
  uint64_t inode = 0;

  static FileStamp of(const struct stat& info);
  bool operator==(const FileStamp&) const = default;
};

class HashState {
 public:
  // A missing, damaged or foreign file is an empty state.
  explicit HashState(std::string path);

  // `path` is relative to the repository.
  std::optional<std::string> find(const std::string& path, const FileStamp& stamp) const;
  // Files changed within the last moments are not remembered: another write could leave the same time and size.
  void remember(const std::string& path, const FileStamp& stamp, const std::string& md5);
  // Outputs that a checkout or a commit put into the workspace; what is no longer tracked can then be taken away.
  std::set<std::string>& links() { return links_; }
  // Writes the file when something changed.
  void save();

 private:
  void load(std::string_view text);

  struct Entry {
    FileStamp stamp;
    std::string md5;
  };
  const std::string path_;
  std::unordered_map<std::string, Entry> entries_;
  std::set<std::string> links_;
  std::set<std::string> loaded_links_;
  bool changed_ = false;
};

}  // namespace slipway::data
