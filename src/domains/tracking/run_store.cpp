#include "domains/tracking/run_store.h"

#include <unordered_map>

#include "domains/tracking/experiment_store.h"
#include "domains/tracking/metric_store.h"
#include "foundation/base/error.h"

namespace slipway::tracking {

namespace {

RunRow run_of(const sql::Row& row) {
  RunRow out;
  out.row = row.get_int(0);
  out.info.id = RunId(row.get_text(1));
  out.info.experiment_id = ExperimentId(std::to_string(row.get_int(2)));
  out.info.name = row.get_text(3);
  out.info.user_id = row.get_text(4);
  out.info.status = parse_run_status(row.get_text(5)).value_or(RunStatus::kRunning);
  out.info.start_ms = row.get_int(6);
  out.info.end_ms = row.find_int(7);
  out.info.artifact_uri = row.get_text(8);
  out.info.lifecycle = parse_lifecycle(row.get_text(9));
  return out;
}

struct Clash {
  std::string key;
  std::string old_value;
  std::string new_value;
};

Error clash_error(const RunId& run, const std::vector<Clash>& clashes, bool in_batch) {
  constexpr std::string_view kRule = "Changing param values is not allowed. ";
  if (!in_batch) {
    const Clash& clash = clashes[0];
    return invalid_argument(kRule, "Param with key='", clash.key, "' was already logged with value='", clash.old_value,
                            "' for run ID='", run.value, "'. Attempted logging new value '", clash.new_value, "'.");
  }
  std::vector<std::string> parts;
  for (const Clash& clash : clashes) {
    parts.push_back(text::concat("{'key': '", clash.key, "', 'old_value': '", clash.old_value, "', 'new_value': '",
                                 clash.new_value, "'}"));
  }
  return invalid_argument(kRule, "Params were already logged='[", text::join(parts, ", "), "]' for run ID='", run.value,
                          "'.");
}

}  // namespace

SelectBuilder select_runs() { return SelectBuilder(text::concat("SELECT ", kRunColumns, " FROM runs r")); }

int64_t RunStore::insert(const RunInfo& info) {
  return transaction_
      .query_int(
          "INSERT INTO runs (run_id, experiment, name, user_id, status, start_ms, end_ms, lifecycle, artifact_uri) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, 'active', ?) RETURNING id",
          {info.id.value, number_of(info.experiment_id), info.name, info.user_id, std::string(name_of(info.status)),
           info.start_ms, sql::optional_value(info.end_ms), info.artifact_uri})
      .value();
}

std::optional<RunRow> RunStore::find(const RunId& id) {
  return transaction_.query_one<RunRow>(text::concat("SELECT ", kRunColumns, " FROM runs r WHERE r.run_id = ?"),
                                        {id.value}, run_of);
}

RunRow RunStore::get(const RunId& id) {
  if (auto found = find(id)) return *std::move(found);
  throw not_found("Run with id=", id.value, " not found");
}

RunRow RunStore::get_active(const RunId& id) {
  RunRow out = get(id);
  if (out.info.lifecycle == Lifecycle::kActive) return out;
  throw invalid_argument("The run ", id.value, " must be in the 'active' state. Current state is deleted.");
}

void RunStore::update(int64_t row, const RunUpdate& update) {
  if (update.status) {
    transaction_.execute("UPDATE runs SET status = ? WHERE id = ?", {std::string(name_of(*update.status)), row});
    // A run that goes on has not ended.
    if (!has_ended(*update.status)) transaction_.execute("UPDATE runs SET end_ms = NULL WHERE id = ?", {row});
  }
  if (update.end_ms) transaction_.execute("UPDATE runs SET end_ms = ? WHERE id = ?", {*update.end_ms, row});
  if (update.name) transaction_.execute("UPDATE runs SET name = ? WHERE id = ?", {*update.name, row});
}

void RunStore::set_lifecycle(int64_t row, Lifecycle lifecycle, int64_t now_ms) {
  const sql::Value deleted = lifecycle == Lifecycle::kDeleted ? sql::Value(now_ms) : sql::Value(nullptr);
  transaction_.execute("UPDATE runs SET lifecycle = ?, deleted_ms = ?, deleted_with_experiment = 0 WHERE id = ?",
                       {std::string(name_of(lifecycle)), deleted, row});
}

void RunStore::delete_all_of(const ExperimentId& experiment, int64_t now_ms) {
  transaction_.execute(
      "UPDATE runs SET lifecycle = 'deleted', deleted_ms = ?, deleted_with_experiment = 1 WHERE experiment = ? AND "
      "lifecycle = 'active'",
      {now_ms, number_of(experiment)});
}

void RunStore::restore_all_of(const ExperimentId& experiment) {
  transaction_.execute(
      "UPDATE runs SET lifecycle = 'active', deleted_ms = NULL, deleted_with_experiment = 0 WHERE experiment = ? AND "
      "deleted_with_experiment = 1",
      {number_of(experiment)});
}

void RunStore::delete_with_experiment(int64_t row, int64_t deleted_ms) {
  set_lifecycle(row, Lifecycle::kDeleted, deleted_ms);
  transaction_.execute(
      "UPDATE runs SET deleted_with_experiment = 1 WHERE id = ? AND experiment IN (SELECT id FROM experiments WHERE "
      "lifecycle = 'deleted')",
      {row});
}

Page<RunRow> RunStore::search(const SelectBuilder& select, const PageRequest& request) {
  return read_page<RunRow>(transaction_, select, request, run_of);
}

std::vector<Run> RunStore::with_data(const std::vector<RunRow>& rows) {
  std::vector<Run> out(rows.size());
  std::unordered_map<int64_t, Run*> by_row;
  sql::Values ids;
  for (size_t i = 0; i < rows.size(); ++i) {
    out[i].info = rows[i].info;
    by_row[rows[i].row] = &out[i];
    ids.emplace_back(rows[i].row);
  }
  query_in(transaction_, "SELECT run, key, value FROM run_params", "run", ids, " ORDER BY run, key",
           [&](const sql::Row& row) {
             by_row.at(row.get_int(0))->params.push_back({row.get_text(1), row.get_text(2)});
           });
  query_in(transaction_, "SELECT run, key, value FROM run_tags", "run", ids, " ORDER BY run, key",
           [&](const sql::Row& row) {
             by_row.at(row.get_int(0))->tags.push_back({row.get_text(1), row.get_text(2)});
           });
  query_in(transaction_, "SELECT run, key, value, is_nan, time_ms, step FROM metric_series", "run", ids,
           " ORDER BY run, key", [&](const sql::Row& row) {
             Metric metric;
             metric.key = row.get_text(1);
             metric.value = value_of({row.get_double(2), row.get_int(3)});
             metric.time_ms = row.get_int(4);
             metric.step = row.get_int(5);
             by_row.at(row.get_int(0))->metrics.push_back(std::move(metric));
           });
  return out;
}

void RunStore::set_tags(const RunRow& run, const std::vector<Tag>& tags) {
  for (const Tag& tag : tags) {
    transaction_.execute(
        "INSERT INTO run_tags (run, experiment, key, value) VALUES (?, ?, ?, ?) ON CONFLICT (run, key) DO UPDATE SET "
        "value = "
        "excluded.value",
        {run.row, number_of(run.info.experiment_id), tag.key, tag.value});
  }
}

bool RunStore::remove_tag(int64_t row, const std::string& key) {
  return transaction_.execute("DELETE FROM run_tags WHERE run = ? AND key = ?", {row, key}) > 0;
}

std::optional<std::string> RunStore::find_tag(int64_t row, const std::string& key) {
  return transaction_.query_one<std::string>("SELECT value FROM run_tags WHERE run = ? AND key = ?", {row, key},
                                             [](const sql::Row& found) { return found.get_text(0); });
}

void RunStore::add_params(const RunRow& run, const std::vector<Param>& params) {
  std::vector<Clash> clashes;
  for (const Param& param : params) {
    const int64_t added = transaction_.execute(
        "INSERT INTO run_params (run, experiment, key, value) VALUES (?, ?, ?, ?) ON CONFLICT (run, key) DO NOTHING",
        {run.row, number_of(run.info.experiment_id), param.key, param.value});
    if (added > 0) continue;
    const auto old_value = transaction_.query_one<std::string>("SELECT value FROM run_params WHERE run = ? AND key = ?",
                                                               {run.row, param.key},
                                                               [](const sql::Row& found) { return found.get_text(0); });
    if (*old_value != param.value) clashes.push_back({param.key, *old_value, param.value});
  }
  if (!clashes.empty()) throw clash_error(run.info.id, clashes, params.size() > 1);
}

}  // namespace slipway::tracking
