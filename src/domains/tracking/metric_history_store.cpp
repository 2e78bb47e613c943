// The half of MetricStore that reads points.
#include <algorithm>
#include <limits>
#include <tuple>

#include "domains/tracking/metric_store.h"

namespace slipway::tracking {

namespace {

bool is_within(const StoredPoint& point, const std::optional<StepRange>& steps) {
  return !steps || (point.step >= steps->first && point.step <= steps->last);
}

auto by_step(const StoredPoint& point) {
  return std::tuple(point.step, point.time_ms, point.value.value, point.value.is_nan);
}

void merge(std::vector<StoredPoint>& into, const std::vector<StoredPoint>& sorted) {
  const auto middle = static_cast<ptrdiff_t>(into.size());
  into.insert(into.end(), sorted.begin(), sorted.end());
  std::inplace_merge(into.begin(), into.begin() + middle, into.end());
}

// Hands on the points up to a bound, each once, until enough are given.
class PointSink {
 public:
  PointSink(const std::optional<StoredPoint>& after, int64_t limit, const MetricStore::OnPoint& on_point)
      : last_(after), left_(limit), on_point_(on_point) {}

  bool is_full() const { return left_ <= 0; }

  // Takes the points before `end` out of `waiting`.
  void take(std::vector<StoredPoint>& waiting, std::vector<StoredPoint>::iterator end) {
    for (auto point = waiting.begin(); point != end && !is_full(); ++point) {
      if (last_ && !(*last_ < *point)) continue;
      last_ = *point;
      --left_;
      on_point_(*point);
    }
    waiting.erase(waiting.begin(), end);
  }

 private:
  std::optional<StoredPoint> last_;
  int64_t left_;
  const MetricStore::OnPoint& on_point_;
};

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

struct MetricStore::ChunkHead {
  int64_t id = 0;
  int64_t first_ms = 0;
  int64_t first_step = 0;
};

std::vector<MetricStore::ChunkHead> MetricStore::chunk_heads(int64_t series, int64_t from_ms, int64_t to_ms) {
  return transaction_.query_all<ChunkHead>(
      "SELECT id, first_ms, first_step FROM metric_chunks WHERE series = ? AND first_ms <= ? AND last_ms >= "
      "? ORDER BY first_ms, first_step",
      {series, to_ms, from_ms}, [](const sql::Row& row) {
        return ChunkHead{row.get_int(0), row.get_int(1), row.get_int(2)};
      });
}

std::vector<StoredPoint> MetricStore::tail(int64_t series) {
  return transaction_
      .query_one<std::vector<StoredPoint>>("SELECT points FROM metric_tails WHERE series = ?", {series},
                                           [](const sql::Row& row) { return decode_points(row.get_bytes(0)); })
      .value_or(std::vector<StoredPoint>());
}

void MetricStore::scan(int64_t series, const std::optional<StoredPoint>& after, int64_t limit,
                       const OnPoint& on_point) {
  scan_until(series, after, std::numeric_limits<int64_t>::max(), limit, on_point);
}

void MetricStore::scan(int64_t series, const OnPoint& on_point) {
  scan(series, std::nullopt, std::numeric_limits<int64_t>::max(), on_point);
}

// Chunks are opened in the order of their first points; whatever lies before the next chunk's first is complete.
// Some points after `to_ms` may come as well.
void MetricStore::scan_until(int64_t series, const std::optional<StoredPoint>& after, int64_t to_ms, int64_t limit,
                             const OnPoint& on_point) {
  PointSink sink(after, limit, on_point);
  std::vector<StoredPoint> waiting = tail(series);
  sort_points(waiting);
  const int64_t from_ms = after ? after->time_ms : std::numeric_limits<int64_t>::min();
  for (const ChunkHead& head : chunk_heads(series, from_ms, to_ms)) {
    const auto complete = std::partition_point(waiting.begin(), waiting.end(), [&](const StoredPoint& point) {
      return std::tuple(point.time_ms, point.step) < std::tuple(head.first_ms, head.first_step);
    });
    sink.take(waiting, complete);
    if (sink.is_full()) return;
    transaction_.query("SELECT points FROM metric_chunks WHERE id = ?", {head.id},
                       [&](const sql::Row& row) { merge(waiting, unpack_points(row.get_bytes(0))); });
  }
  sink.take(waiting, waiting.end());
}

void MetricStore::sample(int64_t series, const HistorySample& wanted, const OnPoint& on_point) {
  int64_t total = 0;
  bool ordered = true;
  std::optional<StoredPoint> before;
  scan(series, [&](const StoredPoint& point) {
    if (!is_within(point, wanted.steps)) return;
    ++total;
    ordered = ordered && (!before || before->step <= point.step);
    before = point;
  });
  if (total == 0) return;
  const EvenSample sample(total, wanted.max_results);
  // Most series are logged step after step as time goes on: the order of the scan is the wanted one. Else all are
  // sorted anew.
  std::vector<StoredPoint> points;
  int64_t place = 0;
  scan(series, [&](const StoredPoint& point) {
    if (!is_within(point, wanted.steps)) return;
    if (!ordered || sample.keeps(place)) points.push_back(point);
    ++place;
  });
  if (!ordered) {
    std::sort(points.begin(), points.end(),
              [](const StoredPoint& a, const StoredPoint& b) { return by_step(a) < by_step(b); });
  }
  place = 0;
  for (const StoredPoint& point : points) {
    if (ordered || sample.keeps(place++)) on_point(point);
  }
}

}  // namespace slipway::tracking
