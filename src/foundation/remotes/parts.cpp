#include "foundation/remotes/parts.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace slipway::remotes {

namespace {
constexpr size_t kPartsAtATime = 4;
}

uint64_t part_bytes_for(uint64_t size, uint64_t most_parts) { return std::max(kPartBytes, size / most_parts + 1); }

void send_in_parts(Content& content, uint64_t part_bytes, const std::function<void(size_t, std::string_view)>& send,
                   const std::function<void(uint64_t)>& on_sent) {
  const uint64_t size = content.size();
  const size_t count = (size + part_bytes - 1) / part_bytes;
  std::atomic<size_t> next = 0;
  std::mutex mutex;  // guards failure and the calls of on_sent
  std::exception_ptr failure;
  const auto work = [&] {
    for (size_t i = next++; i < count; i = next++) {
      try {
        const uint64_t offset = i * part_bytes;
        const std::string bytes = content.read_part(offset, std::min(part_bytes, size - offset));
        send(i, bytes);
        const std::lock_guard lock(mutex);
        if (on_sent) on_sent(bytes.size());
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
        next = count;
      }
    }
  };
  std::vector<std::jthread> others;
  for (size_t i = 1; i < std::min(kPartsAtATime, count); ++i) others.emplace_back(work);
  work();
  others.clear();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace slipway::remotes
