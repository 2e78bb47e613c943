// A history cut into stretches of equal length, for charts that show a band from the lowest to the highest value
// however many points there are: no spike is lost, as it would be in a sample. Used by Tracking.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "domains/tracking/point_codec.h"

namespace slipway::tracking {

// What a chart's horizontal axis shows.
enum class Axis { kStep, kTime };

// Both ends are included.
struct AxisRange {
  int64_t first = 0;
  int64_t last = 0;
};

struct BucketQuery {
  Axis axis = Axis::kStep;
  int64_t buckets = 1000;  // at most so many for each run
  // Where the chart begins and ends; without them at the run's first and last point.
  std::optional<int64_t> first;
  std::optional<int64_t> last;
};

// What a stretch holds; stretches without points are left out.
struct MetricBucket {
  AxisRange range;     // of the points in it, not of the stretch
  int64_t count = 0;   // points
  int64_t finite = 0;  // of these, the ones with a finite value; without any the numbers below mean nothing
  double lowest = 0;
  double highest = 0;
  double mean = 0;
};

int64_t position_of(const StoredPoint& point, Axis axis);

// Takes the points of one run in any order. Memory: the buckets.
class BucketSink {
 public:
  // `range` has a first position not after the last one, `buckets` is at least 1.
  BucketSink(const AxisRange& range, Axis axis, int64_t buckets);
  // Leaves points outside the range out.
  void add(const StoredPoint& point);
  // Those with points, in the order of the axis.
  std::vector<MetricBucket> take();

 private:
  AxisRange range_;
  Axis axis_;
  uint64_t width_;  // positions in a stretch
  std::vector<MetricBucket> buckets_;
};

}  // namespace slipway::tracking
