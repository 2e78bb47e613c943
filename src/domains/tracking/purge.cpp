#include "domains/tracking/purge.h"

#include <algorithm>

#include "domains/tracking/artifact_path.h"
#include "domains/tracking/experiment_store.h"
#include "domains/tracking/logged_model_store.h"
#include "domains/tracking/run_store.h"
#include "foundation/base/error.h"

namespace slipway::tracking {

namespace {

constexpr int64_t kPortion = 500;
constexpr std::string_view kDefaultExperiment = "0";

constexpr std::string_view kPurgedExperiments = "CREATE TABLE purged_experiments (id BIGINT PRIMARY KEY);";

// Every table with rows of a run, the run itself last.
constexpr std::string_view kRunStatements[] = {
    "DELETE FROM metric_tails WHERE series IN (SELECT id FROM metric_series WHERE run = ?)",
    "DELETE FROM metric_chunks WHERE series IN (SELECT id FROM metric_series WHERE run = ?)",
    "DELETE FROM metric_series WHERE run = ?",
    "DELETE FROM run_params WHERE run = ?",
    "DELETE FROM run_tags WHERE run = ?",
    "DELETE FROM run_dataset_tags WHERE run = ?",
    "DELETE FROM run_datasets WHERE run = ?",
    "DELETE FROM run_models WHERE run = ?",
    "DELETE FROM runs WHERE id = ?",
};
constexpr std::string_view kModelStatements[] = {
    "DELETE FROM logged_model_params WHERE model_id = ?",
    "DELETE FROM logged_model_tags WHERE model_id = ?",
    "DELETE FROM logged_model_metrics WHERE model_id = ?",
    "DELETE FROM logged_models WHERE model_id = ?",
};
constexpr std::string_view kExperimentStatements[] = {
    "DELETE FROM trace_tags WHERE trace_id IN (SELECT trace_id FROM traces WHERE experiment = ?)",
    "DELETE FROM trace_metadata WHERE trace_id IN (SELECT trace_id FROM traces WHERE experiment = ?)",
    "DELETE FROM traces WHERE experiment = ?",
    "DELETE FROM datasets WHERE experiment = ?",
    "DELETE FROM experiment_tags WHERE experiment = ?",
    "DELETE FROM account_permissions WHERE kind = 'experiment' AND resource = CAST(CAST(? AS BIGINT) AS TEXT)",
    "INSERT INTO purged_experiments (id) VALUES (?) ON CONFLICT (id) DO NOTHING",
    "DELETE FROM experiments WHERE id = ?",
};

// Not in an experiment that goes as a whole.
constexpr std::string_view kElsewhere =
    " AND NOT EXISTS (SELECT 1 FROM experiments e WHERE e.id = r.experiment AND e.id != 0 AND e.lifecycle = 'deleted' "
    "AND e.updated_ms <= ?)";

struct Candidate {
  sql::Value key;  // of its row
  std::string id;
  std::string location;
};

class Purge {
 public:
  Purge(sql::Database& database, Artifacts& artifacts, const PurgeRequest& request, const NeededBy& needed_by,
        const std::vector<Forget>& forget)
      : database_(database), artifacts_(artifacts), request_(request), needed_by_(needed_by), forget_(forget) {}

  PurgeReport run() {
    if (!request_.runs.empty()) {
      purge_named_runs();
    } else if (request_.experiments.empty()) {
      const int64_t until_ms = request_.deleted_until_ms;
      purge_runs({text::concat("r.lifecycle = 'deleted' AND r.deleted_ms <= ?", kElsewhere), {until_ms, until_ms}});
      purge_models({text::concat("r.lifecycle = 'deleted' AND r.updated_ms <= ?", kElsewhere), {until_ms, until_ms}});
    }
    if (request_.runs.empty() || !request_.experiments.empty()) purge_experiments();
    return report_;
  }

 private:
  void purge_named_runs() {
    for (const RunId& id : request_.runs) {
      const Lifecycle lifecycle = database_.read_value<Lifecycle>(
          [&](sql::Transaction& transaction) { return RunStore(transaction).get(id).info.lifecycle; });
      if (lifecycle != Lifecycle::kDeleted)
        throw invalid_argument("run ", id.value, " is not deleted; delete it first");
    }
    sql::Values ids;
    for (const RunId& id : request_.runs) ids.emplace_back(id.value);
    Condition condition = in_condition("r.run_id", ids);
    condition.text += " AND r.lifecycle = 'deleted' AND r.deleted_ms <= ?";
    condition.values.emplace_back(request_.deleted_until_ms);
    purge_runs(condition);
  }

  // Portion by portion in the order of the keys, past those that stay.
  void purge_runs(const Condition& condition) {
    const std::string statement = text::concat("SELECT r.id, r.run_id, r.artifact_uri FROM runs r WHERE ",
                                               condition.text, " AND r.id > ? ORDER BY r.id LIMIT ?");
    const auto convert = [](const sql::Row& row) {
      return Candidate{row.get_int(0), row.get_text(1), row.get_text(2)};
    };
    purge_all(statement, condition.values, int64_t{0}, convert, "run", kRunStatements, report_.runs);
  }

  void purge_models(const Condition& condition) {
    const std::string statement = text::concat("SELECT r.model_id, r.artifact_uri FROM logged_models r WHERE ",
                                               condition.text, " AND r.model_id > ? ORDER BY r.model_id LIMIT ?");
    const auto convert = [](const sql::Row& row) {
      return Candidate{row.get_text(0), row.get_text(0), row.get_text(1)};
    };
    purge_all(statement, condition.values, std::string(), convert, "logged model", kModelStatements,
              report_.logged_models);
  }

