#include "domains/training/training.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "domains/packaging/encoding.h"
#include "domains/packaging/logistic_model.h"
#include "domains/training/dataset.h"
#include "domains/training/logistic.h"
#include "domains/training/search.h"
#include "foundation/base/error.h"
#include "foundation/base/id.h"
#include "foundation/engines/lightgbm.h"

namespace slipway::training {

namespace {

namespace lightgbm = engines::lightgbm;
using engines::Layout;
using engines::MatrixView;
using packaging::Encoding;

// Rows of the table, encoded by columns, with their labels.
struct Part {
  std::vector<double> values;
  std::vector<uint8_t> labels;
  size_t columns = 0;
  MatrixView view() const { return {values, labels.size(), columns, Layout::kColumns}; }
  std::vector<float> float_labels() const { return {labels.begin(), labels.end()}; }
};

Part make_part(const tables::Table& table, std::span<const size_t> rows, std::span<const uint8_t> labels,
               const Encoding& encoding) {
  Part part;
  part.columns = encoding.features().size();
  part.values = encoding.encode(table, rows, Layout::kColumns);
  part.labels.reserve(rows.size());
  for (const size_t row : rows) part.labels.push_back(labels[row]);
  return part;
}

double score_of(const std::string& metric, evaluation::Scores scores, evaluation::Labels labels) {
  if (metric == "auc") return evaluation::auc(scores, labels);
  if (metric == "log_loss") return evaluation::log_loss(scores, labels);
  if (metric == "brier") return evaluation::brier(scores, labels);
  return evaluation::average_precision(scores, labels);
}

// The file's metric, turned so that more is better.
class Judge {
 public:
  explicit Judge(std::string metric)
      : metric_(std::move(metric)),
        sign_(evaluation::direction_of(metric_) == evaluation::Direction::kHigherIsBetter ? 1 : -1) {}
  double value(evaluation::Scores scores, evaluation::Labels labels) const { return score_of(metric_, scores, labels); }
  bool is_better(double value, double than) const { return sign_ * value > sign_ * than; }
  double value_of(const Trial& trial) const {
    return evaluation::find_value(evaluation::named_values(trial.validation), metric_).value();
  }

 private:
  std::string metric_;
  double sign_;
};

// A fitted trial: what it takes to save it, and its scores on the validation rows.
struct Fit {
  std::string model;
  std::vector<double> scores;
  std::vector<FeatureImportance> importance;
};

lightgbm::Dataset::Columns columns_of(const Encoding& encoding) {
  lightgbm::Dataset::Columns columns;
  for (size_t i = 0; i < encoding.features().size(); ++i) {
    // LightGBM's model file separates names by blanks and its parser dislikes JSON's characters.
    std::string name = encoding.features()[i].name;
    for (char& c : name) {
      if (static_cast<unsigned char>(c) <= ' ' || std::string_view(",:[]{}\"").find(c) != std::string_view::npos)
        c = '_';
    }
    columns.names.push_back(std::move(name));
    if (encoding.features()[i].kind == packaging::FeatureKind::kCategory)
      columns.categorical.push_back(static_cast<int>(i));
  }
  return columns;
}

lightgbm::Parameters with_basics(std::map<std::string, std::string> parameters, int threads) {
  parameters["objective"] = "binary";
  parameters["metric"] = "none";  // ours are the gates' metrics
  if (threads > 0) parameters["num_threads"] = std::to_string(threads);
  return parameters;
}

std::vector<FeatureImportance> ranked(std::vector<FeatureImportance> importance) {
  std::ranges::stable_sort(importance, std::greater<>(), &FeatureImportance::gain);
  return importance;
}

std::vector<FeatureImportance> importance_of(const lightgbm::Trainer& trainer, int rounds, const Encoding& encoding) {
  const lightgbm::Importance found = trainer.importance(rounds);
  std::vector<FeatureImportance> importance;
  for (size_t i = 0; i < encoding.features().size(); ++i) {
    importance.push_back({encoding.features()[i].name, found.gains[i], found.splits[i]});
  }
  return ranked(std::move(importance));
}

std::vector<FeatureImportance> importance_of(const packaging::LogisticModel& model, const Part& part,
                                             const Encoding& encoding) {
  std::vector<FeatureImportance> importance;
  for (size_t i = 0; i < model.terms.size(); ++i) {
    packaging::LogisticModel alone;
    alone.terms = {model.terms[i]};
    const size_t rows = part.labels.size();
    const auto column = std::span(part.values).subspan(i * rows, rows);
    double sum = 0;
    double squares = 0;
    for (double chance : alone.score({column, rows, 1, Layout::kColumns})) {
      const double odds = std::log(chance / (1 - chance));
      sum += odds;
      squares += odds * odds;
    }
    const double mean = sum / static_cast<double>(rows);
    const double variance = std::max(0.0, squares / static_cast<double>(rows) - mean * mean);
    importance.push_back({encoding.features()[i].name, std::sqrt(variance), 0});
  }
  return ranked(std::move(importance));
}

class Training {
 public:
  Training(const tables::Table& table, const TrainConfig& config, const Clock& clock, TrainingObserver& observer,
           int threads)
      : table_(table), config_(config), clock_(clock), observer_(observer), threads_(threads), judge_(config.metric) {}

