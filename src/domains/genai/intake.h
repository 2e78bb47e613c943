// Takes in evaluation datasets, scorers and issues that were made elsewhere with their ids, numbers and times, and
// gives them out whole again. What is there already stays. Used by those who move whole stores.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "domains/genai/dataset.h"
#include "domains/genai/issue.h"
#include "domains/genai/scorer.h"
#include "domains/tracking/arrival.h"
#include "foundation/sql/database.h"

namespace slipway::genai {

struct StoredDataset {
  Dataset dataset;  // its records come apart from it, for there may be many
  std::vector<ExperimentId> experiments;
};

struct StoredScorer {
  ScorerId id;
  ExperimentId experiment_id;
  std::string name;
  std::vector<ScorerVersion> versions;
  std::optional<OnlineScoring> online;
};

struct DatasetRowCounts {
  int64_t datasets = 0;
  int64_t tags = 0;
  int64_t experiments = 0;  // that use them
  int64_t records = 0;
};

struct ScorerRowCounts {
  int64_t scorers = 0;
  int64_t versions = 0;
  int64_t online = 0;
};

// The first difference, in words. Versions of a scorer that only one side has do not count.
std::string difference(const StoredDataset& here, const StoredDataset& there);
std::string difference(const Record& here, const Record& there);
std::string difference(const StoredScorer& here, const StoredScorer& there);
std::string difference(const Issue& here, const Issue& there);

// Each call is one transaction and answers in the order of what it was given.
class Intake {
 public:
  Intake(sql::Database& database, bool only_look) : database_(database), only_look_(only_look) {}

  std::vector<tracking::Arrival> take(const std::vector<StoredDataset>& datasets);
  // Of a dataset that was taken before; unless one only looks, throws not_found for an unknown one.
  std::vector<tracking::Arrival> take(const DatasetId& dataset, const std::vector<Record>& records);
  // A scorer that is there gets the versions that it lacks and counts as kSame.
  std::vector<tracking::Arrival> take(const std::vector<StoredScorer>& scorers);
  std::vector<tracking::Arrival> take(const std::vector<Issue>& issues);

  DatasetRowCounts count(const DatasetId& dataset);
  ScorerRowCounts count(const ScorerId& scorer);
  int64_t count(const std::vector<IssueId>& issues);

 private:
  void run(const std::function<void(sql::Transaction&)>& work);

  sql::Database& database_;
  const bool only_look_;
};

// What is stored, on the caller's snapshot.
class Outlet {
 public:
  explicit Outlet(sql::Transaction& transaction) : transaction_(transaction) {}

  std::vector<DatasetId> datasets();
  std::optional<StoredDataset> find(const DatasetId& id);
  // In the order in which they came, `portion` at a time.
  void records(const DatasetId& id, int64_t portion, const std::function<void(std::vector<Record>)>& on_records);
  std::vector<ScorerId> scorers();
  std::optional<StoredScorer> find(const ScorerId& id);
  void issues(int64_t portion, const std::function<void(std::vector<Issue>)>& on_issues);

 private:
  sql::Transaction& transaction_;
};

}  // namespace slipway::genai
