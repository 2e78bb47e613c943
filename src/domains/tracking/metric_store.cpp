#include "domains/tracking/metric_store.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <unordered_map>

#include "domains/tracking/insert_rows.h"

namespace slipway::tracking {

namespace {

bool is_later(const Metric& a, const Metric& b) {
  return std::tuple(a.step, a.time_ms, stored_value(a.value).value) >
         std::tuple(b.step, b.time_ms, stored_value(b.value).value);
}

}  // namespace

StoredValue stored_value(double value) {
  if (std::isnan(value)) return {0, 1};
  constexpr double kMost = std::numeric_limits<double>::max();
  return {std::clamp(value, -kMost, kMost), 0};
}

double value_of(const StoredValue& stored) {
  return stored.is_nan != 0 ? std::numeric_limits<double>::quiet_NaN() : stored.value;
}

void MetricStore::add(int64_t run, const std::vector<Metric>& metrics) {
  std::unordered_map<std::string_view, const Metric*> latest;
  for (const Metric& metric : metrics) {
    const Metric*& known = latest[metric.key];
    if (known == nullptr || is_later(metric, *known)) known = &metric;
  }
  std::unordered_map<std::string_view, int64_t> series_of;
  for (const auto& [key, metric] : latest) series_of[key] = add_latest(run, *metric);
  std::vector<int64_t> series;
  series.reserve(metrics.size());
  for (const Metric& metric : metrics) series.push_back(series_of.at(metric.key));
  add_points(series, metrics);
}

std::optional<int64_t> MetricStore::find_series(int64_t run, const std::string& key) {
  return transaction_.query_int("SELECT id FROM metric_series WHERE run = ? AND key = ?", {run, key});
}

int64_t MetricStore::add_latest(int64_t run, const Metric& latest) {
  const StoredValue stored = stored_value(latest.value);
  const auto written = transaction_.query_int(
      "INSERT INTO metric_series (run, key, step, time_ms, value, is_nan) VALUES (?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (run, key) DO UPDATE SET step = excluded.step, time_ms = excluded.time_ms, value = excluded.value, "
      "is_nan = excluded.is_nan "
      "WHERE (excluded.step, excluded.time_ms, excluded.value) >= (metric_series.step, metric_series.time_ms, "
      "metric_series.value) "
      "RETURNING id",
      {run, latest.key, latest.step, latest.time_ms, stored.value, stored.is_nan});
  if (written) return *written;
  // An older point than the latest one: the row stays as it is.
  return find_series(run, latest.key).value();
}

void MetricStore::add_points(const std::vector<int64_t>& series, const std::vector<Metric>& metrics) {
  insert_rows(
      transaction_, "INSERT INTO metric_points (series, time_ms, step, value, is_nan)", 5, " ON CONFLICT DO NOTHING",
      metrics.size(), [&](size_t i, sql::Values& values) {
        const StoredValue stored = stored_value(metrics[i].value);
        values.insert(values.end(), {series[i], metrics[i].time_ms, metrics[i].step, stored.value, stored.is_nan});
      });
}

}  // namespace slipway::tracking
