#include "domains/tracking/outlet.h"

#include <algorithm>
#include <unordered_map>

#include "domains/tracking/experiment_store.h"
#include "domains/tracking/input_store.h"
#include "domains/tracking/logged_model_store.h"
#include "domains/tracking/run_store.h"

namespace slipway::tracking {

namespace {

void include(SeriesSummary& summary, const StoredPoint& point) {
  const bool first = summary.points++ == 0;
  const double value = point.value.value;
  summary.first_ms = first ? point.time_ms : std::min(summary.first_ms, point.time_ms);
  summary.last_ms = first ? point.time_ms : std::max(summary.last_ms, point.time_ms);
  summary.first_step = first ? point.step : std::min(summary.first_step, point.step);
  summary.last_step = first ? point.step : std::max(summary.last_step, point.step);
  summary.least = first ? value : std::min(summary.least, value);
  summary.most = first ? value : std::max(summary.most, value);
}

}  // namespace

std::vector<Experiment> Outlet::experiments() {
  Search search;
  search.visibility = Visibility::kAll;
  search.order_by = {"experiment_id ASC"};
  return ExperimentStore(transaction_).search(search, PageRequest::all()).items;
}

std::vector<StoredRun> Outlet::runs(const RunId& after, int64_t limit) {
  SelectBuilder select = select_runs();
  select.where({"r.run_id > ?", {after.value}});
  select.order({"r.run_id", SortKey::Kind::kText});
  RunStore store(transaction_);
  const std::vector<RunRow> rows = store.search(select, PageRequest(limit, "", Question("runs"))).items;
  std::vector<Run> runs = store.with_data(rows);
  InputStore(transaction_).load(rows, runs);
  std::vector<StoredRun> out;
  for (size_t i = 0; i < runs.size(); ++i) {
    const auto deleted = transaction_.query_int("SELECT deleted_ms FROM runs WHERE id = ?", {rows[i].row});
    out.push_back({std::move(runs[i]), deleted});
  }
  return out;
}

std::vector<LoggedModel> Outlet::models(const LoggedModelId& after, int64_t limit) {
  LoggedModelStore store(transaction_);
  std::vector<LoggedModel> out;
  for (const std::string& id : transaction_.query_all<std::string>(
           "SELECT model_id FROM logged_models WHERE model_id > ? ORDER BY model_id LIMIT ?", {after.value, limit},
           [](const sql::Row& row) { return row.get_text(0); })) {
    out.push_back(store.get(LoggedModelId(id), DeletedModels::kShow));
  }
  return out;
}

std::vector<SeriesSummary> Outlet::series_of(const std::vector<RunId>& runs) {
  std::vector<SeriesSummary> out;
  sql::Values ids;
  for (const RunId& run : runs) ids.emplace_back(run.value);
  std::vector<int64_t> series;
  query_in(transaction_, "SELECT r.run_id, s.key, s.id FROM runs r JOIN metric_series s ON s.run = r.id", "r.run_id",
           ids, "", [&](const sql::Row& row) {
             SeriesSummary& one = out.emplace_back();
             one.run = RunId(row.get_text(0));
             one.key = row.get_text(1);
             series.push_back(row.get_int(2));
           });
  MetricStore store(transaction_);
  for (size_t i = 0; i < out.size(); ++i) {
    store.scan(series[i], [&one = out[i]](const StoredPoint& point) { include(one, point); });
  }
  return out;
}

int64_t Outlet::count_points() {
  int64_t count = 0;
  MetricStore store(transaction_);
  const auto all = transaction_.query_all<int64_t>("SELECT id FROM metric_series", {},
                                                   [](const sql::Row& row) { return row.get_int(0); });
  for (const int64_t series : all) store.scan(series, [&](const StoredPoint&) { ++count; });
  return count;
}

void Outlet::points(const std::vector<RunId>& runs, size_t portion,
                    const std::function<void(const std::vector<SeriesPoints>&)>& on_series) {
  MetricStore store(transaction_);
  std::vector<SeriesPoints> batch;
  size_t held = 0;
  const auto flush = [&] {
    if (held > 0) on_series(batch);
    batch.clear();
    held = 0;
  };
  for (const RunId& run : runs) {
    const auto row = transaction_.query_int("SELECT id FROM runs WHERE run_id = ?", {run.value});
    if (!row) continue;
    struct Series {
      int64_t id;
      std::string key;
    };
    const auto all = transaction_.query_all<Series>("SELECT id, key FROM metric_series WHERE run = ? ORDER BY key",
                                                    {*row}, [](const sql::Row& found) {
                                                      return Series{found.get_int(0), found.get_text(1)};
                                                    });
    for (const Series& series : all) {
      batch.push_back({run, series.key, {}});
      store.scan(series.id, [&](const StoredPoint& point) {
        batch.back().points.push_back(point);
        if (++held < portion) return;
        flush();
        batch.push_back({run, series.key, {}});
      });
    }
  }
  flush();
}

}  // namespace slipway::tracking
