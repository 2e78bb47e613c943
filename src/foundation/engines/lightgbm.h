// LightGBM 4.7 through its C API, opened on first use: data sets, training round by round, prediction. Used by training
// and by the serving runtime.
//
// Training is reproducible: the parameters that decide it (one histogram strategy, `deterministic`, every seed) are set
// here and win over the caller's, so that the same data, parameters and seed give the same bytes of model on any number
// of threads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/engines/matrix.h"

namespace slipway::engines::lightgbm {

struct Api;

// "name=value" pairs as LightGBM's documentation names them.
using Parameters = std::map<std::string, std::string>;

// Binned training data. Not changed once made; several boosters may use it one after another.
class Dataset {
 public:
  struct Columns {
    std::vector<std::string> names;
    std::vector<int> categorical;  // indices of columns that hold codes 0, 1, 2...
  };
  // `reference`: the training data whose bins a validation set must share.
  Dataset(const MatrixView& matrix, std::span<const float> labels, const Columns& columns, const Parameters& parameters,
          const Dataset* reference = nullptr);
  ~Dataset();
  Dataset(const Dataset&) = delete;
  Dataset& operator=(const Dataset&) = delete;

  void* handle() const { return handle_; }

 private:
  std::shared_ptr<const Api> api_;  // shared with every object that calls into the library, keeps it open
  void* handle_ = nullptr;
};

// Both measures of a feature's use: how often it splits, and the gain of those splits.
struct Importance {
  std::vector<double> splits;
  std::vector<double> gains;
};

// A model in training. Call from one thread.
class Trainer {
 public:
  // The data sets must outlive the trainer.
  Trainer(const Dataset& training, const Parameters& parameters, uint64_t seed);
  ~Trainer();
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  void add_validation(const Dataset& validation);
  // One more tree; false when nothing is left to split.
  bool update();
  // Probabilities (values, for regression) of the validation data's rows after the last update.
  std::vector<double> validation_scores() const;
  int rounds() const { return rounds_; }

  // The model's text with the first `rounds` trees.
  std::string save(int rounds) const;
  Importance importance(int rounds) const;

 private:
  std::shared_ptr<const Api> api_;
  void* handle_ = nullptr;
  int rounds_ = 0;
};

// A finished model. All members may be called from many threads at once.
class Model {
 public:
  // Throws data_loss when the text is not a LightGBM model.
  explicit Model(const std::string& text);
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  int feature_count() const { return feature_count_; }
  // One value per row; throws unimplemented for models with several outputs. `threads` 0: all cores.
  std::vector<double> predict(const MatrixView& matrix, int threads = 1) const;
  // One row, without the set-up that predict does per call.
  double predict_row(std::span<const double> row) const;

 private:
  void* borrow_row_predictor() const;
  void return_row_predictor(void* predictor) const;

  std::shared_ptr<const Api> api_;
  void* handle_ = nullptr;
  int feature_count_ = 0;
  mutable std::mutex mutex_;                        // guards idle_row_predictors_
  mutable std::vector<void*> idle_row_predictors_;  // each serves one call at a time
};

}  // namespace slipway::engines::lightgbm
