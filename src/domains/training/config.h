// train.yaml: what to learn from which columns, how rows are split by time, and where to search. Read by `slipway
// train`.
//
//   target: late                     # 0/1, or true/false
//   time_column: scheduled           # times, dates or numbers; without it the order of the rows counts
//   split:                           # by dates (rows from `validate_until` on stay unseen) ...
//     train_until: 2013-08-01
//     validate_until: 2013-10-01
//     # validate_fraction: 0.2       # ... or the last part of the rows
//   features: {include: [...], exclude: [...]}   # default: every column but target and time
//   categorical: [carrier, origin]   # default: every text column
//   learners: [logistic, lightgbm]
//   metric: auc                      # or log_loss, average_precision, brier
//   search:
//     trials: 8
//     seed: 1
//     space: {num_leaves: [15, 127], learning_rate: [0.03, 0.2]}
//   lightgbm: {max_bin: 255}         # fixed parameters, win over the space
//   rounds: 500
//   early_stopping_rounds: 30
//   refit: true                      # the best trial again on training and validation rows
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::training {

enum class Learner { kLogistic, kLightGbm };
std::string_view name_of(Learner learner);

// Where a trial draws a LightGBM parameter from: evenly over [low, high], or over its logarithm.
struct SearchRange {
  std::string name;
  double low = 0;
  double high = 0;
  bool logarithmic = false;
  bool integer = false;
};

struct Split {
  // Bounds as written, read by the type of the time column; empty: none.
  std::string train_from;
  std::string train_until;
  std::string validate_until;
  double validate_fraction = 0.2;  // used without train_until
};

struct TrainConfig {
  std::string target;
  std::string time_column;
  Split split;
  std::vector<std::string> include;
  std::vector<std::string> exclude;
  bool all_text_is_categorical = true;  // nothing was listed
  std::vector<std::string> categorical;
  int64_t min_category_rows = 10;
  std::vector<Learner> learners = {Learner::kLogistic, Learner::kLightGbm};
  std::string metric = "auc";
  int trials = 8;
  uint64_t seed = 1;
  std::vector<SearchRange> space;
  std::map<std::string, std::string> lightgbm;
  double logistic_l2 = 1;
  int rounds = 500;
  int early_stopping_rounds = 30;
  bool refit = true;
  int64_t reference_rows = 20'000;
};

// `overrides` are "split.train_until=2013-10-01" and the like, applied before the file's values are looked at; a value
// of null takes a key away. Throws invalid_argument naming the key and what it may hold; unknown keys are errors.
TrainConfig parse_train_config(std::string_view yaml, const std::vector<std::string>& overrides = {});

}  // namespace slipway::training
