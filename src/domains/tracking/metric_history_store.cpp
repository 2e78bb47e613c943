// The half of MetricStore that reads points.
#include <algorithm>
#include <tuple>

#include "domains/tracking/metric_store.h"
#include "foundation/base/text.h"

namespace slipway::tracking {

namespace {

// One statement's worth: on PostgreSQL a result lies in memory whole.
constexpr int64_t kPortion = 10'000;

StoredPoint point_of(const sql::Row& row) {
  return {row.get_int(0), row.get_int(1), {row.get_double(2), row.get_int(3)}};
}

std::string_view step_condition(const std::optional<StepRange>& steps) {
  return steps ? " AND step >= ? AND step <= ?" : "";
}

void add_steps(sql::Values& values, const std::optional<StepRange>& steps) {
  if (!steps) return;
  values.emplace_back(steps->first);
  values.emplace_back(steps->last);
}

// Whether the table's order (time first) and the order of charts (step first) agree on these two neighbours.
bool in_step_order(const StoredPoint& before, const StoredPoint& after) { return before.step <= after.step; }

}  // namespace

EvenSample::EvenSample(int64_t total, int64_t buckets) : total_(total) {
  const int64_t parts = std::max<int64_t>(1, std::min(total, buckets));
  size_ = std::max<int64_t>(1, total / parts);
  const int64_t larger = total - std::min(total, size_ * parts);
  larger_end_ = larger * (size_ + 1);
  last_start_ = larger_end_ + (parts - 1 - larger) * size_;
}

bool EvenSample::keeps(int64_t place) const {
  if (place >= last_start_) return place == total_ - 1;
  return place < larger_end_ ? place % (size_ + 1) == 0 : (place - larger_end_) % size_ == 0;
}

void MetricStore::scan(int64_t series, const std::optional<StoredPoint>& after, int64_t limit,
                       const OnPoint& on_point) {
  constexpr std::string_view kHead = "SELECT time_ms, step, value, is_nan FROM metric_points WHERE series = ?";
  constexpr std::string_view kTail = " ORDER BY time_ms, step, value, is_nan LIMIT ?";
  std::optional<StoredPoint> last = after;
  for (int64_t left = limit; left > 0;) {
    const int64_t portion = std::min(left, kPortion);
    sql::Values values = {series};
    if (last) values.insert(values.end(), {last->time_ms, last->step, last->value.value, last->value.is_nan});
    values.emplace_back(portion);
    const std::string_view beyond = last ? " AND (time_ms, step, value, is_nan) > (?, ?, ?, ?)" : "";
    int64_t read = 0;
    transaction_.query(text::concat(kHead, beyond, kTail), values, [&](const sql::Row& row) {
      ++read;
      last = point_of(row);
      on_point(*last);
    });
    if (read < portion) return;
    left -= read;
  }
}

int64_t MetricStore::count(int64_t series, const std::optional<StepRange>& steps) {
  sql::Values values = {series};
  add_steps(values, steps);
  return transaction_
      .query_int(text::concat("SELECT count(*) FROM metric_points WHERE series = ?", step_condition(steps)), values)
      .value();
}

// Most series are logged step after step as time goes on, so the table's own order is the wanted one and nothing needs
// sorting; false as soon as a point shows that it is not.
bool MetricStore::sample_in_table_order(int64_t series, const std::optional<StepRange>& steps, const EvenSample& sample,
                                        std::vector<StoredPoint>& out) {
  bool ordered = true;
  int64_t place = 0;
  std::optional<StoredPoint> before;
  std::optional<StoredPoint> portion_end;
  int64_t read = kPortion;
  while (ordered && read == kPortion) {
    read = 0;
    scan(series, portion_end, kPortion, [&](const StoredPoint& point) {
      ++read;
      portion_end = point;
      if (!ordered || (steps && (point.step < steps->first || point.step > steps->last))) return;
      ordered = !before || in_step_order(*before, point);
      before = point;
      if (sample.keeps(place++)) out.push_back(point);
    });
  }
  return ordered;
}

void MetricStore::sample_sorted(int64_t series, const std::optional<StepRange>& steps, const EvenSample& sample,
                                const OnPoint& on_point) {
  const std::string statement = text::concat(
      "SELECT time_ms, step, value, is_nan FROM (SELECT time_ms, step, value, is_nan, row_number() OVER (ORDER BY "
      "step, time_ms, value, is_nan) - 1 AS place FROM metric_points WHERE series = ?",
      step_condition(steps),
      ") AS numbered WHERE place = ? OR (place < ? AND ((place < ? AND place % ? = 0) OR (place >= ? AND (place - ?) % "
      "? = 0))) ORDER BY step, time_ms, value, is_nan");
  sql::Values values = {series};
  add_steps(values, steps);
  values.insert(values.end(), {sample.last(), sample.last_start(), sample.larger_end(), sample.size() + 1,
                               sample.larger_end(), sample.larger_end(), sample.size()});
  transaction_.query(statement, values, [&](const sql::Row& row) { on_point(point_of(row)); });
}

void MetricStore::sample(int64_t series, const HistorySample& wanted, const OnPoint& on_point) {
  const int64_t total = count(series, wanted.steps);
  if (total == 0) return;
  const EvenSample sample(total, wanted.max_results);
  std::vector<StoredPoint> points;
  if (!sample_in_table_order(series, wanted.steps, sample, points)) {
    return sample_sorted(series, wanted.steps, sample, on_point);
  }
  // Points of one step that came at different times lie in the right order already; so do those of one time.
  for (const StoredPoint& point : points) on_point(point);
}

}  // namespace slipway::tracking
