// The rows of metrics: a series per run and key with its latest point, and all points. Every SQL statement about them.
// Used by Tracking inside its transactions.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "domains/tracking/metric_history.h"
#include "domains/tracking/run.h"
#include "domains/tracking/select.h"

namespace slipway::tracking {

// NaN has no place in a sorted column: it is stored as 0 beside a flag.
struct StoredValue {
  double value = 0;
  int64_t is_nan = 0;
};
StoredValue stored_value(double value);
double value_of(const StoredValue& stored);

// A point as its row holds it; the four together are its key within the series.
struct StoredPoint {
  int64_t time_ms = 0;
  int64_t step = 0;
  StoredValue value;
};

class MetricStore {
 public:
  using OnPoint = std::function<void(const StoredPoint&)>;

  explicit MetricStore(sql::Transaction& transaction) : transaction_(transaction) {}

  // Adds points, each once however often it is sent, and keeps the latest of each key by (step, time, value).
  void add(int64_t run, const std::vector<Metric>& metrics);
  // The series of that run and key, which the calls below take.
  std::optional<int64_t> find_series(int64_t run, const std::string& key);
  // The points after `after` by time, step and value, at most `limit`: read in the order of the table itself, a portion
  // at a time.
  void scan(int64_t series, const std::optional<StoredPoint>& after, int64_t limit, const OnPoint& on_point);
  // An even sample of the points within `steps` by step, time and value (see EvenSample).
  void sample(int64_t series, const HistorySample& sample, const OnPoint& on_point);

 private:
  int64_t count(int64_t series, const std::optional<StepRange>& steps);
  bool sample_in_table_order(int64_t series, const std::optional<StepRange>& steps, const EvenSample& sample,
                             std::vector<StoredPoint>& out);
  void sample_sorted(int64_t series, const std::optional<StepRange>& steps, const EvenSample& sample,
                     const OnPoint& on_point);
  int64_t add_latest(int64_t run, const Metric& latest);
  void add_points(const std::vector<int64_t>& series, const std::vector<Metric>& metrics);

  sql::Transaction& transaction_;
};

}  // namespace slipway::tracking
