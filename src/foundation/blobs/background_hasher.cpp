#include "foundation/blobs/background_hasher.h"

#include "foundation/base/blocking.h"

namespace slipway::blobs {

BackgroundHasher::~BackgroundHasher() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void BackgroundHasher::wait(std::unique_lock<std::mutex>& lock) {
  if (bytes_.empty()) return;
  const BlockingSection blocking;
  changed_.wait(lock, [this] { return bytes_.empty(); });
}

void BackgroundHasher::start(std::string_view bytes) {
  if (!thread_.joinable()) thread_ = std::thread([this] { loop(); });
  {
    std::unique_lock lock(mutex_);
    wait(lock);
    bytes_ = bytes;
  }
  changed_.notify_all();
}

std::string BackgroundHasher::finish_hex(std::string_view last_bytes) {
  std::unique_lock lock(mutex_);
  wait(lock);
  hasher_.update(last_bytes);
  return hasher_.finish_hex();
}

void BackgroundHasher::loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return !bytes_.empty() || stopping_; });
    if (stopping_) return;
    const std::string_view bytes = bytes_;
    lock.unlock();
    hasher_.update(bytes);
    lock.lock();
    bytes_ = {};
    changed_.notify_all();
  }
}

}  // namespace slipway::blobs
