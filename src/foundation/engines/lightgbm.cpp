#include "foundation/engines/lightgbm.h"

#include <utility>

#include "foundation/base/error.h"
#include "foundation/engines/lightgbm_api.h"

namespace slipway::engines::lightgbm {

namespace {

constexpr int kValidationIndex = 1;  // 0 is the training data

std::string written(const Parameters& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) out += (out.empty() ? "" : " ") + name + "=" + value;
  return out;
}

// Column-wise histograms are summed in an order that does not depend on the number of threads.
Parameters reproducible(Parameters parameters, uint64_t seed) {
  parameters["deterministic"] = "true";
  parameters["force_col_wise"] = "true";
  parameters["force_row_wise"] = "false";
  // LightGBM's seeds are 32-bit and signed; it derives those of bagging, features and data from this one.
  parameters["seed"] = std::to_string(seed & 0x7fffffffU);
  parameters["verbosity"] = "-1";
  return parameters;
}

// The text ends in the parameters; how many threads trained says nothing about the model.
std::string without_thread_count(std::string model) {
  constexpr std::string_view kKey = "\n[num_threads: ";
  const size_t start = model.rfind(kKey);
  if (start == std::string::npos) return model;
  const size_t value = start + kKey.size();
  return model.replace(value, model.find(']', value) - value, "0");
}

void check_matrix(const MatrixView& matrix) {
  if (matrix.values.size() != matrix.rows * matrix.columns) {
    throw internal_error("a matrix of ", matrix.rows, " x ", matrix.columns, " has ", matrix.values.size(), " values");
  }
}

}  // namespace

Dataset::Dataset(const MatrixView& matrix, std::span<const float> labels, const Columns& columns,
                 const Parameters& parameters, const Dataset* reference)
    : api_(open_api()) {
  check_matrix(matrix);
  if (labels.size() != matrix.rows)
    throw invalid_argument("there are ", matrix.rows, " rows but ", labels.size(), " labels");
  Parameters all = reproducible(parameters, 0);
  // Otherwise features that min_data_in_leaf makes useless are dropped, and a data set fits only that one setting.
  all["feature_pre_filter"] = "false";
  std::vector<std::string> codes;
  for (const int column : columns.categorical) codes.push_back(std::to_string(column));
  if (!codes.empty()) all["categorical_feature"] = text::join(codes, ",");
  const int row_major = matrix.layout == Layout::kRows ? 1 : 0;
  api_->check(api_->dataset_create_from_mat(matrix.values.data(), kFloat64, static_cast<int32_t>(matrix.rows),
                                            static_cast<int32_t>(matrix.columns), row_major, written(all).c_str(),
                                            reference == nullptr ? nullptr : reference->handle(), &handle_),
              "bin the data");
  try {
    api_->check(api_->dataset_set_field(handle_, "label", labels.data(), static_cast<int>(labels.size()), kFloat32),
                "set the labels");
    std::vector<const char*> names;
    for (const std::string& name : columns.names) names.push_back(name.c_str());
    api_->check(api_->dataset_set_feature_names(handle_, names.data(), static_cast<int>(names.size())),
                "name the features");
  } catch (...) {
    api_->dataset_free(handle_);
    throw;
  }
}

Dataset::~Dataset() { api_->dataset_free(handle_); }

Trainer::Trainer(const Dataset& training, const Parameters& parameters, uint64_t seed) : api_(open_api()) {
  api_->check(api_->booster_create(training.handle(), written(reproducible(parameters, seed)).c_str(), &handle_),
              "start training");
}

Trainer::~Trainer() { api_->booster_free(handle_); }

void Trainer::add_validation(const Dataset& validation) {
  api_->check(api_->booster_add_valid_data(handle_, validation.handle()), "add the validation data");
}

bool Trainer::update() {
  int finished = 0;
  api_->check(api_->booster_update_one_iter(handle_, &finished), "grow a tree");
  if (finished == 0) ++rounds_;
  return finished == 0;
}

