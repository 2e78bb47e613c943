#include "domains/evaluation/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "foundation/base/error.h"

namespace slipway::evaluation {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void check_sizes(size_t scores, size_t labels) {
  if (scores != labels) throw invalid_argument("there are ", scores, " scores but ", labels, " labels");
}

// Distinct scores from high to low with the rows and positives that have exactly that score.
struct Step {
  double score = 0;
  int64_t positives = 0;
  int64_t negatives = 0;
};

std::vector<Step> steps_of(Scores scores, Labels labels) {
  check_sizes(scores.size(), labels.size());
  struct Row {
    double score;
    uint8_t label;
  };
  std::vector<Row> rows(scores.size());
  for (size_t i = 0; i < scores.size(); ++i) {
    if (std::isnan(scores[i])) throw invalid_argument("score of row ", i, " is not a number");
    rows[i] = {scores[i], labels[i]};
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.score > b.score; });
  std::vector<Step> steps;
  for (const Row& row : rows) {
    if (steps.empty() || steps.back().score != row.score) steps.push_back({row.score, 0, 0});
    ++(row.label != 0 ? steps.back().positives : steps.back().negatives);
  }
  return steps;
}

double auc_of(const std::vector<Step>& steps) {
  int64_t positives = 0;
  int64_t negatives = 0;
  // Twice the number of pairs in the right order, ties counted once: exact in integers.
  double twice_won = 0;
  for (const Step& step : steps) {
    twice_won += static_cast<double>(step.negatives) * static_cast<double>(2 * positives + step.positives);
    positives += step.positives;
    negatives += step.negatives;
  }
  if (positives == 0 || negatives == 0) return kNaN;
  return twice_won / 2 / (static_cast<double>(positives) * static_cast<double>(negatives));
}

double average_precision_of(const std::vector<Step>& steps) {
  int64_t all_positives = 0;
  for (const Step& step : steps) all_positives += step.positives;
  if (all_positives == 0) return kNaN;
  double sum = 0;
  int64_t positives = 0;
  int64_t rows = 0;
  for (const Step& step : steps) {
    positives += step.positives;
    rows += step.positives + step.negatives;
    const double precision = static_cast<double>(positives) / static_cast<double>(rows);
    sum += precision * static_cast<double>(step.positives) / static_cast<double>(all_positives);
  }
  return sum;
}

double ratio(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

double auc(Scores scores, Labels labels) { return auc_of(steps_of(scores, labels)); }

double average_precision(Scores scores, Labels labels) { return average_precision_of(steps_of(scores, labels)); }

double log_loss(Scores scores, Labels labels) {
  check_sizes(scores.size(), labels.size());
  if (scores.empty()) return kNaN;
  constexpr double kSmallest = std::numeric_limits<double>::epsilon();
  double sum = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    const double score = std::clamp(scores[i], kSmallest, 1 - kSmallest);
    sum -= labels[i] != 0 ? std::log(score) : std::log1p(-score);
  }
  return sum / static_cast<double>(scores.size());
}

double brier(Scores scores, Labels labels) {
  check_sizes(scores.size(), labels.size());
  if (scores.empty()) return kNaN;
  double sum = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    const double miss = scores[i] - (labels[i] != 0 ? 1.0 : 0.0);
    sum += miss * miss;
  }
  return sum / static_cast<double>(scores.size());
}

Confusion confusion(Scores scores, Labels labels, double threshold) {
  check_sizes(scores.size(), labels.size());
  Confusion counts;
  for (size_t i = 0; i < scores.size(); ++i) {
    const bool predicted = scores[i] >= threshold;
    if (labels[i] != 0) {
      ++(predicted ? counts.true_positives : counts.false_negatives);
    } else {
      ++(predicted ? counts.false_positives : counts.true_negatives);
    }
  }
  return counts;
}

std::vector<CalibrationBin> calibration(Scores scores, Labels labels, int bins) {
  check_sizes(scores.size(), labels.size());
  if (bins < 1) throw invalid_argument("calibration needs at least 1 bin, got ", bins);
  std::vector<CalibrationBin> table(static_cast<size_t>(bins));
  for (size_t i = 0; i < scores.size(); ++i) {
    const double place = std::clamp(scores[i], 0.0, 1.0) * bins;
    CalibrationBin& bin = table[std::min(static_cast<size_t>(place), table.size() - 1)];
    ++bin.rows;
    bin.mean_score += scores[i];
    bin.observed_rate += labels[i] != 0 ? 1 : 0;
  }
  for (size_t i = 0; i < table.size(); ++i) {
    table[i].low = static_cast<double>(i) / bins;
    table[i].high = static_cast<double>(i + 1) / bins;
    const double rows = static_cast<double>(table[i].rows);
    table[i].mean_score = table[i].rows == 0 ? kNaN : table[i].mean_score / rows;
    table[i].observed_rate = table[i].rows == 0 ? kNaN : table[i].observed_rate / rows;
  }
  return table;
}

