// The use cases of evaluation datasets: made, found, tagged, put into experiments, filled and read. Part of Genai.
#pragma once

#include <string>
#include <vector>

#include "domains/genai/dataset.h"
#include "foundation/base/clock.h"
#include "foundation/sql/database.h"

namespace slipway::genai {

class Datasets {
 public:
  Datasets(sql::Database& database, Clock& clock, IdSource& ids) : database_(database), clock_(clock), ids_(ids) {}

  // Whoever the tag kUserTag names has made it. Throws not_found for an unknown experiment.
  Dataset create(const NewDataset& dataset);
  // Throws not_found; so does whatever else changes one dataset, unless it says that an unknown one is fine.
  Dataset get(const DatasetId& id);
  // With its records. Removing what is not there is fine.
  void remove(const DatasetId& id);
  // Those of any of the experiments; of all when none is named.
  Page<Dataset> search(const std::vector<ExperimentId>& experiments, const Search& search);

  void set_tags(const DatasetId& id, const std::vector<Tag>& tags);
  // An unknown dataset or tag is fine.
  void delete_tag(const DatasetId& id, const std::string& key);

  // An unknown dataset is in none.
  std::vector<ExperimentId> experiments_of(const DatasetId& id);
  Dataset add_to_experiments(const DatasetId& id, const std::vector<ExperimentId>& experiments);
  Dataset remove_from_experiments(const DatasetId& id, const std::vector<ExperimentId>& experiments);

  // All or none. Records with the same inputs are one, also within a batch.
  UpsertCounts upsert(const DatasetId& id, std::vector<NewRecord> records);
  // In the order in which they came. A page also ends when its records have 16 MiB; an unknown dataset has no records.
  Page<Record> records(const DatasetId& id, int64_t max_results, const std::string& page_token);
  // Returns how many there were; an unknown dataset has none.
  int64_t remove_records(const DatasetId& id, const std::vector<RecordId>& records);

  // Takes all datasets out of an experiment that goes for good; part of the transaction.
  static void forget_experiment(sql::Transaction& transaction, const ExperimentId& experiment);

 private:
  sql::Database& database_;
  Clock& clock_;
  IdSource& ids_;
};

}  // namespace slipway::genai
