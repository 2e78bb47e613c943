// The rows of an MLflow database as the structs of the domains. Used by SqlSource, which reads all of them, and by
// SqlTarget, which looks at what is there already.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "adapters/mlflow_store/sql_schema.h"
#include "domains/genai/intake.h"
#include "domains/registry/intake.h"
#include "domains/traces/intake.h"
#include "domains/tracking/intake.h"
#include "domains/tracking/select.h"

namespace slipway::mlflow_store {

class SqlReader {
 public:
  // Everything must outlive it.
  SqlReader(sql::Transaction& transaction, const SqlSchema& schema) : transaction_(transaction), schema_(schema) {}

  std::vector<tracking::Experiment> experiments();
  // By id after `after`; or those of these ids that exist.
  std::vector<tracking::StoredRun> runs_after(const std::string& after, int64_t limit);
  std::vector<tracking::StoredRun> runs(const sql::Values& ids);
  std::vector<tracking::SeriesSummary> series_of(const sql::Values& runs);
  void points(const sql::Values& runs, size_t portion,
              const std::function<void(const std::vector<tracking::SeriesPoints>&)>& on_series);
  std::vector<tracking::LoggedModel> models_after(const std::string& after, int64_t limit);
  std::vector<tracking::LoggedModel> models(const sql::Values& ids);
  std::vector<std::string> registered_names();
  std::optional<registry::StoredModel> registered(const std::string& name);
  std::vector<std::string> trace_ids_after(const std::string& after, int64_t limit);
  std::vector<traces::StoredTrace> traces(const sql::Values& ids);
  std::vector<genai::StoredDataset> datasets();
  std::vector<genai::StoredDataset> datasets(const sql::Values& ids);
  // In the order in which they came, `portion` at a time.
  void records(const genai::DatasetId& dataset, size_t portion,
               const std::function<void(std::vector<genai::Record>)>& on_records);
  std::vector<genai::Record> records(const sql::Values& ids);
  std::vector<std::string> scorer_ids();
  std::vector<genai::StoredScorer> scorers(const sql::Values& ids);
  std::vector<genai::Issue> issues_after(const std::string& after, int64_t limit);
  std::vector<genai::Issue> issues(const sql::Values& ids);

  // SQL for an association `c` of an evaluation dataset with an experiment.
  static constexpr std::string_view kDatasetUse =
      "c.source_type = 'evaluation_dataset' AND c.destination_type = 'experiment'";

  // SQL for "is in an experiment of the default workspace"; the others have no place in a store without workspaces.
  std::string in_known_experiment(const std::string& column) const;
  std::string of_known_run(const std::string& column) const;

  // Spans and assessments whose texts are no such thing; they are passed over.
  int64_t unreadable() const { return unreadable_; }

 private:
  using OnRow = std::function<void(const sql::Row&)>;
  std::vector<tracking::StoredRun> complete_runs(const tracking::Condition& condition, std::string_view tail);
  void load_inputs(const sql::Values& ids, const std::function<tracking::Run&(const std::string&)>& run_of);
  std::vector<tracking::LoggedModel> complete_models(const tracking::Condition& condition, std::string_view tail);
  void load_versions(registry::StoredModel& model);
  void load_trace_parts(const sql::Values& ids,
                        const std::function<traces::StoredTrace&(const std::string&)>& trace_of);
  void load_promoted(const sql::Values& ids, const std::function<traces::StoredTrace&(const std::string&)>& trace_of);
  std::vector<genai::StoredDataset> complete_datasets(const tracking::Condition& condition);
  std::string select_records() const;
  std::vector<genai::Issue> select_issues(const tracking::Condition& condition, std::string_view tail);
  // Row by row, however many there are: PostgreSQL would hold a whole result in memory.
  void stream(const std::string& statement, const sql::Values& values, const OnRow& on_row);

  sql::Transaction& transaction_;
  const SqlSchema& schema_;
  int64_t unreadable_ = 0;
};

}  // namespace slipway::mlflow_store
