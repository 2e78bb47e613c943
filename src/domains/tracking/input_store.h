// The rows of what runs took in and gave out: datasets with their tags, models as inputs and outputs. Used by Tracking
// inside its transactions.
#pragma once

#include <vector>

#include "domains/tracking/run_store.h"

namespace slipway::tracking {

class InputStore {
 public:
  explicit InputStore(sql::Transaction& transaction) : transaction_(transaction) {}

  // A dataset is known by experiment, name and digest; logging it again to the same run changes nothing.
  void add_dataset(const RunRow& run, const DatasetInput& input);
  void add_model_input(int64_t run, const LoggedModelId& model);
  void add_model_output(int64_t run, const ModelOutput& output);

  // Each use of a dataset in these experiments once, in order, at most `limit`.
  std::vector<DatasetSummary> summaries(const sql::Values& experiments, int64_t limit);
  // Fills in the inputs and outputs of runs, `runs[i]` being the one of `rows[i]`.
  void load(const std::vector<RunRow>& rows, std::vector<Run>& runs);

 private:
  void load_datasets(const std::vector<RunRow>& rows, std::vector<Run>& runs);

  sql::Transaction& transaction_;
};

}  // namespace slipway::tracking
