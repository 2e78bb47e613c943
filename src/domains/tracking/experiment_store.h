// The rows of experiments: every SQL statement about them. Used by Tracking inside its transactions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/tracking/experiment.h"
#include "domains/tracking/paging.h"

namespace slipway::tracking {

class ExperimentStore {
 public:
  explicit ExperimentStore(sql::Transaction& transaction) : transaction_(transaction) {}

  // One more than any id that was ever given; experiments are never removed for good, so ids do not return.
  int64_t next_id();
  void insert(int64_t id, const NewExperiment& experiment, int64_t now_ms);

  std::optional<Experiment> find(const ExperimentId& id);
  std::optional<Experiment> find_by_name(const std::string& name);
  // Throws not_found.
  // See Tracking::experiments_at.
  std::vector<ExperimentId> find_at(const std::string& root, const std::string& path, bool with_below);
  Experiment get(const ExperimentId& id);
  // Throws not_found, or invalid_argument when it is deleted.
  Experiment get_active(const ExperimentId& id);
  Page<Experiment> search(const Search& search, const PageRequest& request);

  void rename(const ExperimentId& id, const std::string& name, int64_t now_ms);
  void set_lifecycle(const ExperimentId& id, Lifecycle lifecycle, int64_t now_ms);
  void set_tag(const ExperimentId& id, const Tag& tag);
  // False when there was none.
  bool remove_tag(const ExperimentId& id, const std::string& key);

 private:
  std::optional<Experiment> find_where(std::string_view condition, const sql::Value& value);
  void load_tags(std::vector<Experiment>& experiments);

  sql::Transaction& transaction_;
};

// The number behind the text; throws invalid_argument for anything but a whole number.
int64_t number_of(const ExperimentId& id);
std::string_view name_of(Lifecycle lifecycle);
Lifecycle parse_lifecycle(std::string_view name);
// Adds "lifecycle = ?" to the builder unless all are wanted.
void filter_lifecycle(SelectBuilder& select, const std::string& column, Visibility visibility);

// The experiments of the rows of `table` whose `column` is among `ids`, each once.
std::vector<ExperimentId> experiments_in(sql::Transaction& transaction, std::string_view table,
                                         const std::string& column, const sql::Values& ids);

}  // namespace slipway::tracking
