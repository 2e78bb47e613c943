// The time, as a dependency that tests can hold still. Domains take a Clock&; nothing reads the system clock directly.
#pragma once

#include <atomic>
#include <cstdint>

namespace slipway {

class Clock {
 public:
  virtual ~Clock() = default;
  // UTC milliseconds since 1970.
  virtual int64_t now_ms() const = 0;
};

class SystemClock final : public Clock {
 public:
  int64_t now_ms() const override;
};

// For tests: stands still until told.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(int64_t start_ms) : now_ms_(start_ms) {}
  int64_t now_ms() const override { return now_ms_; }
  void advance_ms(int64_t by_ms) { now_ms_ += by_ms; }

 private:
  std::atomic<int64_t> now_ms_;
};

// Milliseconds of a clock that never jumps; only differences mean anything.
int64_t steady_ms();

}  // namespace slipway
