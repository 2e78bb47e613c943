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

void BackgroundHasher::wait_until_at_most(size_t pieces, std::unique_lock<std::mutex>& lock) {
  if (pieces_.size() <= pieces) return;
  const BlockingSection blocking;
  changed_.wait(lock, [&] { return pieces_.size() <= pieces; });
}

void BackgroundHasher::start(std::string_view bytes) {
  if (!thread_.joinable()) thread_ = std::thread([this] { loop(); });
  {
    std::unique_lock lock(mutex_);
    wait_until_at_most(kDepth - 1, lock);
    pieces_.push_back(bytes);
  }
  changed_.notify_all();
}

std::string BackgroundHasher::finish_hex(std::string_view last_bytes) {
  std::unique_lock lock(mutex_);
  wait_until_at_most(0, lock);
  hasher_.update(last_bytes);
  return hasher_.finish_hex();
}

void BackgroundHasher::loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return !pieces_.empty() || stopping_; });
    if (stopping_) return;
    const std::string_view bytes = pieces_.front();
    lock.unlock();
    hasher_.update(bytes);
    lock.lock();
    pieces_.pop_front();
    changed_.notify_all();
  }
}

}  // namespace slipway::blobs
