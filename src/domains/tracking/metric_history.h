// How histories of metrics are asked for: pages of one series, several series at once, and even samples for charts.
// Used by Tracking and the protocols that show histories.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "domains/tracking/run.h"

namespace slipway::tracking {

// Called for point after point, so that no history has to fit in memory; the metric is only valid during the call.
using OnMetric = std::function<void(const Metric&)>;

struct StepRange {
  int64_t first = 0;
  int64_t last = 0;  // included
};

struct HistorySample {
  int64_t max_results = 0;  // points of each run
  std::optional<StepRange> steps;
};

// Which places (from 0) of `total` sorted points an even sample keeps: they are cut into `buckets` parts whose sizes
// differ by one at most, the larger ones first; the first point of each is kept, and the last point of all stands in
// for the last part's.
class EvenSample {
 public:
  EvenSample(int64_t total, int64_t buckets);
  bool keeps(int64_t place) const;

  // The numbers that `keeps` goes by, for the same test in SQL.
  int64_t last() const { return total_ - 1; }
  int64_t size() const { return size_; }              // of the smaller parts
  int64_t larger_end() const { return larger_end_; }  // where the smaller parts begin
  int64_t last_start() const { return last_start_; }  // where the last part begins

 private:
  int64_t total_;
  int64_t size_;
  int64_t larger_end_;
  int64_t last_start_;
};

}  // namespace slipway::tracking