double expected_calibration_error(const std::vector<CalibrationBin>& bins) {
  double sum = 0;
  int64_t rows = 0;
  for (const CalibrationBin& bin : bins) {
    if (bin.rows == 0) continue;
    rows += bin.rows;
    sum += static_cast<double>(bin.rows) * std::abs(bin.mean_score - bin.observed_rate);
  }
  return rows == 0 ? kNaN : sum / static_cast<double>(rows);
}

std::vector<RocPoint> roc_curve(Scores scores, Labels labels, size_t max_points) {
  const std::vector<Step> steps = steps_of(scores, labels);
  int64_t all_positives = 0;
  int64_t all_negatives = 0;
  for (const Step& step : steps) {
    all_positives += step.positives;
    all_negatives += step.negatives;
  }
  std::vector<RocPoint> points = {{std::numeric_limits<double>::infinity(), 0, 0}};
  if (all_positives == 0 || all_negatives == 0) return {};
  int64_t positives = 0;
  int64_t negatives = 0;
  for (const Step& step : steps) {
    positives += step.positives;
    negatives += step.negatives;
    points.push_back({step.score, ratio(negatives, all_negatives), ratio(positives, all_positives)});
  }
  if (points.size() <= max_points || max_points < 2) return points;
  std::vector<RocPoint> thinned;
  for (size_t i = 0; i < max_points; ++i) thinned.push_back(points[i * (points.size() - 1) / (max_points - 1)]);
  return thinned;
}

BinaryMetrics binary_metrics(Scores scores, Labels labels, double threshold) {
  const std::vector<Step> steps = steps_of(scores, labels);
  BinaryMetrics metrics;
  metrics.rows = static_cast<int64_t>(scores.size());
  for (const Step& step : steps) metrics.positives += step.positives;
  metrics.threshold = threshold;
  metrics.auc = auc_of(steps);
  metrics.average_precision = average_precision_of(steps);
  metrics.log_loss = log_loss(scores, labels);
  metrics.brier = brier(scores, labels);
  metrics.ece = expected_calibration_error(calibration(scores, labels));
  const Confusion counts = confusion(scores, labels, threshold);
  metrics.confusion = counts;
  metrics.accuracy = metrics.rows == 0 ? kNaN : ratio(counts.true_positives + counts.true_negatives, metrics.rows);
  metrics.precision = ratio(counts.true_positives, counts.true_positives + counts.false_positives);
  metrics.recall = ratio(counts.true_positives, metrics.positives);
  metrics.f1 =
      ratio(2 * counts.true_positives, 2 * counts.true_positives + counts.false_positives + counts.false_negatives);
  return metrics;
}

RegressionMetrics regression_metrics(std::span<const double> predictions, std::span<const double> labels) {
  check_sizes(predictions.size(), labels.size());
  RegressionMetrics metrics;
  metrics.rows = static_cast<int64_t>(labels.size());
  if (labels.empty()) return {0, kNaN, kNaN, kNaN};
  const double rows = static_cast<double>(labels.size());
  const double mean = std::accumulate(labels.begin(), labels.end(), 0.0) / rows;
  double squares = 0;
  double spread = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    const double miss = predictions[i] - labels[i];
    metrics.mae += std::abs(miss);
    squares += miss * miss;
    spread += (labels[i] - mean) * (labels[i] - mean);
  }
  metrics.mae /= rows;
  metrics.rmse = std::sqrt(squares / rows);
  metrics.r2 = spread == 0 ? kNaN : 1 - squares / spread;
  return metrics;
}

NamedValues named_values(const BinaryMetrics& metrics) {
  return {{"auc", metrics.auc},
          {"average_precision", metrics.average_precision},
          {"log_loss", metrics.log_loss},
          {"brier", metrics.brier},
          {"ece", metrics.ece},
          {"accuracy", metrics.accuracy},
          {"precision", metrics.precision},
          {"recall", metrics.recall},
          {"f1", metrics.f1}};
}

NamedValues named_values(const RegressionMetrics& metrics) {
  return {{"mae", metrics.mae}, {"rmse", metrics.rmse}, {"r2", metrics.r2}};
}

std::optional<double> find_value(const NamedValues& values, std::string_view name) {
  for (const auto& [key, value] : values) {
    if (key == name) return value;
  }
  return std::nullopt;
}

Direction direction_of(std::string_view metric) {
  for (const std::string_view name : {"auc", "average_precision", "accuracy", "precision", "recall", "f1", "r2"}) {
    if (metric == name) return Direction::kHigherIsBetter;
  }
  for (const std::string_view name : {"log_loss", "brier", "ece", "mae", "rmse"}) {
    if (metric == name) return Direction::kLowerIsBetter;
  }
  throw invalid_argument("unknown metric '", metric,
                         "'; there are auc, average_precision, log_loss, brier, ece, accuracy, precision, recall, f1, "
                         "mae, rmse, r2");
}

}  // namespace slipway::evaluation
