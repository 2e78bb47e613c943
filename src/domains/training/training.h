// Training: a table and a configuration in, a model with its trials out. Used by `slipway train`; knows no server: who
// wants to log or draw progress listens as an observer.
//
// Everything random comes from the configuration's seed, and no result depends on the number of threads: two trainings
// on the same rows give the same bytes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "domains/evaluation/metrics.h"
#include "domains/packaging/model_folder.h"
#include "domains/training/config.h"
#include "foundation/base/clock.h"
#include "foundation/tables/table.h"

namespace slipway::training {

struct Trial {
  int number = 0;
  Learner learner = Learner::kLightGbm;
  std::map<std::string, std::string> parameters;
  uint64_t seed = 0;
  std::vector<double> curve;  // the configuration's metric on the validation rows after each round
  int best_rounds = 0;        // trees up to the best point of the curve; 0 for logistic
  evaluation::BinaryMetrics validation;
  int64_t started_ms = 0;
  int64_t duration_ms = 0;

  // "trial-03-lightgbm".
  std::string name() const;
};

class TrainingObserver {
 public:
  virtual ~TrainingObserver() = default;
  virtual void trial_started(const Trial& trial) = 0;
  // After each round of the running trial, and of the last fit on all rows; what it throws ends the training.
  virtual void round_done(const Trial& trial) = 0;
  virtual void trial_finished(const Trial& trial) = 0;
  // Instead of trial_finished: it gave no model; the others go on.
  virtual void trial_failed(const Trial& trial, const std::string& why) = 0;
};

// How much a feature matters. LightGBM: gain and number of its splits. Logistic: standard deviation of what it adds to
// the log-odds.
struct FeatureImportance {
  std::string feature;
  double gain = 0;
  double splits = 0;
};

struct TrainingResult {
  std::vector<Trial> trials;
  size_t best = 0;  // index into trials
  packaging::ModelContent content;
  std::vector<FeatureImportance> importance;  // by falling gain
  int64_t train_rows = 0;
  int64_t validation_rows = 0;
  int64_t unlabelled_rows = 0;
  int64_t unused_rows = 0;
  // A seeded sample of validation rows for the monitor to compare with: inputs, `probability` and the target. The
  // probabilities are those of the best trial before it is fitted again on these very rows.
  tables::Table reference;
};

// Number of trials that `config` will run.
int trial_count(const TrainConfig& config);

TrainingResult train(const tables::Table& table, const TrainConfig& config, const Clock& clock,
                     TrainingObserver& observer, int threads = 0);

}  // namespace slipway::training
