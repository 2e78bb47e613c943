// Takes in registered models that were made elsewhere with their versions, numbers, stages, times and aliases, and
// gives them out whole again. What is there already stays. Used by those who move whole stores.
#pragma once

#include <string>
#include <vector>

#include "domains/registry/model.h"
#include "domains/tracking/arrival.h"
#include "foundation/sql/database.h"

namespace slipway::registry {

struct StoredVersion {
  ModelVersion version;  // aliases stand with the model
  bool deleted = false;  // only its number is kept, so that it does not come back
};

struct StoredModel {
  RegisteredModel model;  // without latest_versions
  std::vector<StoredVersion> versions;
};

struct ModelRowCounts {
  int64_t models = 0;
  int64_t tags = 0;
  int64_t aliases = 0;
  int64_t versions = 0;  // without deleted ones
  int64_t version_tags = 0;
};

ModelRowCounts count_rows(const StoredModel& model);

// The first difference between what both have: versions that are only there do not count.
std::string difference(const StoredModel& here, const StoredModel& there);

class Intake {
 public:
  Intake(sql::Database& database, bool only_look) : database_(database), only_look_(only_look) {}

  // One transaction. A model that is there with the same description, tags and versions gets the versions and aliases
  // that it lacks (then it counts as kSame); one that differs stays as it is, whole.
  tracking::Arrival take(const StoredModel& model);
  ModelRowCounts count(const std::string& name);

 private:
  sql::Database& database_;
  const bool only_look_;
};

// What is stored, on the caller's snapshot.
class Outlet {
 public:
  explicit Outlet(sql::Transaction& transaction) : transaction_(transaction) {}
  std::vector<std::string> names();
  std::optional<StoredModel> find(const std::string& name);

 private:
  sql::Transaction& transaction_;
};

}  // namespace slipway::registry
