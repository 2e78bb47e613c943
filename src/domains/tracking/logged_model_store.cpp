#include "domains/tracking/logged_model_store.h"

#include <set>
#include <unordered_map>

#include "domains/tracking/experiment_store.h"
#include "domains/tracking/logged_model_filter.h"
#include "domains/tracking/metric_store.h"
#include "foundation/base/error.h"

namespace slipway::tracking {

namespace {

constexpr std::string_view kColumns =
    "SELECT l.model_id, l.experiment, l.name, l.model_type, l.source_run_id, l.artifact_uri, l.status, "
    "l.status_message, "
    "l.created_ms, l.updated_ms, l.lifecycle FROM logged_models l";

LoggedModel model_of(const sql::Row& row) {
  LoggedModel out;
  out.id = LoggedModelId(row.get_text(0));
  out.experiment_id = ExperimentId(std::to_string(row.get_int(1)));
  out.name = row.get_text(2);
  out.model_type = row.get_text(3);
  out.source_run_id = row.get_text(4);
  out.artifact_uri = row.get_text(5);
  out.status = parse_logged_model_status(row.get_text(6)).value_or(LoggedModelStatus::kPending);
  out.status_message = row.get_text(7);
  out.created_ms = row.get_int(8);
  out.updated_ms = row.get_int(9);
  out.lifecycle = parse_lifecycle(row.get_text(10));
  return out;
}

Metric metric_of(const sql::Row& row) {
  Metric out;
  out.model_id = LoggedModelId(row.get_text(0));
  out.key = row.get_text(1);
  out.value = value_of({row.get_double(2), row.get_int(3)});
  out.time_ms = row.get_int(4);
  out.step = row.get_int(5);
  out.run_id = RunId(row.get_text(6));
  out.dataset_name = row.get_text(7);
  out.dataset_digest = row.get_text(8);
  return out;
}

}  // namespace

void LoggedModelStore::insert(const LoggedModel& model) {
  transaction_.execute(
      "INSERT INTO logged_models (model_id, experiment, name, model_type, source_run_id, artifact_uri, status, "
      "status_message, "
      "created_ms, updated_ms, lifecycle) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'active')",
      {model.id.value, number_of(model.experiment_id), model.name, model.model_type, model.source_run_id,
       model.artifact_uri, std::string(name_of(model.status)), model.status_message, model.created_ms,
       model.updated_ms});
  set_tags(model.id, model.tags);
  add_params(model.id, model.params);
}

std::optional<LoggedModel> LoggedModelStore::find(const LoggedModelId& id, DeletedModels deleted) {
  auto found =
      transaction_.query_all<LoggedModel>(text::concat(kColumns, " WHERE l.model_id = ?"), {id.value}, model_of);
  if (found.empty()) return std::nullopt;
  if (deleted == DeletedModels::kHide && found[0].lifecycle == Lifecycle::kDeleted) return std::nullopt;
  load(found);
  return std::move(found[0]);
}

LoggedModel LoggedModelStore::get(const LoggedModelId& id, DeletedModels deleted) {
  if (auto found = find(id, deleted)) return *std::move(found);
  throw not_found("Logged model with ID '", id.value, "' not found");
}

Page<LoggedModel> LoggedModelStore::search(const LoggedModelSearch& search, const PageRequest& request) {
  SelectBuilder select{std::string(kColumns)};
  sql::Values experiments;
  for (const ExperimentId& id : search.experiments) experiments.emplace_back(number_of(id));
  select.where(in_condition("l.experiment", experiments));
  filter_lifecycle(select, "l.lifecycle", Visibility::kActive);
  add_model_conditions(select, transaction_.dialect(), search);
  add_model_order(select, search.order_by);
  auto out = read_page<LoggedModel>(transaction_, select, request, model_of);
  load(out.items);
  return out;
}

void LoggedModelStore::load(std::vector<LoggedModel>& models) {
  std::unordered_map<std::string, LoggedModel*> by_id;
  sql::Values ids;
  for (LoggedModel& model : models) {
    by_id[model.id.value] = &model;
    ids.emplace_back(model.id.value);
  }
  query_in(transaction_, "SELECT model_id, key, value FROM logged_model_tags", "model_id", ids,
           " ORDER BY model_id, key", [&](const sql::Row& row) {
             by_id.at(row.get_text(0))->tags.push_back({row.get_text(1), row.get_text(2)});
           });
  query_in(transaction_, "SELECT model_id, key, value FROM logged_model_params", "model_id", ids,
           " ORDER BY model_id, key", [&](const sql::Row& row) {
             by_id.at(row.get_text(0))->params.push_back({row.get_text(1), row.get_text(2)});
           });
  query_in(transaction_,
           "SELECT model_id, key, value, is_nan, time_ms, step, run_id, dataset_name, dataset_digest FROM "
           "logged_model_metrics",
           "model_id", ids, " ORDER BY model_id, key, time_ms, step", [&](const sql::Row& row) {
             Metric metric = metric_of(row);
             by_id.at(metric.model_id.value)->metrics.push_back(std::move(metric));
           });
}

void LoggedModelStore::set_status(const LoggedModelId& id, LoggedModelStatus status, int64_t now_ms) {
  transaction_.execute("UPDATE logged_models SET status = ?, updated_ms = ? WHERE model_id = ?",
                       {std::string(name_of(status)), now_ms, id.value});
}

void LoggedModelStore::remove(const LoggedModelId& id, int64_t now_ms) {
  transaction_.execute("UPDATE logged_models SET lifecycle = 'deleted', updated_ms = ? WHERE model_id = ?",
                       {now_ms, id.value});
}

void LoggedModelStore::set_tags(const LoggedModelId& id, const std::vector<Tag>& tags) {
  for (const Tag& tag : tags) {
    transaction_.execute(
        "INSERT INTO logged_model_tags (model_id, key, value) VALUES (?, ?, ?) "
        "ON CONFLICT (model_id, key) DO UPDATE SET value = excluded.value",
        {id.value, tag.key, tag.value});
  }
}

bool LoggedModelStore::remove_tag(const LoggedModelId& id, const std::string& key) {
  return transaction_.execute("DELETE FROM logged_model_tags WHERE model_id = ? AND key = ?", {id.value, key}) > 0;
}

void LoggedModelStore::add_params(const LoggedModelId& id, const std::vector<Param>& params) {
  for (const Param& param : params) {
    transaction_.execute(
        "INSERT INTO logged_model_params (model_id, key, value) VALUES (?, ?, ?) "
        "ON CONFLICT (model_id, key) DO UPDATE SET value = excluded.value",
        {id.value, param.key, param.value});
  }
}

void LoggedModelStore::add_metrics(const std::vector<Metric>& metrics) {
  std::set<std::string> known;
  for (const Metric& metric : metrics) {
    if (known.insert(metric.model_id.value).second &&
        !transaction_.query_int("SELECT 1 FROM logged_models WHERE model_id = ?", {metric.model_id.value})) {
      throw not_found("Logged model with ID '", metric.model_id.value, "' not found");
    }
    const StoredValue stored = stored_value(metric.value);
    transaction_.execute(
        "INSERT INTO logged_model_metrics (model_id, key, time_ms, step, run_id, value, is_nan, dataset_name, "
        "dataset_digest) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        {metric.model_id.value, metric.key, metric.time_ms, metric.step, metric.run_id.value, stored.value,
         stored.is_nan, metric.dataset_name, metric.dataset_digest});
  }
}

}  // namespace slipway::tracking
