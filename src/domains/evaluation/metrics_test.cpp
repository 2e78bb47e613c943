#include "domains/evaluation/metrics.h"

#include <gmock/gmock.h>

#include <cmath>

#include "foundation/base/error.h"
#include "foundation/base/id.h"
#include "foundation/base/json.h"

namespace slipway::evaluation {
namespace {

using ::testing::HasSubstr;

struct Sample {
  std::vector<double> scores;
  std::vector<uint8_t> labels;
};

// Few distinct scores, so that ties abound.
Sample random_sample(uint64_t seed, size_t rows, uint64_t distinct) {
  SeededIdSource random(seed);
  Sample sample;
  for (size_t i = 0; i < rows; ++i) {
    sample.scores.push_back(static_cast<double>(random.next_u64() % distinct) / static_cast<double>(distinct));
    sample.labels.push_back(random.next_u64() % 3 == 0 ? 1 : 0);
  }
  return sample;
}

TEST(Auc, EqualsTheShareOfPairsInTheRightOrder) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const Sample sample = random_sample(seed, 60, 2 + seed % 20);
    double won = 0;
    double pairs = 0;
    for (size_t i = 0; i < 60; ++i) {
      for (size_t j = 0; j < 60; ++j) {
        if (sample.labels[i] == 0 || sample.labels[j] == 1) continue;
        pairs += 1;
        won += sample.scores[i] > sample.scores[j] ? 1 : sample.scores[i] == sample.scores[j] ? 0.5 : 0;
      }
    }
    EXPECT_DOUBLE_EQ(auc(sample.scores, sample.labels), won / pairs) << "seed " << seed;
  }
}

TEST(Metrics, EqualScikitLearnsOnItsGoldenSamples) {
  const json::value document = json::parse_file(SLIPWAY_SOURCE_DIR "/tests/golden/evaluation/metrics.json");
  size_t cases = 0;
  for (const json::value& item : json::get_array(document.as_object(), "cases")) {
    const json::object& wanted = item.as_object();
    SCOPED_TRACE(json::get_string(wanted, "name"));
    Sample sample;
    for (const json::value& score : json::get_array(wanted, "scores"))
      sample.scores.push_back(score.to_number<double>());
    for (const json::value& label : json::get_array(wanted, "labels")) {
      sample.labels.push_back(static_cast<uint8_t>(label.to_number<int>()));
    }
    const BinaryMetrics metrics = binary_metrics(sample.scores, sample.labels, json::get_double(wanted, "threshold"));
    for (const auto& [name, value] : named_values(metrics)) {
      EXPECT_NEAR(value, json::get_double(json::get_object(wanted, "metrics"), name), 1e-12) << name;
    }
    const std::vector<RocPoint> curve = roc_curve(sample.scores, sample.labels, 100'000);
    const json::array& false_rates = json::get_array(wanted, "roc_false_positive_rate");
    const json::array& true_rates = json::get_array(wanted, "roc_true_positive_rate");
    ASSERT_EQ(curve.size(), false_rates.size());
    for (size_t i = 0; i < curve.size(); ++i) {
      EXPECT_NEAR(curve[i].false_positive_rate, false_rates[i].to_number<double>(), 1e-12);
      EXPECT_NEAR(curve[i].true_positive_rate, true_rates[i].to_number<double>(), 1e-12);
    }
    ++cases;
  }
  EXPECT_GE(cases, 4U);
  const json::object& regression = json::get_object(document.as_object(), "regression");
  std::vector<double> predictions;
  std::vector<double> labels;
  for (const json::value& value : json::get_array(regression, "predictions")) {
    predictions.push_back(value.to_number<double>());
  }
  for (const json::value& value : json::get_array(regression, "labels")) labels.push_back(value.to_number<double>());
  for (const auto& [name, value] : named_values(regression_metrics(predictions, labels))) {
    EXPECT_NEAR(value, json::get_double(json::get_object(regression, "metrics"), name), 1e-12) << name;
  }
}

TEST(Metrics, OneClassHasNoAuc) {
  const std::vector<double> scores = {0.2, 0.4};
  const std::vector<uint8_t> labels = {0, 0};
  const BinaryMetrics metrics = binary_metrics(scores, labels);
  EXPECT_TRUE(std::isnan(metrics.auc));
  EXPECT_TRUE(std::isnan(metrics.average_precision));
  EXPECT_EQ(metrics.precision, 0);
  EXPECT_EQ(metrics.accuracy, 1);
  EXPECT_TRUE(roc_curve(scores, labels).empty());
}

TEST(Metrics, NoRowsAreNotAnError) {
  const BinaryMetrics metrics = binary_metrics({}, {});
  EXPECT_EQ(metrics.rows, 0);
  EXPECT_TRUE(std::isnan(metrics.log_loss));
  EXPECT_TRUE(std::isnan(metrics.ece));
}

TEST(Metrics, AScoreThatIsNotANumberIsNamed) {
  const std::vector<double> scores = {0.2, std::nan("")};
  const std::vector<uint8_t> labels = {0, 1};
  try {
    auc(scores, labels);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("score of row 1"));
  }
}

TEST(Calibration, TheLastBinHoldsOneAndEmptyBinsHaveNoRate) {
  const std::vector<double> scores = {0.05, 1.0, 0.95};
  const std::vector<uint8_t> labels = {0, 1, 1};
  const std::vector<CalibrationBin> bins = calibration(scores, labels);
  ASSERT_EQ(bins.size(), 10U);
  EXPECT_EQ(bins[9].rows, 2);
  EXPECT_DOUBLE_EQ(bins[9].mean_score, 0.975);
  EXPECT_TRUE(std::isnan(bins[4].observed_rate));
  EXPECT_NEAR(expected_calibration_error(bins), (0.05 + 2 * 0.025) / 3, 1e-15);
}

TEST(RocCurve, IsThinnedButKeepsBothEnds) {
  const Sample sample = random_sample(3, 5000, 4000);
  const std::vector<RocPoint> curve = roc_curve(sample.scores, sample.labels, 50);
  ASSERT_EQ(curve.size(), 50U);
  EXPECT_EQ(curve.front().true_positive_rate, 0);
  EXPECT_EQ(curve.back().true_positive_rate, 1);
  EXPECT_EQ(curve.back().false_positive_rate, 1);
}

}  // namespace
}  // namespace slipway::evaluation
