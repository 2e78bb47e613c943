// The rows of runs with their params and tags: every SQL statement about them but the search
// (run_search.h). Used by Tracking and LoggedModels inside their transactions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/tracking/paging.h"
#include "domains/tracking/run.h"
#include "domains/tracking/select.h"

namespace slipway::tracking {

// A run as its own table knows it; `row` is the small key of the tables below it.
struct RunRow {
  int64_t row = 0;
  RunInfo info;
};

class RunStore {
 public:
  explicit RunStore(sql::Transaction& transaction) : transaction_(transaction) {}

  // Returns the row's key.
  int64_t insert(const RunInfo& info);
  std::optional<RunRow> find(const RunId& id);
  // Throws not_found.
  RunRow get(const RunId& id);
  // Throws not_found, or invalid_argument when it is deleted.
  RunRow get_active(const RunId& id);
  void update(int64_t row, const RunUpdate& update);
  void set_lifecycle(int64_t row, Lifecycle lifecycle, int64_t now_ms);
  // With their experiment, and back again: restoring leaves alone what had been deleted by itself.
  void delete_all_of(const ExperimentId& experiment, int64_t now_ms);
  void restore_all_of(const ExperimentId& experiment);
  // A run that comes deleted from elsewhere; if its experiment is deleted here, with that.
  void delete_with_experiment(int64_t row, int64_t deleted_ms);

  // A SELECT of kRunColumns.
  Page<RunRow> search(const SelectBuilder& select, const PageRequest& request);
  // Params, latest metrics and tags of all of them in one query each; dataset inputs and models are the dataset
  // store's.
  std::vector<Run> with_data(const std::vector<RunRow>& rows);

  void set_tags(const RunRow& run, const std::vector<Tag>& tags);
  bool remove_tag(int64_t row, const std::string& key);
  std::optional<std::string> find_tag(int64_t row, const std::string& key);
  // Params never change: throws invalid_argument, naming every clash, when a key has another value already.
  void add_params(const RunRow& run, const std::vector<Param>& params);

 private:
  sql::Transaction& transaction_;
};

// What a SELECT names so that RunStore::search can read its rows; the table is called r.
inline constexpr std::string_view kRunColumns =
    "r.id, r.run_id, r.experiment, r.name, r.user_id, r.status, r.start_ms, r.end_ms, r.artifact_uri, r.lifecycle";
// Of all runs.
SelectBuilder select_runs();

}  // namespace slipway::tracking
