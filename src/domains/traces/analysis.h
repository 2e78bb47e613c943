// Questions about many traces at once: how two filters hang together, and metrics over time. Part of Tracing.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domains/traces/trace.h"
#include "foundation/sql/database.h"

namespace slipway::traces {

// Normalized pointwise mutual information of two filters: 1 always together, 0 independent, -1 never together, NaN
// undefined. The smoothed one adds half a trace to each of the four cells.
struct Correlation {
  int64_t total = 0;
  int64_t first = 0;
  int64_t second = 0;
  int64_t joint = 0;
  double npmi = 0;
  double npmi_smoothed = 0;
};
// Only the counts are read.
void compute_npmi(Correlation& correlation);

enum class MetricView { kTraces, kSpans, kAssessments };
enum class Aggregation { kCount, kSum, kAverage, kPercentile, kLeast, kMost };

struct AskedAggregation {
  Aggregation kind = Aggregation::kCount;
  double percentile = 0;  // 0 to 100
};
// "COUNT", "P50.0".
std::string name_of(const AskedAggregation& asked);

struct MetricQuery {
  std::vector<ExperimentId> experiments;
  MetricView view = MetricView::kTraces;
  std::string metric;  // "latency"
  std::vector<AskedAggregation> aggregations;
  std::vector<std::string> dimensions;  // "trace_name"
  std::vector<std::string> filters;     // "trace.status = 'OK'", one comparison each
  std::optional<int64_t> interval_s;    // with both times
  std::optional<int64_t> from_ms;
  std::optional<int64_t> to_ms;  // inclusive
  int64_t max_results = 1000;
};

struct MetricDataPoint {
  std::vector<Tag> dimensions;  // "time_bucket" first, if asked for
  std::vector<std::pair<std::string, double>> values;
};

class Analysis {
 public:
  explicit Analysis(sql::Database& database) : database_(database) {}

  // Among the traces that `base` finds.
  Correlation correlate(const std::vector<ExperimentId>& experiments, const std::string& first,
                        const std::string& second, const std::string& base);
  // Ordered by time, then by the other dimensions.
  std::vector<MetricDataPoint> metrics(const MetricQuery& query);

 private:
  sql::Database& database_;
};

}  // namespace slipway::traces
