#include "foundation/base/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "foundation/base/clock.h"
#include "foundation/base/text.h"

namespace slipway {

Progress::Progress(std::string label, uint64_t total, ProgressUnit unit)
    : label_(std::move(label)),
      total_(total),
      unit_(unit),
      enabled_(::isatty(STDERR_FILENO) == 1),
      started_ms_(steady_ms()) {}

Progress::~Progress() {
  if (visible_ && ::write(STDERR_FILENO, "\r\033[K", 4) < 0) return;
}

void Progress::add(uint64_t amount) {
  if (!enabled_) return;
  const std::lock_guard lock(mutex_);
  done_ += amount;
  draw_if_due();
}

void Progress::add_bytes(uint64_t amount) {
  if (!enabled_) return;
  const std::lock_guard lock(mutex_);
  bytes_ += amount;
  draw_if_due();
}

void Progress::draw_if_due() {
  const int64_t now = steady_ms();
  if (now - started_ms_ < 1000 || now - drawn_ms_ < 100) return;
  drawn_ms_ = now;
  draw();
}

void Progress::draw() {
  const auto amount = [this](uint64_t value) {
    return unit_ == ProgressUnit::kBytes ? text::format_bytes(value) : std::to_string(value);
  };
  const double seconds = static_cast<double>(drawn_ms_ - started_ms_) / 1000;
  const auto per_second = [&](uint64_t value) { return static_cast<uint64_t>(static_cast<double>(value) / seconds); };
  const uint64_t rate = per_second(done_);
  std::string line = text::concat("\r\033[K", label_, " ");
  if (total_ != 0) {
    constexpr uint64_t kWidth = 24;
    const uint64_t filled = std::min(kWidth, done_ * kWidth / total_);
    line.append("[").append(filled, '#').append(kWidth - filled, ' ').append("] ");
    line.append(text::concat(amount(done_), "/", amount(total_), ", ", amount(rate), "/s"));
  } else {
    line.append(text::concat(amount(done_), ", ", amount(rate), "/s"));
  }
  if (bytes_ != 0) {
    line.append(text::concat(", ", text::format_bytes(bytes_), ", ", text::format_bytes(per_second(bytes_)), "/s"));
  }
  if (done_ != 0 && done_ < total_) {
    const double left_s = static_cast<double>(total_ - done_) / static_cast<double>(done_) * seconds;
    // Whole seconds, and never none while something is left.
    line.append(text::concat(", ", text::format_duration_ms(static_cast<int64_t>(std::ceil(left_s)) * 1000), " left"));
  }
  visible_ = true;
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;
}

}  // namespace slipway
