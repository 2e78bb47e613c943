// A progress bar on standard error for work that takes over a second; silent when that is not a terminal.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

namespace slipway {

enum class ProgressUnit { kItems, kBytes };

class Progress {
 public:
  // total 0: unknown, only the count is shown. Nothing is drawn in the first second.
  Progress(std::string label, uint64_t total, ProgressUnit unit = ProgressUnit::kItems);
  // Clears the line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // From any thread.
  void add(uint64_t amount = 1);
  // Bytes that moved for items; shown beside their number, with the rate.
  void add_bytes(uint64_t amount);

 private:
  void draw_if_due();
  void draw();

  const std::string label_;
  const uint64_t total_;
  const ProgressUnit unit_;
  const bool enabled_;
  const int64_t started_ms_;
  std::mutex mutex_;  // guards the four below
  uint64_t done_ = 0;
  uint64_t bytes_ = 0;
  int64_t drawn_ms_ = 0;
  bool visible_ = false;
};

}  // namespace slipway
