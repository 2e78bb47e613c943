// The rows of metrics: a series per run and key with its latest point, and all points. Every SQL statement about them.
// Used by Tracking inside its transactions.
//
// Points lie packed in chunks (point_codec.h). What arrives one by one gathers in the tail of its series, which becomes
// a chunk when it is long enough; docs/decisions/metric-storage.md says why. Points may be stored twice: readers drop
// the second.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "domains/tracking/metric_history.h"
#include "domains/tracking/point_codec.h"
#include "domains/tracking/run.h"
#include "foundation/sql/database.h"

namespace slipway::tracking {

struct RunRow;

class MetricStore {
 public:
  using OnPoint = std::function<void(const StoredPoint&)>;

  explicit MetricStore(sql::Transaction& transaction) : transaction_(transaction) {}

  // Adds points and keeps the latest of each key by (step, time, value).
  void add(const RunRow& run, const std::vector<Metric>& metrics);
  // The same for many points of one series at once, without those that are there already; returns how many were new.
  int64_t add_series(const RunRow& run, const std::string& key, std::vector<StoredPoint> points);
  // The series of that run and key, which the calls below take.
  std::optional<int64_t> find_series(int64_t run, const std::string& key);
  // The points after `after` by time, step and value, at most `limit`, each once. Memory: the chunks that overlap in
  // time.
  void scan(int64_t series, const std::optional<StoredPoint>& after, int64_t limit, const OnPoint& on_point);
  // All points in order, each once.
  void scan(int64_t series, const OnPoint& on_point);
  // An even sample of the points within `steps` by step, time and value (see EvenSample). Memory: the sample, or all
  // points where steps do not grow with time.
  void sample(int64_t series, const HistorySample& sample, const OnPoint& on_point);

 private:
  struct ChunkHead;

  int64_t add_latest(const RunRow& run, const std::string& key, const StoredPoint& latest);
  void drop_known(int64_t series, std::vector<StoredPoint>& sorted);
  void add_points(int64_t series, std::vector<StoredPoint> points);
  void add_chunk(int64_t series, const std::vector<StoredPoint>& sorted);
  int64_t append_to_tail(int64_t series, const std::vector<StoredPoint>& points);
  std::vector<StoredPoint> tail(int64_t series);
  std::vector<ChunkHead> chunk_heads(int64_t series, int64_t from_ms, int64_t to_ms);
  void scan_until(int64_t series, const std::optional<StoredPoint>& after, int64_t to_ms, int64_t limit,
                  const OnPoint& on_point);

  sql::Transaction& transaction_;
};

}  // namespace slipway::tracking
