// SHA-256 on a thread of its own, so that a large blob is hashed while it is written. Used by local_store.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "foundation/base/hash.h"

namespace slipway::blobs {

class BackgroundHasher {
 public:
  BackgroundHasher() : hasher_(HashKind::kSha256) {}
  ~BackgroundHasher();
  BackgroundHasher(const BackgroundHasher&) = delete;
  BackgroundHasher& operator=(const BackgroundHasher&) = delete;

  // How many pieces may wait: enough that neither side stops for the other's wake-up.
  static constexpr size_t kDepth = 3;

  // Queues the bytes; waits while kDepth others are not hashed yet. They must stay until kDepth calls later.
  void start(std::string_view bytes);
  // Waits for all, adds the last bytes on the caller's thread and takes the digest.
  std::string finish_hex(std::string_view last_bytes);

 private:
  void loop();
  void wait_until_at_most(size_t pieces, std::unique_lock<std::mutex>& lock);

  Hasher hasher_;     // of whoever works: the thread while there are bytes, else the caller
  std::mutex mutex_;  // guards the two below
  std::condition_variable changed_;
  std::deque<std::string_view> pieces_;  // the first is being hashed
  bool stopping_ = false;
  std::thread thread_;  // started by the first call of start
};

}  // namespace slipway::blobs
