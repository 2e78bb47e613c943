// DVC's locks, so that both programs can work in one repository at the same time: one lock for the repository, and a
// list of files that running stages read and write.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "foundation/base/files.h"

namespace slipway::data {

// .dvc/tmp/lock, held by flock; the file holds the holder's process id and stays.
class RepositoryLock {
 public:
  // Tries for three seconds; throws unavailable when somebody else keeps it.
  explicit RepositoryLock(std::string path);

  void release();
  // Waits as long as it takes; false when `cancelled` says so.
  bool acquire_again(const std::function<bool()>& cancelled);

 private:
  bool try_once();

  const std::string path_;
  files::Descriptor file_;
};

// Entries of this process in .dvc/tmp/rwlock while it lives. Made and destroyed on one thread.
class FileLocks {
 public:
  // Throws unavailable and names the blocking processes when another one uses an overlapping path.
  FileLocks(std::string tmp_folder, std::string command, std::vector<std::string> read, std::vector<std::string> write);
  ~FileLocks();
  FileLocks(const FileLocks&) = delete;
  FileLocks& operator=(const FileLocks&) = delete;

 private:
  const std::string folder_;
  const std::string command_;
  std::vector<std::string> read_;
  std::vector<std::string> write_;
};

}  // namespace slipway::data
