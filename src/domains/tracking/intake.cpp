#include "domains/tracking/intake.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "domains/tracking/difference.h"
#include "domains/tracking/experiment_store.h"
#include "domains/tracking/input_store.h"
#include "domains/tracking/logged_model_store.h"
#include "domains/tracking/outlet.h"
#include "domains/tracking/run_store.h"
#include "foundation/base/error.h"
#include "foundation/sql/insert_rows.h"

namespace slipway::tracking {

namespace {

constexpr std::string_view kDefaultExperiment = "0";

template <typename Id>
sql::Values values_of(const std::vector<Id>& ids) {
  sql::Values out;
  for (const Id& id : ids) out.emplace_back(id.value);
  return out;
}

int64_t sum_over(sql::Transaction& transaction, std::string_view head, const std::string& column,
                 const sql::Values& ids, std::string_view tail = "") {
  int64_t out = 0;
  query_in(transaction, head, column, ids, tail, [&](const sql::Row& row) { out += row.get_int(0); });
  return out;
}

void insert_experiment(sql::Transaction& transaction, const Experiment& experiment) {
  transaction.execute(
      "INSERT INTO experiments (id, name, artifact_location, lifecycle, created_ms, updated_ms) VALUES (?, ?, ?, ?, ?, "
      "?)",
      {number_of(experiment.id), experiment.name, experiment.artifact_location,
       std::string(name_of(experiment.lifecycle)), experiment.created_ms, experiment.updated_ms});
  ExperimentStore store(transaction);
  for (const Tag& tag : experiment.tags) store.set_tag(experiment.id, tag);
}

// Every store makes its default experiment by itself, so only the tags say something.
Arrival merge_default(sql::Transaction& transaction, const Experiment& known, const Experiment& arriving,
                      bool only_look) {
  ExperimentStore store(transaction);
  std::map<std::string, std::string> tags;
  for (const Tag& tag : known.tags) tags[tag.key] = tag.value;
  Arrival out{Fate::kSame, ""};
  for (const Tag& tag : arriving.tags) {
    const auto found = tags.find(tag.key);
    if (found == tags.end()) {
      if (!only_look) store.set_tag(known.id, tag);
    } else if (found->second != tag.value) {
      out = arrival_of(text_difference(text::concat("tag '", tag.key, "'"), found->second, tag.value));
    }
  }
  return out;
}

void insert_run(sql::Transaction& transaction, const StoredRun& arriving) {
  const Run& run = arriving.run;
  RunStore runs(transaction);
  RunRow row{runs.insert(run.info), run.info};
  if (run.info.lifecycle == Lifecycle::kDeleted) {
    // Other stores do not keep which runs were deleted by themselves; restoring an experiment there brings back all.
    runs.delete_with_experiment(row.row, arriving.deleted_ms.value_or(run.info.end_ms.value_or(0)));
  }
  const int64_t experiment = number_of(run.info.experiment_id);
  sql::insert_rows(transaction, "INSERT INTO run_params (run, experiment, key, value)", 4, "", run.params.size(),
                   [&](size_t i, sql::Values& values) {
                     values.insert(values.end(), {row.row, experiment, run.params[i].key, run.params[i].value});
                   });
  sql::insert_rows(transaction, "INSERT INTO run_tags (run, experiment, key, value)", 4, "", run.tags.size(),
                   [&](size_t i, sql::Values& values) {
                     values.insert(values.end(), {row.row, experiment, run.tags[i].key, run.tags[i].value});
                   });
  InputStore inputs(transaction);
  for (const DatasetInput& input : run.dataset_inputs) inputs.add_dataset(row, input);
  for (const LoggedModelId& model : run.model_inputs) inputs.add_model_input(row.row, model);
  for (const ModelOutput& output : run.model_outputs) inputs.add_model_output(row.row, output);
}

std::unordered_map<std::string, Run> find_runs(sql::Transaction& transaction, const sql::Values& ids) {
  SelectBuilder select = select_runs();
  select.where(in_condition("r.run_id", ids));
  RunStore store(transaction);
  const std::vector<RunRow> rows = store.search(select, PageRequest::all()).items;
  std::vector<Run> runs = store.with_data(rows);
  InputStore(transaction).load(rows, runs);
  std::unordered_map<std::string, Run> out;
  for (Run& run : runs) {
    std::string id = run.info.id.value;
    out.emplace(std::move(id), std::move(run));
  }
  return out;
}

void insert_model(sql::Transaction& transaction, const LoggedModel& model) {
  LoggedModelStore store(transaction);
  store.insert(model);
  if (model.lifecycle == Lifecycle::kDeleted) store.remove(model.id, model.updated_ms);
  std::vector<Metric> metrics = model.metrics;
  for (Metric& metric : metrics) metric.model_id = model.id;
  store.add_metrics(metrics);
}

}  // namespace

void add_point(SeriesSummary& sum, const StoredPoint& point) {
  const double value = point.value.value;
  if (sum.points++ == 0) {
    sum.first_ms = sum.last_ms = point.time_ms;
    sum.first_step = sum.last_step = point.step;
    sum.least = sum.most = value;
    return;
  }
  sum.first_ms = std::min(sum.first_ms, point.time_ms);
  sum.last_ms = std::max(sum.last_ms, point.time_ms);
  sum.first_step = std::min(sum.first_step, point.step);
  sum.last_step = std::max(sum.last_step, point.step);
  sum.least = std::min(sum.least, value);
  sum.most = std::max(sum.most, value);
}

void Intake::run(const std::function<void(sql::Transaction&)>& work) {
  only_look_ ? database_.read(work) : database_.write(work);
}

Arrival Intake::take(const Experiment& experiment) {
  Arrival out;
  run([&](sql::Transaction& transaction) {
    out = {};
    ExperimentStore store(transaction);
    if (const auto known = store.find(experiment.id)) {
      out = experiment.id.value == kDefaultExperiment ? merge_default(transaction, *known, experiment, only_look_)
                                                      : arrival_of(difference(*known, experiment));
    } else if (const auto namesake = store.find_by_name(experiment.name)) {
      out = arrival_of(text::concat("the name '", experiment.name, "' is that of experiment ", namesake->id.value));
    } else if (!only_look_) {
      insert_experiment(transaction, experiment);
    }
  });
  return out;
}

std::vector<Arrival> Intake::take(const std::vector<StoredRun>& runs) {
  sql::Values ids;
  for (const StoredRun& arriving : runs) ids.emplace_back(arriving.run.info.id.value);
  std::vector<Arrival> out;
  run([&](sql::Transaction& transaction) {
    out.clear();
    auto known = find_runs(transaction, ids);
    for (const StoredRun& arriving : runs) {
      const auto found = known.find(arriving.run.info.id.value);
      if (found != known.end()) {
        out.push_back(arrival_of(difference(found->second, arriving.run)));
        continue;
      }
      out.emplace_back();
      if (!only_look_) insert_run(transaction, arriving);
    }
  });
  return out;
}

int64_t Intake::take(const std::vector<SeriesPoints>& series) {
  int64_t added = 0;
  run([&](sql::Transaction& transaction) {
    added = 0;
    std::unordered_map<std::string, std::optional<RunRow>> rows;
    MetricStore store(transaction);
    for (const SeriesPoints& one : series) {
      auto known = rows.find(one.run.value);
      if (known == rows.end()) {
        RunStore runs(transaction);
        known = rows.emplace(one.run.value, only_look_ ? std::nullopt : std::optional(runs.get(one.run))).first;
      }
      added +=
          only_look_ ? static_cast<int64_t>(one.points.size()) : store.add_series(*known->second, one.key, one.points);
    }
  });
  return added;
}

std::vector<Arrival> Intake::take(const std::vector<LoggedModel>& models) {
  std::vector<Arrival> out;
  run([&](sql::Transaction& transaction) {
    out.clear();
    LoggedModelStore store(transaction);
    for (const LoggedModel& model : models) {
      if (const auto known = store.find(model.id, DeletedModels::kShow)) {
        out.push_back(arrival_of(difference(*known, model)));
        continue;
      }
      out.emplace_back();
      if (!only_look_) insert_model(transaction, model);
    }
  });
  return out;
}

std::vector<SeriesSummary> Intake::series_of(const std::vector<RunId>& runs) {
  return database_.read_value<std::vector<SeriesSummary>>(
      [&](sql::Transaction& transaction) { return Outlet(transaction).series_of(runs); });
}

RunRowCounts Intake::count(const std::vector<RunId>& runs) {
  RunRowCounts out;
  database_.read([&](sql::Transaction& transaction) {
    const sql::Values ids = values_of(runs);
    const auto of = [&](std::string_view table) {
      return sum_over(transaction, text::concat("SELECT count(*) FROM ", table, " t JOIN runs r ON r.id = t.run"),
                      "r.run_id", ids);
    };
    out.runs = sum_over(transaction, "SELECT count(*) FROM runs r", "r.run_id", ids);
    out.params = of("run_params");
    out.tags = of("run_tags");
    out.series = of("metric_series");
    out.dataset_inputs = of("run_datasets");
    out.input_tags = of("run_dataset_tags");
    out.model_links = of("run_models");
    for (const SeriesSummary& series : Outlet(transaction).series_of(runs)) out.points += series.points;
  });
  return out;
}

LoggedModelRowCounts Intake::count(const std::vector<LoggedModelId>& models) {
  LoggedModelRowCounts out;
  database_.read([&](sql::Transaction& transaction) {
    const sql::Values ids = values_of(models);
    const auto of = [&](std::string_view table) {
      return sum_over(transaction, text::concat("SELECT count(*) FROM ", table), "model_id", ids);
    };
    out = {of("logged_models"), of("logged_model_params"), of("logged_model_tags"), of("logged_model_metrics")};
  });
  return out;
}

int64_t Intake::count_tags(const ExperimentId& experiment) {
  return database_.read_value<int64_t>([&](sql::Transaction& transaction) {
    return transaction.query_int("SELECT count(*) FROM experiment_tags WHERE experiment = ?", {number_of(experiment)})
        .value_or(0);
  });
}

int64_t Intake::next_experiment() {
  return database_.read_value<int64_t>(
      [](sql::Transaction& transaction) { return ExperimentStore(transaction).next_id(); });
}

}  // namespace slipway::tracking
