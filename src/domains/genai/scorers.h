// The use cases of scorers: registered, found, withdrawn, and told how to score online. Part of Genai.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "domains/genai/scorer.h"
#include "foundation/base/clock.h"
#include "foundation/sql/database.h"

namespace slipway::genai {

// Throws invalid_argument for a definition that cannot be scored with online.
using DefinitionCheck = std::function<void(const std::string& definition)>;

class Scorers {
 public:
  Scorers(sql::Database& database, Clock& clock, IdSource& ids) : database_(database), clock_(clock), ids_(ids) {}

  // The next version under that name. All of these throw not_found, and invalid_argument for a deleted experiment.
  ScorerVersion add(const ExperimentId& experiment, const std::string& name, const std::string& definition);
  // The latest version when none is named.
  ScorerVersion get(const ExperimentId& experiment, const std::string& name, std::optional<int64_t> version);
  std::vector<ScorerVersion> versions(const ExperimentId& experiment, const std::string& name);
  // One version, or the scorer with all of them and how it scores online.
  void remove(const ExperimentId& experiment, const std::string& name, std::optional<int64_t> version);
  // The latest version of each.
  std::vector<ScorerVersion> list(const ExperimentId& experiment);
  // The same of several experiments, or of all in the scope; those that are unknown or deleted are passed over.
  std::vector<ScorerVersion> list(const std::vector<ExperimentId>& experiments);
  std::vector<ScorerVersion> list_all(const identity::Scope& scope);

  // In place of what was set before. `check` sees the latest definition unless the rate is 0.
  OnlineScoring set_online(const ExperimentId& experiment, const std::string& name, double sample_rate,
                           const std::optional<std::string>& filter, const DefinitionCheck& check);
  // Those of the scorers that have any.
  std::vector<OnlineScoring> online(const std::vector<ScorerId>& scorers);
  // Where they lie, each experiment once; unknown scorers lie nowhere.
  std::vector<ExperimentId> experiments_of(const std::vector<ScorerId>& scorers);

  // Removes all of an experiment that goes for good; part of the transaction.
  static void forget_experiment(sql::Transaction& transaction, const ExperimentId& experiment);

 private:
  sql::Database& database_;
  Clock& clock_;
  IdSource& ids_;
};

}  // namespace slipway::genai