  template <size_t kCount>
  void purge_all(const std::string& statement, const sql::Values& conditions, sql::Value after,
                 const std::function<Candidate(const sql::Row&)>& convert, std::string_view kind,
                 const std::string_view (&removals)[kCount], int64_t& count) {
    std::vector<Candidate> portion;
    do {
      sql::Values values = conditions;
      values.push_back(after);
      values.emplace_back(kPortion);
      portion = database_.read_value<std::vector<Candidate>>(
          [&](sql::Transaction& transaction) { return transaction.query_all<Candidate>(statement, values, convert); });
      for (const Candidate& candidate : portion) {
        after = candidate.key;
        if (const auto user = needed_by_(candidate.id)) {
          report_.kept.push_back(text::concat(kind, " ", candidate.id, " is needed by ", *user));
          continue;
        }
        ++count;
        if (request_.only_look) continue;
        remove_files(candidate.location);
        remove_rows(removals, candidate.key);
      }
    } while (static_cast<int64_t>(portion.size()) == kPortion);
  }

  void remove_files(const std::string& location) {
    if (is_own_location(location)) artifacts_.remove(path_of_location(location));
  }

  template <size_t kCount>
  void remove_rows(const std::string_view (&statements)[kCount], const sql::Value& key) {
    database_.write([&](sql::Transaction& transaction) {
      for (const std::string_view statement : statements) transaction.execute(statement, {key});
    });
  }

  void remove_experiment(const Experiment& experiment) {
    database_.write([&](sql::Transaction& transaction) {
      for (const Forget& forget : forget_) forget(transaction, experiment.id);
      for (const std::string_view statement : kExperimentStatements)
        transaction.execute(statement, {number_of(experiment.id)});
    });
  }

  void purge_experiments() {
    for (const Experiment& experiment : deleted_experiments()) {
      if (experiment.id.value == kDefaultExperiment) continue;
      const sql::Value number = number_of(experiment.id);
      const size_t kept_before = report_.kept.size();
      purge_runs({"r.experiment = ? AND r.lifecycle = 'deleted'", {number}});
      purge_models({"r.experiment = ?", {number}});
      if (report_.kept.size() > kept_before || has_active_runs(number)) {
        report_.kept.push_back(text::concat("experiment ", experiment.id.value, " ('", experiment.name,
                                            "') still holds runs or models that stay"));
        continue;
      }
      ++report_.experiments;
      if (request_.only_look) continue;
      remove_traces(experiment);
      remove_experiment(experiment);
    }
  }

  // Runs that were restored one by one after their experiment was deleted.
  bool has_active_runs(const sql::Value& experiment) {
    return database_.read_value<bool>([&](sql::Transaction& transaction) {
      return transaction
          .query_int("SELECT id FROM runs WHERE experiment = ? AND lifecycle = 'active' LIMIT 1", {experiment})
          .has_value();
    });
  }

  std::vector<Experiment> deleted_experiments() {
    std::vector<Experiment> out;
    database_.read([&](sql::Transaction& transaction) {
      ExperimentStore store(transaction);
      for (const ExperimentId& id : request_.experiments) {
        Experiment experiment = store.get(id);
        if (experiment.lifecycle != Lifecycle::kDeleted)
          throw invalid_argument("experiment ", id.value, " is not deleted; delete it first");
        if (experiment.updated_ms <= request_.deleted_until_ms) out.push_back(std::move(experiment));
      }
      if (!request_.experiments.empty()) return;
      Search search;
      search.visibility = Visibility::kDeleted;
      // Nothing can change a deleted experiment, so its last change was the deletion.
      search.filter = text::concat("last_update_time <= ", request_.deleted_until_ms);
      out = store.search(search, PageRequest::all()).items;
    });
    return out;
  }

  void remove_traces(const Experiment& experiment) {
    if (!is_own_location(experiment.artifact_location)) return;
    const std::string root = path_of_location(experiment.artifact_location);
    std::string after;
    std::vector<std::string> portion;
    do {
      portion = database_.read_value<std::vector<std::string>>([&](sql::Transaction& transaction) {
        return transaction.query_all<std::string>(
            "SELECT trace_id FROM traces WHERE experiment = ? AND trace_id > ? ORDER BY trace_id LIMIT ?",
            {number_of(experiment.id), after, kPortion}, [](const sql::Row& row) { return row.get_text(0); });
      });
      for (const std::string& id : portion) {
        after = id;
        artifacts_.remove(text::concat(root, "/traces/", id));
      }
    } while (static_cast<int64_t>(portion.size()) == kPortion);
  }

  sql::Database& database_;
  Artifacts& artifacts_;
  const PurgeRequest& request_;
  const NeededBy& needed_by_;
  const std::vector<Forget>& forget_;
  PurgeReport report_;
};

}  // namespace

PurgeReport purge(sql::Database& database, Artifacts& artifacts, const PurgeRequest& request, const NeededBy& needed_by,
                  const std::vector<Forget>& forget) {
  return Purge(database, artifacts, request, needed_by, forget).run();
}

std::vector<sql::Migration> purge_migrations() { return {{1, "numbers of purged experiments", kPurgedExperiments}}; }

}  // namespace slipway::tracking
