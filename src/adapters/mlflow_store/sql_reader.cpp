// The tracking half of SqlReader.
#include "adapters/mlflow_store/sql_reader.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <unordered_map>

#include "domains/tracking/experiment_store.h"
#include "foundation/base/error.h"

namespace slipway::mlflow_store {

using tracking::Experiment;
using tracking::ExperimentId;
using tracking::LoggedModel;
using tracking::Run;
using tracking::RunId;
using tracking::SeriesPoints;
using tracking::SeriesSummary;
using tracking::StoredRun;
using tracking::Tag;

namespace {

constexpr int kFetch = 20'000;

std::string text_or_empty(const sql::Row& row, int column) { return row.find_text(column).value_or(""); }

tracking::Lifecycle lifecycle_of(const sql::Row& row, int column) {
  return row.find_text(column).value_or("active") == "deleted" ? tracking::Lifecycle::kDeleted
                                                               : tracking::Lifecycle::kActive;
}

tracking::StoredValue stored_of(double value, bool is_nan) {
  return is_nan ? tracking::StoredValue{0, 1} : tracking::stored_value(value);
}

// As protobuf numbers them.
tracking::LoggedModelStatus model_status_of(int64_t number) {
  switch (number) {
    case 2:
      return tracking::LoggedModelStatus::kReady;
    case 3:
      return tracking::LoggedModelStatus::kFailed;
    default:
      return tracking::LoggedModelStatus::kPending;
  }
}

}  // namespace

std::string SqlReader::in_known_experiment(const std::string& column) const {
  return text::concat(column, " IN (SELECT e.experiment_id FROM experiments e WHERE e.experiment_id IS NOT NULL",
                      schema_.in_default_workspace("experiments", "e"), ")");
}

std::string SqlReader::of_known_run(const std::string& column) const {
  return text::concat(column, " IN (SELECT k.run_uuid FROM runs k WHERE ", in_known_experiment("k.experiment_id"), ")");
}

void SqlReader::stream(const std::string& statement, const sql::Values& values, const OnRow& on_row) {
  if (transaction_.dialect() == sql::Dialect::kSqlite) return transaction_.query(statement, values, on_row);
  transaction_.execute("DECLARE slipway_rows NO SCROLL CURSOR FOR " + statement, values);
  const std::string fetch = text::concat("FETCH ", kFetch, " FROM slipway_rows");
  for (int got = kFetch; got == kFetch;) {
    got = 0;
    transaction_.query(fetch, {}, [&](const sql::Row& row) {
      ++got;
      on_row(row);
    });
  }
  transaction_.execute("CLOSE slipway_rows");
}

std::vector<Experiment> SqlReader::experiments() {
  const auto column = [&](const char* name) { return schema_.column("experiments", "e", name); };
  std::vector<Experiment> out;
  std::unordered_map<int64_t, size_t> places;
  transaction_.query(
      text::concat("SELECT e.experiment_id, e.name, e.artifact_location, e.lifecycle_stage, ", column("creation_time"),
                   ", ", column("last_update_time"), " FROM experiments e WHERE e.experiment_id IS NOT NULL",
                   schema_.in_default_workspace("experiments", "e"), " ORDER BY e.experiment_id"),
      {}, [&](const sql::Row& row) {
        places[row.get_int(0)] = out.size();
        const int64_t created = row.find_int(4).value_or(0);
        out.push_back({ExperimentId(std::to_string(row.get_int(0))),
                       text_or_empty(row, 1),
                       text_or_empty(row, 2),
                       lifecycle_of(row, 3),
                       created,
                       row.find_int(5).value_or(created),
                       {}});
      });
  if (!schema_.has("experiment_tags")) return out;
  transaction_.query("SELECT experiment_id, \"key\", value FROM experiment_tags ORDER BY experiment_id, \"key\"", {},
                     [&](const sql::Row& row) {
                       const auto place = places.find(row.get_int(0));
                       if (place != places.end())
                         out[place->second].tags.push_back({row.get_text(1), text_or_empty(row, 2)});
                     });
  return out;
}

std::vector<StoredRun> SqlReader::runs_after(const std::string& after, int64_t limit) {
  return complete_runs({"r.run_uuid > ?", {after}}, text::concat(" ORDER BY r.run_uuid LIMIT ", limit));
}

std::vector<StoredRun> SqlReader::runs(const sql::Values& ids) {
  return complete_runs(tracking::in_condition("r.run_uuid", ids), "");
}

std::vector<StoredRun> SqlReader::complete_runs(const tracking::Condition& condition, std::string_view tail) {
  const auto column = [&](const char* name) { return schema_.column("runs", "r", name); };
  std::vector<StoredRun> out;
  std::unordered_map<std::string, size_t> places;
  sql::Values ids;
  transaction_.query(
      text::concat("SELECT r.run_uuid, r.experiment_id, ", column("name"), ", ", column("user_id"),
                   ", r.status, r.start_time, r.end_time, r.artifact_uri, r.lifecycle_stage, ", column("deleted_time"),
                   " FROM runs r WHERE ", in_known_experiment("r.experiment_id"), " AND ", condition.text, tail),
      condition.values, [&](const sql::Row& row) {
        StoredRun stored;
        tracking::RunInfo& info = stored.run.info;
        info.id = RunId(row.get_text(0));
        info.experiment_id = ExperimentId(std::to_string(row.get_int(1)));
        info.name = text_or_empty(row, 2);
        info.user_id = text_or_empty(row, 3);
        info.status = tracking::parse_run_status(text_or_empty(row, 4)).value_or(tracking::RunStatus::kRunning);
        info.start_ms = row.find_int(5).value_or(0);
        info.end_ms = row.find_int(6);
        info.artifact_uri = text_or_empty(row, 7);
        info.lifecycle = lifecycle_of(row, 8);
        stored.deleted_ms = row.find_int(9);
        places[info.id.value] = out.size();
        ids.emplace_back(info.id.value);
        out.push_back(std::move(stored));
      });
  const auto run_of = [&](const std::string& id) -> Run& { return out[places.at(id)].run; };
  tracking::query_in(transaction_, "SELECT run_uuid, \"key\", value FROM params", "run_uuid", ids, "",
                     [&](const sql::Row& row) {
                       run_of(row.get_text(0)).params.push_back({row.get_text(1), text_or_empty(row, 2)});
                     });
  tracking::query_in(transaction_, "SELECT run_uuid, \"key\", value FROM tags", "run_uuid", ids, "",
                     [&](const sql::Row& row) {
                       run_of(row.get_text(0)).tags.push_back({row.get_text(1), text_or_empty(row, 2)});
                     });
  if (schema_.has("inputs")) load_inputs(ids, run_of);
  return out;
}

void SqlReader::load_inputs(const sql::Values& ids, const std::function<Run&(const std::string&)>& run_of) {
  std::unordered_map<std::string, std::vector<Tag>> tags;
  if (schema_.has("input_tags")) {
    tracking::query_in(transaction_,
                       "SELECT i.input_uuid, t.name, t.value FROM inputs i JOIN input_tags t ON t.input_uuid = "
                       "i.input_uuid",
                       "i.destination_id", ids, " AND i.source_type = 'DATASET' AND i.destination_type = 'RUN'",
                       [&](const sql::Row& row) {
                         tags[row.get_text(0)].push_back({row.get_text(1), text_or_empty(row, 2)});
                       });
  }
  tracking::query_in(
      transaction_,
      "SELECT i.destination_id, i.input_uuid, d.name, d.digest, d.dataset_source_type, d.dataset_source, "
      "d.dataset_schema, d.dataset_profile FROM inputs i JOIN datasets d ON d.dataset_uuid = i.source_id",
      "i.destination_id", ids, " AND i.source_type = 'DATASET' AND i.destination_type = 'RUN'",
      [&](const sql::Row& row) {
        tracking::DatasetInput input;
        input.dataset = {text_or_empty(row, 2), text_or_empty(row, 3), text_or_empty(row, 4),
                         text_or_empty(row, 5), row.find_text(6),      row.find_text(7)};
        input.tags = std::move(tags[row.get_text(1)]);
        run_of(row.get_text(0)).dataset_inputs.push_back(std::move(input));
      });
  const std::string step = schema_.column("inputs", "i", "step", "0");
  tracking::query_in(
      transaction_, text::concat("SELECT i.source_id, i.source_type, i.destination_id, ", step, " FROM inputs i"),
      "i.source_id", ids,
      " AND ((i.source_type = 'RUN_INPUT' AND i.destination_type = 'MODEL_INPUT') OR (i.source_type = 'RUN_OUTPUT' AND "
      "i.destination_type = 'MODEL_OUTPUT'))",
      [&](const sql::Row& row) {
        Run& run = run_of(row.get_text(0));
        const tracking::LoggedModelId model(row.get_text(2));
        if (row.get_text(1) == "RUN_INPUT") {
          run.model_inputs.push_back(model);
        } else {
          run.model_outputs.push_back({model, row.find_int(3).value_or(0)});
        }
      });
}

std::vector<SeriesSummary> SqlReader::series_of(const sql::Values& runs) {
  std::vector<SeriesSummary> out;
  tracking::query_in(
      transaction_,
      "SELECT run_uuid, \"key\", count(*), min(\"timestamp\"), max(\"timestamp\"), min(step), "
      "max(step), min(value), max(value) FROM metrics",
      "run_uuid", runs, " GROUP BY run_uuid, \"key\"", [&](const sql::Row& row) {
        out.push_back({RunId(row.get_text(0)), row.get_text(1), row.get_int(2), row.get_int(3), row.get_int(4),
                       row.get_int(5), row.get_int(6), tracking::stored_value(row.get_double(7)).value,
                       tracking::stored_value(row.get_double(8)).value});
      });
  return out;
}

void SqlReader::points(const sql::Values& runs, size_t portion,
                       const std::function<void(const std::vector<SeriesPoints>&)>& on_series) {
  std::vector<SeriesPoints> batch;
  std::unordered_map<std::string, size_t> places;
  size_t held = 0;
  const auto flush = [&] {
    for (SeriesPoints& one : batch) {
      // In the order of the table they go to.
      std::sort(one.points.begin(), one.points.end(), [](const auto& a, const auto& b) {
        return std::tie(a.time_ms, a.step, a.value.value) < std::tie(b.time_ms, b.step, b.value.value);
      });
    }
    if (held > 0) on_series(batch);
    batch.clear();
    places.clear();
    held = 0;
  };
  // Without an order: each database gives them as its index of runs has them, and nothing has to be sorted on disk.
  const tracking::Condition inside = tracking::in_condition("run_uuid", runs);
  std::string key;
  stream(text::concat("SELECT run_uuid, \"key\", \"timestamp\", step, value, CASE WHEN is_nan THEN 1 ELSE 0 END FROM "
                      "metrics WHERE ",
                      inside.text),
         inside.values, [&](const sql::Row& row) {
           key = row.get_text(0);
           key.push_back('/');
           key.append(row.get_text(1));
           const auto [at, is_new] = places.try_emplace(key, batch.size());
           if (is_new) batch.push_back({RunId(row.get_text(0)), row.get_text(1), {}});
           const bool is_nan = row.find_int(5).value_or(0) != 0;
           batch[at->second].points.push_back(
               {row.get_int(2), row.find_int(3).value_or(0), stored_of(row.get_double(4), is_nan)});
           if (++held == portion) flush();
         });
  flush();
}

std::vector<LoggedModel> SqlReader::models_after(const std::string& after, int64_t limit) {
  if (!schema_.has("logged_models")) return {};
  return complete_models({"m.model_id > ?", {after}}, text::concat(" ORDER BY m.model_id LIMIT ", limit));
}

std::vector<LoggedModel> SqlReader::models(const sql::Values& ids) {
  if (!schema_.has("logged_models")) return {};
  return complete_models(tracking::in_condition("m.model_id", ids), "");
}

std::vector<LoggedModel> SqlReader::complete_models(const tracking::Condition& condition, std::string_view tail) {
  std::vector<LoggedModel> out;
  std::unordered_map<std::string, size_t> places;
  sql::Values ids;
  transaction_.query(
      text::concat("SELECT m.model_id, m.experiment_id, m.name, m.artifact_location, m.creation_timestamp_ms, "
                   "m.last_updated_timestamp_ms, m.status, m.lifecycle_stage, m.model_type, m.source_run_id, "
                   "m.status_message FROM logged_models m WHERE ",
                   in_known_experiment("m.experiment_id"), " AND ", condition.text, tail),
      condition.values, [&](const sql::Row& row) {
        LoggedModel model;
        model.id = tracking::LoggedModelId(row.get_text(0));
        model.experiment_id = ExperimentId(std::to_string(row.get_int(1)));
        model.name = text_or_empty(row, 2);
        model.artifact_uri = text_or_empty(row, 3);
        model.created_ms = row.get_int(4);
        model.updated_ms = row.get_int(5);
        model.status = model_status_of(row.get_int(6));
        model.lifecycle = lifecycle_of(row, 7);
        model.model_type = text_or_empty(row, 8);
        model.source_run_id = text_or_empty(row, 9);
        model.status_message = text_or_empty(row, 10);
        places[model.id.value] = out.size();
        ids.emplace_back(model.id.value);
        out.push_back(std::move(model));
      });
  const auto model_of = [&](const sql::Row& row) -> LoggedModel& { return out[places.at(row.get_text(0))]; };
  tracking::query_in(transaction_, "SELECT model_id, param_key, param_value FROM logged_model_params", "model_id", ids,
                     "", [&](const sql::Row& row) {
                       model_of(row).params.push_back({row.get_text(1), text_or_empty(row, 2)});
                     });
  tracking::query_in(transaction_, "SELECT model_id, tag_key, tag_value FROM logged_model_tags", "model_id", ids, "",
                     [&](const sql::Row& row) {
                       model_of(row).tags.push_back({row.get_text(1), text_or_empty(row, 2)});
                     });
  tracking::query_in(
      transaction_,
      "SELECT model_id, metric_name, metric_value, metric_timestamp_ms, metric_step, run_id, dataset_name, "
      "dataset_digest FROM logged_model_metrics",
      "model_id", ids, "", [&](const sql::Row& row) {
        LoggedModel& model = model_of(row);
        tracking::Metric metric;
        metric.key = row.get_text(1);
        metric.value = row.find_double(2).value_or(std::numeric_limits<double>::quiet_NaN());
        metric.time_ms = row.get_int(3);
        metric.step = row.get_int(4);
        metric.run_id = RunId(text_or_empty(row, 5));
        metric.model_id = model.id;
        metric.dataset_name = text_or_empty(row, 6);
        metric.dataset_digest = text_or_empty(row, 7);
        model.metrics.push_back(std::move(metric));
      });
  return out;
}

}  // namespace slipway::mlflow_store
