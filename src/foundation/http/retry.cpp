#include "foundation/http/retry.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace slipway::http {

void pause_before_retry(const Retries& retries, int attempt, IdSource& random) {
  const int64_t limit_ms = std::min(retries.first_pause_ms << std::min(attempt, 20), retries.longest_pause_ms);
  const auto random_ms = static_cast<int64_t>(random.next_u64() % static_cast<uint64_t>(limit_ms + 1));
  std::this_thread::sleep_for(std::chrono::milliseconds(random_ms));
}

}  // namespace slipway::http
