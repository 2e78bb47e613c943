// How good scores are, judged by labels. The training loop, `slipway evaluate`, gates and live monitoring all use these
// functions, so that a number means the same everywhere. Definitions are scikit-learn's (golden values in the tests).
//
// Undefined values (AUC of one class only, precision without a positive prediction's denominator...) are NaN, except
// precision, recall and F1, which are 0 then, as scikit-learn's default.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::evaluation {

// Scores are probabilities of the positive class, labels 0 or 1; both as long.
using Scores = std::span<const double>;
using Labels = std::span<const uint8_t>;

// Area under the ROC curve, exact with ties (each tied pair counts half).
double auc(Scores scores, Labels labels);
// Sum over recall steps of step times precision; ties are one step.
double average_precision(Scores scores, Labels labels);
// Scores are clipped to [2^-52, 1 - 2^-52].
double log_loss(Scores scores, Labels labels);
double brier(Scores scores, Labels labels);

struct Confusion {
  int64_t true_positives = 0;
  int64_t false_positives = 0;
  int64_t true_negatives = 0;
  int64_t false_negatives = 0;
};
// A score of at least `threshold` is a positive prediction.
Confusion confusion(Scores scores, Labels labels, double threshold);

struct CalibrationBin {
  double low = 0;
  double high = 0;  // exclusive, but the last bin holds 1
  int64_t rows = 0;
  double mean_score = 0;     // NaN when the bin is empty
  double observed_rate = 0;  // share of positives; NaN when the bin is empty
};
// Bins of equal width over [0, 1].
std::vector<CalibrationBin> calibration(Scores scores, Labels labels, int bins = 10);
// Expected calibration error: mean over rows of |mean score - observed rate| of the row's bin.
double expected_calibration_error(const std::vector<CalibrationBin>& bins);

struct RocPoint {
  double threshold = 0;  // infinity at the origin
  double false_positive_rate = 0;
  double true_positive_rate = 0;
};
// From (0,0) to (1,1), one point per distinct score, thinned evenly to at most `max_points`.
std::vector<RocPoint> roc_curve(Scores scores, Labels labels, size_t max_points = 200);

// Everything above that is one number.
struct BinaryMetrics {
  int64_t rows = 0;
  int64_t positives = 0;
  double threshold = 0.5;
  double auc = 0;
  double average_precision = 0;
  double log_loss = 0;
  double brier = 0;
  double ece = 0;
  double accuracy = 0;
  double precision = 0;
  double recall = 0;
  double f1 = 0;
  Confusion confusion;
};
BinaryMetrics binary_metrics(Scores scores, Labels labels, double threshold = 0.5);

struct RegressionMetrics {
  int64_t rows = 0;
  double mae = 0;
  double rmse = 0;
  double r2 = 0;  // NaN when all labels are equal
};
RegressionMetrics regression_metrics(std::span<const double> predictions, std::span<const double> labels);

// Metrics by name, as gates, alert rules and MLflow's keys call them: auc, average_precision, log_loss, brier, ece,
// accuracy, precision, recall, f1 / mae, rmse, r2.
using NamedValues = std::vector<std::pair<std::string, double>>;
NamedValues named_values(const BinaryMetrics& metrics);
NamedValues named_values(const RegressionMetrics& metrics);
std::optional<double> find_value(const NamedValues& values, std::string_view name);

enum class Direction { kHigherIsBetter, kLowerIsBetter };
// Throws invalid_argument naming the metrics there are.
Direction direction_of(std::string_view metric);

}  // namespace slipway::evaluation
