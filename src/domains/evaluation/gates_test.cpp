#include "domains/evaluation/gates.h"

#include <gmock/gmock.h>

#include "domains/evaluation/report.h"
#include "foundation/base/error.h"
#include "foundation/base/json.h"

namespace slipway::evaluation {
namespace {

using tables::Column;
using tables::ColumnType;
using tables::Table;
using ::testing::HasSubstr;

// Carrier AA is scored perfectly, UA backwards; ZZ has two rows.
struct Fixture {
  Table table;
  std::vector<double> scores;
  std::vector<uint8_t> labels;
  std::vector<double> champion;
  Fixture() {
    Column carrier("carrier", ColumnType::kText);
    for (int i = 0; i < 42; ++i) {
      const bool ua = i >= 20 && i < 40;
      const uint8_t label = i % 2 == 0 ? 1 : 0;
      i >= 40 ? carrier.append_missing() : carrier.append_text(ua ? "UA" : "AA");
      labels.push_back(label);
      scores.push_back((label == 1) != ua ? 0.8 : 0.2);
      champion.push_back(label == 1 ? 0.7 : 0.3);
    }
    table.add(std::move(carrier));
  }
  Evaluated evaluated(bool with_champion = true) const {
    Evaluated all{&table, scores, labels, {}};
    if (with_champion) all.champion_scores = champion;
    return all;
  }
};

Verdict judged(const std::string& gates, bool with_champion = true) {
  const Fixture fixture;
  return judge(parse_gates("gates: " + gates), fixture.evaluated(with_champion));
}

TEST(Gates, AnAbsoluteLimitIsHeldBothWays) {
  EXPECT_TRUE(judged("[{metric: auc, min: 0.5}]").passed);
  const Verdict verdict = judged("[{metric: auc, min: 0.6}, {metric: brier, max: 0.9}]");
  EXPECT_FALSE(verdict.passed);
  EXPECT_FALSE(verdict.results[0].passed);
  EXPECT_EQ(verdict.results[0].limit, 0.6);
  EXPECT_THAT(verdict.results[0].reason, HasSubstr("must be at least 0.6"));
  EXPECT_TRUE(verdict.results[1].passed);
}

TEST(Gates, ASliceGateJudgesEveryValueWithEnoughRows) {
  const Verdict verdict = judged("[{metric: auc, slice: {column: carrier}, min: 0.9, min_rows: 10}]");
  ASSERT_EQ(verdict.results.size(), 2U);
  EXPECT_EQ(verdict.results[0].slice, "carrier=AA");
  EXPECT_TRUE(verdict.results[0].passed);
  EXPECT_EQ(verdict.results[1].slice, "carrier=UA");
  EXPECT_FALSE(verdict.results[1].passed);
  EXPECT_EQ(verdict.results[1].rows, 20);
}

TEST(Gates, OneValueWithTooFewRowsOrNoneIsSkippedAndSaysSo) {
  const Verdict verdict = judged(
      "[{metric: auc, slice: {column: carrier, value: (missing)}, min: 0.9, min_rows: 10},"
      " {metric: auc, slice: {column: carrier, value: XX}, min: 0.9}]");
  EXPECT_TRUE(verdict.passed);
  for (const GateResult& result : verdict.results) {
    EXPECT_TRUE(result.skipped);
    EXPECT_THAT(result.reason, HasSubstr("too few"));
  }
}

TEST(Gates, AgainstTheChampionTheDirectionOfTheMetricCounts) {
  EXPECT_FALSE(judged("[{metric: auc, against: champion, min_delta: 0}]").passed);
  EXPECT_FALSE(judged("[{metric: log_loss, against: champion, max_regression: 0.1}]").passed);
  EXPECT_TRUE(judged("[{metric: log_loss, against: champion, max_regression: 5}]").passed);
  const Verdict sliced =
      judged("[{metric: brier, against: champion, min_delta: 0.01, slice: {column: carrier}, min_rows: 5}]");
  ASSERT_EQ(sliced.results.size(), 2U);
  EXPECT_TRUE(sliced.results[0].passed);   // 0.04 beside 0.09
  EXPECT_FALSE(sliced.results[1].passed);  // 0.64 beside 0.09
  EXPECT_DOUBLE_EQ(*sliced.results[1].champion_value, 0.09);
}

TEST(Gates, AnEqualModelPassesMinDeltaZeroButNotMore) {
  const Fixture fixture;
  Evaluated same = fixture.evaluated();
  same.champion_scores = fixture.scores;
  EXPECT_TRUE(judge(parse_gates("gates: [{metric: auc, against: champion, min_delta: 0}]"), same).passed);
  EXPECT_FALSE(judge(parse_gates("gates: [{metric: auc, against: champion, min_delta: 0.001}]"), same).passed);
}

TEST(Gates, WithoutAChampionTheComparisonIsSkipped) {
  const Verdict verdict = judged("[{metric: auc, against: champion, min_delta: 0.5}]", false);
  EXPECT_TRUE(verdict.passed);
  EXPECT_TRUE(verdict.results[0].skipped);
}

TEST(Gates, AnUndefinedMetricFails) {
  const Fixture fixture;
  Evaluated evaluated = fixture.evaluated(false);
  const std::vector<uint8_t> labels(42, 1);
  evaluated.labels = labels;
  const Verdict verdict = judge(parse_gates("gates: [{metric: auc, min: 0.1}]"), evaluated);
  EXPECT_FALSE(verdict.passed);
  EXPECT_THAT(verdict.results[0].reason, HasSubstr("undefined"));
}

TEST(Gates, TheFileIsCheckedStrictly) {
  for (const std::string text :
       {"", "gates: []", "gates: [{min: 1}]", "gates: [{metric: auc}]", "gates: [{metric: luck, min: 1}]",
        "gates: [{metric: auc, min: x}]", "gates: [{metric: auc, min: 1, minimum: 2}]",
        "gates: [{metric: auc, min_delta: 1}]", "gates: [{metric: auc, against: champion, min: 1}]",
        "gates: [{metric: auc, against: nobody, min_delta: 1}]", "gates: [{metric: auc, min: 1, slice: {value: x}}]",
        "gates: [{metric: auc, min: 1, min_rows: 0}]", "gate: 1", "gates: [a", "gates: [{metric: auc, min: .nan}]"}) {
    EXPECT_THROW(parse_gates(text), Error) << text;
  }
  EXPECT_EQ(parse_gates("threshold: 0.3\ngates: [{metric: f1, min: 0.1, name: good}]").gates[0].name, "good");
}

TEST(Slices, AMeasurementIsNoSegment) {
  Table table;
  Column column("x", ColumnType::kDouble);
  for (int i = 0; i < 2000; ++i) column.append_double(i);
  table.add(std::move(column));
  const std::vector<double> scores(2000, 0.5);
  const std::vector<uint8_t> labels(2000, 1);
  EXPECT_THROW(slice_metrics(table, "x", scores, labels, 0.5), Error);
  EXPECT_THROW(slice_metrics(table, "y", scores, labels, 0.5), Error);
}

TEST(Report, JsonHoldsEveryNumberAndNullForUndefinedOnes) {
  const Fixture fixture;
  Evaluation evaluation;
  evaluation.model = "m";
  evaluation.metrics = binary_metrics(fixture.scores, fixture.labels);
  evaluation.champion = binary_metrics(fixture.champion, fixture.labels);
  evaluation.calibration = calibration(fixture.scores, fixture.labels);
  evaluation.roc = roc_curve(fixture.scores, fixture.labels);
  evaluation.slices = slice_metrics(fixture.table, "carrier", fixture.scores, fixture.labels, 0.5);
  evaluation.verdict = judged("[{metric: auc, min: 0.6}]");
  const json::value document = json::parse(to_json(evaluation));
  const json::object& root = document.as_object();
  EXPECT_EQ(json::get_double(json::get_object(root, "metrics"), "auc"), evaluation.metrics.auc);
  EXPECT_EQ(json::get_array(root, "slices").size(), 3U);
  EXPECT_FALSE(json::find_bool(json::get_object(root, "gates"), "passed").value());
  EXPECT_TRUE(json::get_array(root, "calibration")[5].at("mean_score").is_null());
  EXPECT_EQ(json::get_int(json::get_object(root, "confusion"), "true_positives"), 11);
}

TEST(Report, JUnitEscapesAndCounts) {
  Verdict verdict =
      judged("[{metric: auc, min: 0.6, name: \"a<b\"}, {metric: auc, against: champion, min_delta: 0}]", false);
  const std::string xml = to_junit(verdict);
  EXPECT_THAT(xml, HasSubstr("tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"1\""));
  EXPECT_THAT(xml, HasSubstr("name=\"a&lt;b\""));
  EXPECT_THAT(xml, HasSubstr("<failure message=\"auc is 0."));
}

}  // namespace
}  // namespace slipway::evaluation