std::vector<double> Trainer::validation_scores() const {
  int64_t count = 0;
  api_->check(api_->booster_get_num_predict(handle_, kValidationIndex, &count), "count validation scores");
  std::vector<double> scores(static_cast<size_t>(count));
  api_->check(api_->booster_get_predict(handle_, kValidationIndex, &count, scores.data()), "score the validation data");
  return scores;
}

std::string Trainer::save(int rounds) const {
  int64_t size = 0;
  std::string out(size_t{1} << 20U, '\0');
  for (int attempt = 0; attempt < 2; ++attempt) {
    api_->check(api_->booster_save_model_to_string(handle_, 0, rounds, kImportanceSplits,
                                                   static_cast<int64_t>(out.size()), &size, out.data()),
                "write the model");
    if (static_cast<size_t>(size) <= out.size()) break;
    out.resize(static_cast<size_t>(size));
  }
  out.resize(static_cast<size_t>(size) - 1);  // the size counts the final zero
  return without_thread_count(std::move(out));
}

Importance Trainer::importance(int rounds) const {
  int features = 0;
  api_->check(api_->booster_get_num_feature(handle_, &features), "count the features");
  Importance found;
  found.splits.resize(static_cast<size_t>(features));
  found.gains.resize(static_cast<size_t>(features));
  api_->check(api_->booster_feature_importance(handle_, rounds, kImportanceSplits, found.splits.data()),
              "rank the features");
  api_->check(api_->booster_feature_importance(handle_, rounds, kImportanceGains, found.gains.data()),
              "rank the features");
  return found;
}

Model::Model(const std::string& text) : api_(open_api()) {
  int rounds = 0;
  if (!text.starts_with("tree") || api_->booster_load_model_from_string(text.c_str(), &rounds, &handle_) != 0) {
    throw data_loss("this is not a LightGBM model, or a damaged one");
  }
  int classes = 0;
  if (api_->booster_get_num_classes(handle_, &classes) != 0 ||
      api_->booster_get_num_feature(handle_, &feature_count_) != 0 || classes != 1) {
    api_->booster_free(handle_);
    throw Error(ErrorCode::kUnimplemented,
                text::concat("LightGBM models with one output can be served, this one has ", classes));
  }
}

Model::~Model() {
  for (void* predictor : idle_row_predictors_) api_->fast_config_free(predictor);
  api_->booster_free(handle_);
}

std::vector<double> Model::predict(const MatrixView& matrix, int threads) const {
  check_matrix(matrix);
  std::vector<double> scores(matrix.rows);
  if (matrix.rows == 0) return scores;
  const std::string parameters = threads > 0 ? "num_threads=" + std::to_string(threads) : "";
  int64_t count = 0;
  api_->check(
      api_->booster_predict_for_mat(handle_, matrix.values.data(), kFloat64, static_cast<int32_t>(matrix.rows),
                                    static_cast<int32_t>(matrix.columns), matrix.layout == Layout::kRows ? 1 : 0,
                                    kPredictNormal, 0, -1, parameters.c_str(), &count, scores.data()),
      "predict");
  return scores;
}

double Model::predict_row(std::span<const double> row) const {
  if (row.size() != static_cast<size_t>(feature_count_)) {
    throw invalid_argument("the model takes ", feature_count_, " features, got ", row.size());
  }
  void* predictor = borrow_row_predictor();
  double score = 0;
  int64_t count = 0;
  const int status = api_->booster_fast_predict(predictor, row.data(), &count, &score);
  return_row_predictor(predictor);
  api_->check(status, "predict");
  return score;
}

void* Model::borrow_row_predictor() const {
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_row_predictors_.empty()) {
      void* predictor = idle_row_predictors_.back();
      idle_row_predictors_.pop_back();
      return predictor;
    }
  }
  void* predictor = nullptr;
  api_->check(
      api_->booster_fast_init(handle_, kPredictNormal, 0, -1, kFloat64, feature_count_, "num_threads=1", &predictor),
      "prepare to predict");
  return predictor;
}

void Model::return_row_predictor(void* predictor) const {
  const std::scoped_lock lock(mutex_);
  idle_row_predictors_.push_back(predictor);
}

}  // namespace slipway::engines::lightgbm
