#include "domains/tracking/metric_store.h"

#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "domains/tracking/experiment_store.h"
#include "domains/tracking/run_store.h"

namespace slipway::tracking {

namespace {

// Long enough to pack well, short enough that appending a point to it rewrites one page.
constexpr size_t kTailPoints = 128;

bool is_later(const Metric& a, const Metric& b) {
  return std::tuple(a.step, a.time_ms, stored_value(a.value).value) >
         std::tuple(b.step, b.time_ms, stored_value(b.value).value);
}

}  // namespace

void MetricStore::add(const RunRow& run, const std::vector<Metric>& metrics) {
  struct OfKey {
    const Metric* latest = nullptr;
    std::vector<StoredPoint> points;
  };
  std::map<std::string_view, OfKey> by_key;
  for (const Metric& metric : metrics) {
    OfKey& of_key = by_key[metric.key];
    if (of_key.latest == nullptr || is_later(metric, *of_key.latest)) of_key.latest = &metric;
    of_key.points.push_back({metric.time_ms, metric.step, stored_value(metric.value)});
  }
  for (auto& [key, of_key] : by_key) add_points(add_latest(run, *of_key.latest), std::move(of_key.points));
}

std::optional<int64_t> MetricStore::find_series(int64_t run, const std::string& key) {
  return transaction_.query_int("SELECT id FROM metric_series WHERE run = ? AND key = ?", {run, key});
}

int64_t MetricStore::add_latest(const RunRow& run, const Metric& latest) {
  const StoredValue stored = stored_value(latest.value);
  const auto written = transaction_.query_int(
      "INSERT INTO metric_series (run, experiment, key, step, time_ms, value, is_nan) VALUES (?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (run, key) DO UPDATE SET step = excluded.step, time_ms = excluded.time_ms, value = excluded.value, "
      "is_nan = excluded.is_nan "
      "WHERE (excluded.step, excluded.time_ms, excluded.value) >= (metric_series.step, metric_series.time_ms, "
      "metric_series.value) "
      "RETURNING id",
      {run.row, number_of(run.info.experiment_id), latest.key, latest.step, latest.time_ms, stored.value,
       stored.is_nan});
  if (written) return *written;
  // An older point than the latest one: the row stays as it is.
  return find_series(run.row, latest.key).value();
}

// The row of the series is locked by now, so nobody else appends to its tail.
void MetricStore::add_points(int64_t series, std::vector<StoredPoint> points) {
  if (points.size() < kTailPoints) {
    if (append_to_tail(series, points) < static_cast<int64_t>(kTailPoints)) return;
    points = tail(series);
    transaction_.execute("DELETE FROM metric_tails WHERE series = ?", {series});
  }
  sort_points(points);
  add_chunk(series, points);
}

// Returns how many points the tail has now.
int64_t MetricStore::append_to_tail(int64_t series, const std::vector<StoredPoint>& points) {
  // SQLite joins bytes as text, which keeps them as they are.
  constexpr std::string_view kSqlite =
      "INSERT INTO metric_tails (series, points) VALUES (?, ?) ON CONFLICT (series) DO UPDATE SET points = "
      "CAST(metric_tails.points || excluded.points AS BLOB) RETURNING length(points)";
  constexpr std::string_view kPostgresql =
      "INSERT INTO metric_tails (series, points) VALUES (?, ?) ON CONFLICT (series) DO UPDATE SET points = "
      "metric_tails.points || excluded.points RETURNING octet_length(points)";
  const auto bytes = transaction_.query_int(transaction_.dialect() == sql::Dialect::kSqlite ? kSqlite : kPostgresql,
                                            {series, sql::Bytes{encode_points(points)}});
  return bytes.value() / static_cast<int64_t>(kPointBytes);
}

void MetricStore::add_chunk(int64_t series, const std::vector<StoredPoint>& sorted) {
  transaction_.execute(
      "INSERT INTO metric_chunks (series, first_ms, first_step, last_ms, points) VALUES (?, ?, ?, ?, ?)",
      {series, sorted.front().time_ms, sorted.front().step, sorted.back().time_ms, sql::Bytes{pack_points(sorted)}});
}

}  // namespace slipway::tracking
