#include "domains/tracking/metric_buckets.h"

#include <algorithm>
#include <limits>

namespace slipway::tracking {

namespace {

// Positions may lie anywhere in 64 bits, so their distance needs all of them.
uint64_t distance(int64_t from, int64_t to) { return static_cast<uint64_t>(to) - static_cast<uint64_t>(from); }

}  // namespace

int64_t position_of(const StoredPoint& point, Axis axis) { return axis == Axis::kStep ? point.step : point.time_ms; }

BucketSink::BucketSink(const AxisRange& range, Axis axis, int64_t buckets) : range_(range), axis_(axis) {
  const uint64_t length = distance(range.first, range.last);
  const auto most = static_cast<uint64_t>(buckets);
  width_ = length / most + (length == std::numeric_limits<uint64_t>::max() && most == 1 ? 0 : 1);
  buckets_.resize(std::min(length / width_ + 1, most));
}

void BucketSink::add(const StoredPoint& point) {
  const int64_t position = position_of(point, axis_);
  if (position < range_.first || position > range_.last) return;
  const uint64_t stretch = distance(range_.first, position) / width_;
  MetricBucket& bucket = buckets_[std::min<uint64_t>(stretch, buckets_.size() - 1)];
  if (bucket.count++ == 0) bucket.range = {position, position};
  bucket.range.first = std::min(bucket.range.first, position);
  bucket.range.last = std::max(bucket.range.last, position);
  const double value = point.value.value;
  // Infinities are stored as the largest double.
  if (point.value.is_nan != 0 || value >= std::numeric_limits<double>::max() ||
      value <= std::numeric_limits<double>::lowest()) {
    return;
  }
  if (bucket.finite++ == 0) bucket.lowest = bucket.highest = value;
  bucket.lowest = std::min(bucket.lowest, value);
  bucket.highest = std::max(bucket.highest, value);
  // A running mean: the sum of large values could overflow.
  const auto count = static_cast<double>(bucket.finite);
  bucket.mean += value / count - bucket.mean / count;
}

std::vector<MetricBucket> BucketSink::take() {
  std::erase_if(buckets_, [](const MetricBucket& bucket) { return bucket.count == 0; });
  return std::move(buckets_);
}

}  // namespace slipway::tracking
