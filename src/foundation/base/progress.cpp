#include "foundation/base/progress.h"

#include <unistd.h>

#include <algorithm>
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
  const auto rate = static_cast<uint64_t>(static_cast<double>(done_) / seconds);
  std::string line = text::concat("\r\033[K", label_, " ");
  if (total_ != 0) {
    constexpr uint64_t kWidth = 24;
    const uint64_t filled = std::min(kWidth, done_ * kWidth / total_);
    line.append("[").append(filled, '#').append(kWidth - filled, ' ').append("] ");
    line.append(text::concat(amount(done_), "/", amount(total_), ", ", amount(rate), "/s"));
    if (rate != 0 && done_ < total_) {
      line.append(", ")
          .append(text::format_duration_ms(static_cast<int64_t>((total_ - done_) / rate * 1000)))
          .append(" left");
    }
  } else {
    line.append(text::concat(amount(done_), ", ", amount(rate), "/s"));
  }
  visible_ = true;
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;
}

}  // namespace slipway
