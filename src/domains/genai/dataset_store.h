// The rows of evaluation datasets, their tags and the experiments they are for. Used by Datasets inside its
// transactions.
#pragma once

#include <optional>
#include <vector>

#include "domains/genai/dataset.h"
#include "domains/tracking/paging.h"
#include "foundation/sql/database.h"

namespace slipway::genai {

class DatasetStore {
 public:
  explicit DatasetStore(sql::Transaction& transaction) : transaction_(transaction) {}

  struct Found {
    int64_t row = 0;
    Dataset dataset;
  };

  // Returns its row.
  int64_t insert(const Dataset& dataset);
  std::optional<Found> find(const DatasetId& id);
  // Throws not_found.
  Found get(const DatasetId& id);
  std::optional<int64_t> find_row(const DatasetId& id);
  // Of any of the experiments, or all datasets when there are none.
  Page<Dataset> search(const std::vector<ExperimentId>& experiments, const Search& search,
                       const tracking::PageRequest& request);
  // What may change: digest, schema, count, time and who changed it.
  void update(const Found& found);
  // With all that belongs to it.
  void remove(int64_t row);

  void set_tag(int64_t row, const Tag& tag);
  void remove_tag(int64_t row, const std::string& key);

  std::vector<ExperimentId> experiments_of(int64_t row);
  void add_experiment(int64_t row, const ExperimentId& experiment);
  // False when it was not there.
  bool remove_experiment(int64_t row, const ExperimentId& experiment);
  void forget_experiment(int64_t experiment);

 private:
  void load_tags(std::vector<Found>& found);

  sql::Transaction& transaction_;
};

}  // namespace slipway::genai
