// The rows of scorers, their versions and how they score online. Used by Scorers inside its transactions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domains/genai/scorer.h"
#include "domains/tracking/select.h"

namespace slipway::genai {

class ScorerStore {
 public:
  explicit ScorerStore(sql::Transaction& transaction) : transaction_(transaction) {}

  // What `out` may hold at most; beyond it list and versions throw too_large.
  static constexpr size_t kMaxBytes = size_t{64} << 20U;

  struct Found {
    int64_t row = 0;
    ScorerId id;
  };

  std::optional<Found> find(int64_t experiment, const std::string& name);
  Found insert(int64_t experiment, const std::string& name, const ScorerId& id);
  // Returns its number: one more than the highest there is.
  int64_t add_version(int64_t row, const std::string& definition, int64_t now_ms);
  // One that was made elsewhere.
  void restore_version(int64_t row, const ScorerVersion& version);
  // The highest when none is named.
  std::optional<ScorerVersion> version(int64_t row, std::optional<int64_t> version);
  // By number.
  std::vector<ScorerVersion> versions(int64_t row);
  // The latest version of every scorer that fits the condition on the experiments `e`, by experiment and name.
  std::vector<ScorerVersion> latest(const tracking::Condition& condition);
  bool remove_version(int64_t row, int64_t version);
  void remove(int64_t row);
  void forget_experiment(int64_t experiment);

  void put(int64_t row, const OnlineScoring& scoring);
  std::vector<OnlineScoring> online(const std::vector<ScorerId>& scorers);

 private:
  std::vector<ScorerVersion> read(const std::string& tail, const sql::Values& values);

  sql::Transaction& transaction_;
};

}  // namespace slipway::genai