  TrainingResult run() {
    labels_ = read_labels(table_, config_.target);
    rows_ = split_rows(table_, config_, labels_);
    names_ = choose_features(table_, config_);
    encoding_ = fit(rows_.train);
    train_ = make_part(table_, rows_.train, labels_, encoding_);
    validation_ = make_part(table_, rows_.validation, labels_, encoding_);
    TrainingResult result;
    Fit best;
    int number = 0;
    std::string why_none;
    for (const Learner learner : config_.learners) {
      const int trials = learner == Learner::kLogistic ? 1 : config_.trials;
      for (int i = 0; i < trials; ++i) {
        Trial trial = start(number++, learner, i);
        Fit fitted = learner == Learner::kLogistic ? run_logistic() : run_lightgbm(trial);
        if (trial.best_rounds == 0 && learner == Learner::kLightGbm) {
          // Drawn for more rows than there are; other draws may fit.
          why_none = "LightGBM found nothing to split on: lower min_data_in_leaf or give more rows";
          observer_.trial_failed(trial, why_none);
          continue;
        }
        finish(trial, fitted);
        if (result.trials.empty() ||
            judge_.is_better(judge_.value_of(trial), judge_.value_of(result.trials[result.best]))) {
          result.best = result.trials.size();
          best = std::move(fitted);
        }
        result.trials.push_back(std::move(trial));
      }
    }
    if (result.trials.empty()) throw failed_precondition(why_none);
    result.reference = reference_of(best.scores);
    complete(result, std::move(best));
    return result;
  }

 private:
  Encoding fit(std::span<const size_t> rows) const {
    return packaging::fit_encoding(table_, rows, {names_.features, names_.categorical, config_.min_category_rows});
  }

  Trial start(int number, Learner learner, int search_index) const {
    Trial trial;
    trial.number = number;
    trial.learner = learner;
    trial.seed = seed_of_trial(config_, search_index);
    trial.started_ms = clock_.now_ms();
    if (learner == Learner::kLightGbm) trial.parameters = draw_parameters(config_, search_index);
    if (learner == Learner::kLogistic) trial.parameters["l2"] = text::format_double(config_.logistic_l2);
    observer_.trial_started(trial);
    return trial;
  }

  void finish(Trial& trial, const Fit& fitted) const {
    trial.validation = evaluation::binary_metrics(fitted.scores, validation_.labels);
    trial.duration_ms = clock_.now_ms() - trial.started_ms;
    observer_.trial_finished(trial);
  }

  Fit run_logistic() const {
    const packaging::LogisticModel model =
        fit_logistic(train_.view(), train_.labels, encoding_, {config_.logistic_l2, 64, threads_});
    return {packaging::write_logistic(model), model.score(validation_.view()), importance_of(model, train_, encoding_)};
  }

  Fit run_lightgbm(Trial& trial) {
    const lightgbm::Parameters parameters = with_basics(trial.parameters, threads_);
    make_datasets(parameters);
    lightgbm::Trainer trainer(*train_data_, parameters, trial.seed);
    trainer.add_validation(*validation_data_);
    Fit fitted;
    double best = 0;
    for (int round = 1; round <= config_.rounds && trainer.update(); ++round) {
      std::vector<double> scores = trainer.validation_scores();
      const double value = judge_.value(scores, validation_.labels);
      trial.curve.push_back(value);
      if (trial.best_rounds == 0 || judge_.is_better(value, best)) {
        best = value;
        trial.best_rounds = round;
        fitted.scores = std::move(scores);
      }
      observer_.round_done(trial);
      if (round - trial.best_rounds >= config_.early_stopping_rounds) break;
    }
    if (trial.best_rounds == 0) return fitted;  // nothing to split on
    fitted.model = trainer.save(trial.best_rounds);
    fitted.importance = importance_of(trainer, trial.best_rounds, encoding_);
    return fitted;
  }

