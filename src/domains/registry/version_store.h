// The rows of model versions with their tags. Used by Registry and ModelStore inside their transactions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/registry/intake.h"
#include "domains/registry/model.h"
#include "domains/tracking/paging.h"

namespace slipway::registry {

struct VersionRow {
  int64_t row = 0;
  int64_t model = 0;
  ModelVersion version;
};

class VersionStore {
 public:
  explicit VersionStore(sql::Transaction& transaction) : transaction_(transaction) {}

  // Gives it the next number, which no version of the model ever had.
  VersionRow insert(int64_t model, const NewVersion& version, const std::string& storage_location, int64_t now_ms);
  // With tags and aliases. Throws not_found; deleted versions are not found.
  VersionRow get(const std::string& name, int64_t version);
  VersionRow get_by_row(int64_t row);
  std::optional<VersionRow> find_highest(int64_t model);
  Page<ModelVersion> search(const Search& search, const tracking::PageRequest& request);
  // The highest of each stage of these models, ordered by model and version.
  std::vector<VersionRow> latest_of(const std::vector<int64_t>& models);

  // With deleted ones, by number.
  std::vector<StoredVersion> all_of(int64_t model);
  // A version from elsewhere with its number, stage and times as they were; without aliases.
  void restore(int64_t model, const ModelVersion& version, bool deleted);

  void set_description(int64_t row, const std::string& description, int64_t now_ms);
  void set_stage(int64_t row, Stage stage, int64_t now_ms);
  // All other versions of the model in that stage become archived.
  void archive_others(const VersionRow& keep, Stage stage, int64_t now_ms);
  // Its aliases and tags go, its number stays taken.
  void remove(int64_t row, int64_t now_ms);
  void set_tag(int64_t row, const Tag& tag);
  // Whether it was there.
  bool remove_tag(int64_t row, const std::string& key);

 private:
  std::vector<VersionRow> rows_where(std::string_view condition, const sql::Values& values);
  void load(std::vector<VersionRow>& rows);

  sql::Transaction& transaction_;
};

}  // namespace slipway::registry
