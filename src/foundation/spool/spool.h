// A durable queue on local disk: records are appended by many threads, read in order by one, and forgotten when they
// were passed on. Used by the prediction log.
//
// When append returns, the record has been handed to the operating system: it outlives a kill of this process. With
// Durability::kDisk it has reached the disk and outlives a power cut too. Concurrent appends share one write (and one
// sync). The spool is bounded: past its limit the oldest segment goes, and what was lost is counted.
#pragma once

#include <compare>
#include <condition_variable>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/files.h"

namespace slipway::spool {

enum class Durability { kProcess, kDisk };

struct SpoolOptions {
  std::string folder;
  uint64_t segment_bytes = uint64_t{16} << 20U;
  uint64_t max_bytes = uint64_t{1} << 30U;
  Durability durability = Durability::kProcess;
};

struct SpoolPosition {
  uint64_t segment = 0;
  uint64_t offset = 0;
  auto operator<=>(const SpoolPosition&) const = default;  // NOLINT(modernize-use-nullptr): a fault of clang-tidy 14
};

class Spool {
 public:
  // What was lost since the start.
  struct Losses {
    uint64_t dropped_items = 0;  // never read, removed to stay within max_bytes
    uint64_t damaged_bytes = 0;  // unreadable, skipped
  };
  struct Chunk {
    std::vector<std::string> payloads;
    SpoolPosition next;  // where to read on; pass it to release() when the payloads are safe elsewhere
  };

  // Finds what an earlier process left; a torn end is cut off. Throws failed_precondition when another process uses
  // the folder.
  explicit Spool(SpoolOptions options);

  // `items` says how many things the payload holds, for the count of losses. Throws out_of_space (disk full) and
  // friends; then nothing of the record is there.
  void append(std::string_view payload, uint32_t items);

  // Records from a position on, about `max_bytes` of them, at least one if there is any.
  Chunk read(SpoolPosition from, size_t max_bytes);
  // Everything before the position is done with; remembered on disk.
  void release(SpoolPosition upto);
  SpoolPosition released() const;
  // Bytes appended and not released.
  uint64_t pending_bytes() const;
  Losses losses() const;
  // What a record takes on disk, to step through a chunk.
  static size_t stored_bytes(std::string_view payload);

 private:
  // What several threads append in one write.
  struct Batch {
    std::string bytes;
    bool done = false;
    std::exception_ptr error;
  };

  std::string segment_path(uint64_t segment) const;
  void recover();
  void load_released();
  uint64_t valid_bytes(uint64_t segment) const;
  void start_segment();
  void write_batch(const std::string& bytes);
  void enforce_limit();
  uint64_t count_unread_items(uint64_t segment, uint64_t from) const;
  std::string read_bytes(SpoolPosition from, uint64_t end, size_t max_bytes) const;

  const SpoolOptions options_;
  files::Descriptor folder_lock_;
  files::Descriptor file_;  // the newest segment; touched by the writing thread only

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::shared_ptr<Batch> collecting_;  // shared by the threads whose records are in it
  bool writing_ = false;
  std::map<uint64_t, uint64_t> segments_;  // number -> bytes that are whole; the last is being written
  SpoolPosition released_;
  Losses losses_;
};

}  // namespace slipway::spool
