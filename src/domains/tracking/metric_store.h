// The rows of metrics: a series per run and key with its latest point, and all points. Every SQL statement about them.
// Used by Tracking inside its transactions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/tracking/run.h"
#include "domains/tracking/select.h"

namespace slipway::tracking {

class MetricStore {
 public:
  explicit MetricStore(sql::Transaction& transaction) : transaction_(transaction) {}

  // Adds points, each once however often it is sent, and keeps the latest of each key by (step, time, value).
  void add(int64_t run, const std::vector<Metric>& metrics);
  // By time, step and value; `limit` nothing: all.
  std::vector<Metric> history(int64_t run, const std::string& key, std::optional<int64_t> limit, int64_t offset);

 private:
  int64_t add_latest(int64_t run, const Metric& latest);
  void add_points(const std::vector<int64_t>& series, const std::vector<Metric>& metrics);

  sql::Transaction& transaction_;
};

// NaN has no place in a sorted column: it is stored as 0 beside a flag.
struct StoredValue {
  double value = 0;
  int64_t is_nan = 0;
};
StoredValue stored_value(double value);
double value_of(const StoredValue& stored);

}  // namespace slipway::tracking