  // Bins are made once for all trials, unless the search changes how they are made.
  void make_datasets(const lightgbm::Parameters& parameters) {
    lightgbm::Parameters binning;
    for (const char* name : {"max_bin", "min_data_in_bin", "bin_construct_sample_cnt", "num_threads"}) {
      if (parameters.contains(name)) binning[name] = parameters.at(name);
    }
    if (train_data_ != nullptr && binning == binning_) return;
    validation_data_.reset();
    const lightgbm::Dataset::Columns columns = columns_of(encoding_);
    train_data_ = std::make_unique<lightgbm::Dataset>(train_.view(), train_.float_labels(), columns, binning);
    validation_data_ = std::make_unique<lightgbm::Dataset>(validation_.view(), validation_.float_labels(), columns,
                                                           binning, train_data_.get());
    binning_ = std::move(binning);
  }

  tables::Table reference_of(const std::vector<double>& scores) const {
    std::vector<size_t> chosen(rows_.validation.size());
    std::iota(chosen.begin(), chosen.end(), size_t{0});
    SeededIdSource random(config_.seed);
    const size_t wanted = std::min(chosen.size(), static_cast<size_t>(config_.reference_rows));
    for (size_t i = 0; i < wanted; ++i) std::swap(chosen[i], chosen[i + random.next_u64() % (chosen.size() - i)]);
    chosen.resize(wanted);
    std::ranges::sort(chosen);
    std::vector<size_t> rows;
    tables::Column probability("probability", tables::ColumnType::kDouble);
    for (const size_t place : chosen) {
      rows.push_back(rows_.validation[place]);
      probability.append_double(scores[place]);
    }
    std::vector<std::string> columns = names_.features;
    std::erase(columns, "probability");
    tables::Table reference = table_.select(columns).take(rows);
    reference.add(std::move(probability));
    return reference;
  }

  void complete(TrainingResult& result, Fit best) {
    const Trial& trial = result.trials[result.best];
    if (config_.refit) best = refit(trial);
    result.content.kind =
        trial.learner == Learner::kLogistic ? packaging::ModelKind::kLogistic : packaging::ModelKind::kLightGbm;
    result.content.model = std::move(best.model);
    result.content.encoding = std::move(encoding_);
    result.content.outputs = {{"probability", tables::ColumnType::kDouble, true}};
    result.content.metadata["target"] = config_.target;
    result.importance = std::move(best.importance);
    result.train_rows = static_cast<int64_t>(rows_.train.size());
    result.validation_rows = static_cast<int64_t>(rows_.validation.size());
    result.unlabelled_rows = rows_.unlabelled;
    result.unused_rows = rows_.unused;
  }

  // The chosen trial once more on all labelled rows before the end of the split, with the rounds it stopped at.
  Fit refit(const Trial& trial) {
    std::vector<size_t> rows = rows_.train;
    rows.insert(rows.end(), rows_.validation.begin(), rows_.validation.end());
    std::ranges::sort(rows);
    encoding_ = fit(rows);
    train_data_.reset();
    validation_data_.reset();
    const Part all = make_part(table_, rows, labels_, encoding_);
    if (trial.learner == Learner::kLogistic) {
      const packaging::LogisticModel model =
          fit_logistic(all.view(), all.labels, encoding_, {config_.logistic_l2, 64, threads_});
      return {packaging::write_logistic(model), {}, importance_of(model, all, encoding_)};
    }
    const lightgbm::Parameters parameters = with_basics(trial.parameters, threads_);
    const lightgbm::Dataset data(all.view(), all.float_labels(), columns_of(encoding_), parameters);
    lightgbm::Trainer trainer(data, parameters, trial.seed);
    for (int round = 0; round < trial.best_rounds && trainer.update(); ++round) observer_.round_done(trial);
    return {trainer.save(trial.best_rounds), {}, importance_of(trainer, trial.best_rounds, encoding_)};
  }

  const tables::Table& table_;
  const TrainConfig& config_;
  const Clock& clock_;
  TrainingObserver& observer_;
  const int threads_;
  const Judge judge_;
  std::vector<uint8_t> labels_;
  TrainingRows rows_;
  FeatureNames names_;
  Encoding encoding_;
  Part train_;
  Part validation_;
  lightgbm::Parameters binning_;
  std::unique_ptr<lightgbm::Dataset> train_data_;
  std::unique_ptr<lightgbm::Dataset> validation_data_;
};

}  // namespace

std::string Trial::name() const {
  return text::concat("trial-", number < 10 ? "0" : "", number, "-", name_of(learner));
}

int trial_count(const TrainConfig& config) {
  int count = 0;
  for (const Learner learner : config.learners) count += learner == Learner::kLogistic ? 1 : config.trials;
  return count;
}

TrainingResult train(const tables::Table& table, const TrainConfig& config, const Clock& clock,
                     TrainingObserver& observer, int threads) {
  return Training(table, config, clock, observer, threads).run();
}

}  // namespace slipway::training
