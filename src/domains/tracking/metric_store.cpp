#include "domains/tracking/metric_store.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

#include "domains/tracking/experiment_store.h"
#include "domains/tracking/run_store.h"

namespace slipway::tracking {

namespace {

// Long enough to pack well, short enough that appending a point to it rewrites one page.
constexpr size_t kTailPoints = 128;
// No chunk has more, so that a page of a history opens little that it does not show.
constexpr size_t kChunkPoints = 2048;

bool is_earlier(const StoredPoint& a, const StoredPoint& b) {
  return std::tuple(a.step, a.time_ms, a.value.value) < std::tuple(b.step, b.time_ms, b.value.value);
}

const StoredPoint& latest_of(const std::vector<StoredPoint>& points) {
  return *std::max_element(points.begin(), points.end(), is_earlier);
}

}  // namespace

void MetricStore::add(const RunRow& run, const std::vector<Metric>& metrics) {
  std::map<std::string, std::vector<StoredPoint>> by_key;
  for (const Metric& metric : metrics) {
    by_key[metric.key].push_back({metric.time_ms, metric.step, stored_value(metric.value)});
  }
  for (auto& [key, points] : by_key) {
    const int64_t series = add_latest(run, key, latest_of(points));
    add_points(series, std::move(points));
  }
}

int64_t MetricStore::add_series(const RunRow& run, const std::string& key, std::vector<StoredPoint> points) {
  sort_points(points);
  if (const auto known = find_series(run.row, key)) drop_known(*known, points);
  if (points.empty()) return 0;
  const auto added = static_cast<int64_t>(points.size());
  const int64_t series = add_latest(run, key, latest_of(points));
  add_points(series, std::move(points));
  return added;
}

void MetricStore::drop_known(int64_t series, std::vector<StoredPoint>& sorted) {
  if (sorted.empty()) return;
  std::optional<StoredPoint> after;
  if (sorted.front().time_ms > std::numeric_limits<int64_t>::min()) {
    after = {sorted.front().time_ms - 1, std::numeric_limits<int64_t>::max(),
             stored_value(std::numeric_limits<double>::max())};
  }
  std::vector<StoredPoint> known;
  scan_until(series, after, sorted.back().time_ms, std::numeric_limits<int64_t>::max(),
             [&](const StoredPoint& point) { known.push_back(point); });
  std::vector<StoredPoint> fresh;
  std::set_difference(sorted.begin(), sorted.end(), known.begin(), known.end(), std::back_inserter(fresh));
  sorted = std::move(fresh);
}

std::optional<int64_t> MetricStore::find_series(int64_t run, const std::string& key) {
  return transaction_.query_int("SELECT id FROM metric_series WHERE run = ? AND key = ?", {run, key});
}

int64_t MetricStore::add_latest(const RunRow& run, const std::string& key, const StoredPoint& latest) {
  const auto written = transaction_.query_int(
      "INSERT INTO metric_series (run, experiment, key, step, time_ms, value, is_nan) VALUES (?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (run, key) DO UPDATE SET step = excluded.step, time_ms = excluded.time_ms, value = excluded.value, "
      "is_nan = excluded.is_nan "
      "WHERE (excluded.step, excluded.time_ms, excluded.value) >= (metric_series.step, metric_series.time_ms, "
      "metric_series.value) "
      "RETURNING id",
      {run.row, number_of(run.info.experiment_id), key, latest.step, latest.time_ms, latest.value.value,
       latest.value.is_nan});
  if (written) return *written;
  // An older point than the latest one: the row stays as it is.
  return find_series(run.row, key).value();
}

// The row of the series is locked by now, so nobody else appends to its tail.
void MetricStore::add_points(int64_t series, std::vector<StoredPoint> points) {
  if (points.size() < kTailPoints) {
    if (append_to_tail(series, points) < static_cast<int64_t>(kTailPoints)) return;
    points = tail(series);
    transaction_.execute("DELETE FROM metric_tails WHERE series = ?", {series});
  }
  sort_points(points);
  for (size_t begin = 0; begin < points.size(); begin += kChunkPoints) {
    const auto first = points.begin() + static_cast<ptrdiff_t>(begin);
    const auto last = points.begin() + static_cast<ptrdiff_t>(std::min(begin + kChunkPoints, points.size()));
    add_chunk(series, {first, last});
  }
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
