#include "domains/data/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace slipway::data {

size_t default_jobs() { return std::clamp<size_t>(std::thread::hardware_concurrency(), 1, 32); }

void parallel_for(size_t count, size_t jobs, const std::function<void(size_t)>& work, size_t items_per_thread) {
  std::atomic<size_t> next = 0;
  std::mutex mutex;  // guards failure
  std::exception_ptr failure;
  const auto run = [&] {
    for (size_t i = next++; i < count; i = next++) {
      try {
        work(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
        next = count;
      }
    }
  };
  const size_t threads = std::min(jobs, count / items_per_thread + 1);
  std::vector<std::jthread> others;
  for (size_t i = 1; i < threads; ++i) others.emplace_back(run);
  run();
  others.clear();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace slipway::data
