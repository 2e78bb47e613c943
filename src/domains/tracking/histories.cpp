// The part of Tracking that reads histories of metrics.
#include <algorithm>
#include <limits>
#include <set>

#include "domains/tracking/metric_store.h"
#include "domains/tracking/run_store.h"
#include "domains/tracking/tracking.h"
#include "foundation/base/error.h"
#include "foundation/base/hash.h"

namespace slipway::tracking {

namespace {

constexpr std::string_view kTokenStart = "after:";
constexpr int64_t kUnlimited = std::numeric_limits<int64_t>::max() - 1;

// A page ends at a point and the next one begins behind it, however many came before.
std::string token_of(const StoredPoint& point) {
  return base64_encode(text::concat(kTokenStart, point.time_ms, ",", point.step, ",",
                                    text::format_double(point.value.value), ",", point.value.is_nan));
}

std::optional<StoredPoint> point_of_token(const std::string& token) {
  if (token.empty()) return std::nullopt;
  const Error fault = invalid_argument("Invalid page token: '", token, "'");
  std::string plain;
  try {
    plain = base64_decode(token);
  } catch (const Error&) {
    throw fault;
  }
  if (!plain.starts_with(kTokenStart)) throw fault;
  const std::vector<std::string> parts = text::split(plain.substr(kTokenStart.size()), ',');
  if (parts.size() != 4) throw fault;
  const auto time_ms = text::parse_int(parts[0]);
  const auto step = text::parse_int(parts[1]);
  const auto value = text::parse_double(parts[2]);
  const auto is_nan = text::parse_int(parts[3]);
  if (!time_ms || !step || !value || *value != *value || !is_nan) throw fault;
  return StoredPoint{*time_ms, *step, {*value, *is_nan}};
}

void fill(Metric& metric, const StoredPoint& point) {
  metric.time_ms = point.time_ms;
  metric.step = point.step;
  metric.value = value_of(point.value);
}

Metric metric_named(const std::string& key, const RunId& run) {
  Metric out;
  out.key = key;
  out.run_id = run;
  return out;
}

constexpr int64_t kMaxBuckets = 10'000;

// From the first to the last position of a series; nothing when it has no points.
std::optional<AxisRange> extent_of(MetricStore& metrics, int64_t series, Axis axis) {
  std::optional<AxisRange> out;
  metrics.scan(series, [&](const StoredPoint& point) {
    const int64_t position = position_of(point, axis);
    if (!out) out = {position, position};
    out->first = std::min(out->first, position);
    out->last = std::max(out->last, position);
  });
  return out;
}

}  // namespace

std::optional<std::string> Tracking::read_history(const RunId& id, const std::string& key, int64_t max_results,
                                                  const std::string& page_token, const OnMetric& on_metric) {
  if (max_results <= 0) {
    throw invalid_argument("Invalid value ", max_results,
                           " for parameter 'max_results' supplied: it must be at least 1");
  }
  const std::optional<StoredPoint> after = point_of_token(page_token);
  const int64_t wanted = std::min(max_results, kUnlimited);
  Metric metric = metric_named(key, RunId());
  int64_t given = 0;
  std::optional<StoredPoint> last;
  bool more = false;
  database_.read([&](sql::Transaction& transaction) {
    const RunRow run = RunStore(transaction).get(id);
    MetricStore metrics(transaction);
    const auto series = metrics.find_series(run.row, key);
    if (!series) return;
    metrics.scan(*series, after, wanted + 1, [&](const StoredPoint& point) {
      more = given == wanted;
      if (more) return;
      ++given;
      last = point;
      fill(metric, point);
      on_metric(metric);
    });
  });
  return more ? std::optional(token_of(*last)) : std::nullopt;
}

Page<Metric> Tracking::metric_history(const RunId& id, const std::string& key, std::optional<int64_t> max_results,
                                      const std::string& page_token) {
  Page<Metric> page;
  page.next = read_history(id, key, max_results.value_or(kUnlimited), page_token,
                           [&](const Metric& metric) { page.items.push_back(metric); });
  return page;
}

void Tracking::read_histories(const std::vector<RunId>& runs, const std::string& key, int64_t max_results,
                              const OnMetric& on_metric) {
  const std::set<RunId> ordered(runs.begin(), runs.end());
  int64_t left = max_results;
  database_.read([&](sql::Transaction& transaction) {
    RunStore store(transaction);
    MetricStore metrics(transaction);
    for (const RunId& id : ordered) {
      const auto run = store.find(id);
      const auto series = run ? metrics.find_series(run->row, key) : std::nullopt;
      if (!series) continue;
      Metric metric = metric_named(key, id);
      metrics.scan(*series, std::nullopt, left, [&](const StoredPoint& point) {
        --left;
        fill(metric, point);
        on_metric(metric);
      });
    }
  });
}

void Tracking::sample_histories(const std::vector<RunId>& runs, const std::string& key, const HistorySample& sample,
                                const OnMetric& on_metric) {
  if (sample.max_results <= 0) throw invalid_argument("max_results must be at least 1, got ", sample.max_results);
  if (sample.steps && sample.steps->first > sample.steps->last) {
    throw invalid_argument("end_step must be greater than start_step. Found start_step=", sample.steps->first,
                           " and end_step=", sample.steps->last, ".");
  }
  database_.read([&](sql::Transaction& transaction) {
    RunStore store(transaction);
    MetricStore metrics(transaction);
    // All runs are looked up before the first point is given away, so that a wrong id gives no half answer.
    std::vector<int64_t> rows;
    for (const RunId& id : runs) rows.push_back(store.get(id).row);
    for (size_t i = 0; i < runs.size(); ++i) {
      const auto series = metrics.find_series(rows[i], key);
      if (!series) continue;
      Metric metric = metric_named(key, runs[i]);
      metrics.sample(*series, sample, [&](const StoredPoint& point) {
        fill(metric, point);
        on_metric(metric);
      });
    }
  });
}

std::vector<MetricBucket> Tracking::metric_buckets(const RunId& id, const std::string& key, const BucketQuery& query) {
  if (query.buckets < 1 || query.buckets > kMaxBuckets) {
    throw invalid_argument("the number of buckets must be between 1 and ", kMaxBuckets, ", got ", query.buckets);
  }
  if (query.first && query.last && *query.first > *query.last) {
    throw invalid_argument("the range ends at ", *query.last, ", before it begins at ", *query.first);
  }
  return database_.read_value<std::vector<MetricBucket>>([&](sql::Transaction& transaction) {
    const RunRow run = RunStore(transaction).get(id);
    MetricStore metrics(transaction);
    std::vector<MetricBucket> none;
    const auto series = metrics.find_series(run.row, key);
    if (!series) return none;
    AxisRange range{query.first.value_or(0), query.last.value_or(0)};
    if (!query.first || !query.last) {
      const auto extent = extent_of(metrics, *series, query.axis);
      if (!extent) return none;
      range = {query.first.value_or(extent->first), query.last.value_or(extent->last)};
      if (range.first > range.last) return none;
    }
    BucketSink sink(range, query.axis, query.buckets);
    metrics.scan(*series, [&](const StoredPoint& point) { sink.add(point); });
    return sink.take();
  });
}

}  // namespace slipway::tracking
