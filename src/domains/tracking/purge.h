// Removes for good what was deleted long enough ago: runs, logged models and experiments with their files. Deleting
// itself only hides; this gives the disk, and an experiment's name, back. Used by the command `gc`.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "domains/tracking/artifacts.h"
#include "domains/tracking/run.h"
#include "foundation/sql/database.h"

namespace slipway::tracking {

struct PurgeRequest {
  int64_t deleted_until_ms = 0;
  // Only these; when both are empty, everything. Throws invalid_argument for one that is not deleted.
  std::vector<RunId> runs;
  std::vector<ExperimentId> experiments;
  bool only_look = false;  // counts what would go
};

struct PurgeReport {
  int64_t runs = 0;
  int64_t logged_models = 0;
  int64_t experiments = 0;
  std::vector<std::string> kept;  // what stays although it was deleted, with the reason
};

// Who needs the files of a run or logged model of that id ("version 3 of model iris"); nothing when nobody does.
using NeededBy = std::function<std::optional<std::string>(const std::string& id)>;

// Removes what another domain keeps of an experiment, inside the transaction that removes the experiment.
using Forget = std::function<void(sql::Transaction&, const ExperimentId&)>;

// Files go before rows, so that what is interrupted is found again. Files in places that are not this server's stay.
PurgeReport purge(sql::Database& database, Artifacts& artifacts, const PurgeRequest& request, const NeededBy& needed_by,
                  const std::vector<Forget>& forget);

// Numbers of experiments that are gone are not given to others.
std::vector<sql::Migration> purge_migrations();

}  // namespace slipway::tracking
