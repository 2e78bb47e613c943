#include "domains/training/training.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "domains/packaging/logistic_model.h"
#include "domains/training/dataset.h"
#include "foundation/base/error.h"
#include "foundation/base/id.h"
#include "foundation/engines/lightgbm.h"

namespace slipway::training {
namespace {

using tables::Column;
using tables::ColumnType;
using tables::Table;
using ::testing::HasSubstr;

constexpr int64_t kDay = 86'400'000;

// 30 rows a day for 100 days; late more often in wind, at one origin and where wind is missing.
Table flights(uint64_t seed = 1) {
  SeededIdSource random(seed);
  const auto uniform = [&] { return static_cast<double>(random.next_u64() >> 11U) * 0x1p-53; };
  Column time("time", ColumnType::kTime);
  Column origin("origin", ColumnType::kText);
  Column wind("wind", ColumnType::kDouble);
  Column hour("hour", ColumnType::kInteger);
  Column late("late", ColumnType::kInteger);
  for (int i = 0; i < 3000; ++i) {
    time.append_integer(1'356'998'400'000 + i / 30 * kDay);
    const uint64_t place = random.next_u64() % 3;
    origin.append_text(place == 0 ? "EWR" : place == 1 ? "JFK" : "LGA");
    const double speed = uniform() * 20;
    const bool missing = uniform() < 0.1;
    missing ? wind.append_missing() : wind.append_double(speed);
    hour.append_integer(static_cast<int64_t>(5 + random.next_u64() % 15));
    const double chance = 0.05 + 0.03 * (missing ? 15 : speed) + (place == 0 ? 0.2 : 0);
    i % 500 == 499 ? late.append_missing() : late.append_integer(uniform() < chance ? 1 : 0);
  }
  Table table;
  for (Column* column : {&time, &origin, &wind, &hour, &late}) table.add(std::move(*column));
  return table;
}

TrainConfig config(const std::vector<std::string>& overrides = {}) {
  return parse_train_config(
      "target: late\ntime_column: time\nsplit: {train_until: 2013-03-01, validate_until: 2013-04-01}\n"
      "search: {trials: 2, seed: 3, space: {num_leaves: [4, 16]}}\nrounds: 40\nearly_stopping_rounds: 10\n"
      "reference_rows: 100\n",
      overrides);
}

class Recorder final : public TrainingObserver {
 public:
  void trial_started(const Trial& trial) override { events.push_back("start " + trial.name()); }
  void round_done(const Trial&) override { ++rounds; }
  void trial_finished(const Trial& trial) override { events.push_back("finish " + trial.name()); }
  void trial_failed(const Trial& trial, const std::string& /*why*/) override {
    events.push_back("fail " + trial.name());
  }
  std::vector<std::string> events;
  int rounds = 0;
};

TrainingResult run(const TrainConfig& settings, int threads = 2, const Table& table = flights()) {
  const ManualClock clock(1000);
  Recorder recorder;
  return train(table, settings, clock, recorder, threads);
}

TEST(SplitRows, GoesByTimeAndLeavesOutUnlabelledRows) {
  const Table table = flights();
  const std::vector<uint8_t> labels = read_labels(table, "late");
  const TrainingRows rows = split_rows(table, config(), labels);
  EXPECT_EQ(rows.unlabelled, 6);
  EXPECT_EQ(rows.train.size() + rows.validation.size() + static_cast<size_t>(rows.unused + rows.unlabelled), 3000U);
  const auto times = table.get("time").integers();
  for (const size_t row : rows.train) EXPECT_LT(times[row], text::parse_time_ms("2013-03-01").value());
  for (const size_t row : rows.validation) {
    EXPECT_GE(times[row], text::parse_time_ms("2013-03-01").value());
    EXPECT_LT(times[row], text::parse_time_ms("2013-04-01").value());
  }
}

TEST(SplitRows, AFractionTakesTheLatestRowsAndNeverCutsThroughOneTime) {
  const Table table = flights();
  const std::vector<uint8_t> labels = read_labels(table, "late");
  TrainConfig settings = config();
  settings.split = {};
  settings.split.validate_fraction = 0.255;
  const TrainingRows rows = split_rows(table, settings, labels);
  const auto times = table.get("time").integers();
  EXPECT_NEAR(static_cast<double>(rows.validation.size()), 0.26 * 2994, 30);
  EXPECT_LT(times[rows.train.back()], times[rows.validation.front()]);
}

TEST(SplitRows, SaysWhenAPartIsEmpty) {
  const Table table = flights();
  const std::vector<uint8_t> labels = read_labels(table, "late");
  try {
    split_rows(table, config({"split.train_until=2012-01-01"}), labels);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("no rows to train with"));
  }
  EXPECT_THROW(split_rows(table, config({"split.train_until=soon"}), labels), Error);
}

TEST(ChooseFeatures, LeavesOutTargetAndTimes) {
  const FeatureNames names = choose_features(flights(), config());
  EXPECT_THAT(names.features, ::testing::ElementsAre("origin", "wind", "hour"));
  EXPECT_THAT(names.categorical, ::testing::ElementsAre("origin"));
  EXPECT_THROW(choose_features(flights(), config({"features.exclude=[nothing]"})), Error);
}

TEST(Training, TwoRunsGiveTheSameBytesOnAnyNumberOfThreads) {
  const TrainingResult one = run(config(), 1);
  const TrainingResult two = run(config(), 2);
  EXPECT_EQ(one.content.model, two.content.model);
  EXPECT_EQ(packaging::content_id(one.content), packaging::content_id(two.content));
  ASSERT_EQ(one.trials.size(), 3U);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(one.trials[i].curve, two.trials[i].curve);
    EXPECT_EQ(one.trials[i].validation.auc, two.trials[i].validation.auc);
  }
  const auto scores = one.reference.get("probability").doubles();
  EXPECT_TRUE(std::ranges::equal(scores, two.reference.get("probability").doubles()));
  EXPECT_NE(run(config({"search.seed=4"})).trials[1].curve, one.trials[1].curve);
}

TEST(Training, TheBestTrialHasTheBestPointOfAllCurvesAndStopsInTime) {
  const TrainingResult result = run(config());
  double best = 0;
  for (const Trial& trial : result.trials) {
    best = std::max(best, trial.validation.auc);
    if (trial.learner == Learner::kLogistic) continue;
    const auto top = std::ranges::max_element(trial.curve);
    EXPECT_EQ(trial.best_rounds, top - trial.curve.begin() + 1);
    EXPECT_DOUBLE_EQ(trial.validation.auc, *top);
    EXPECT_LE(trial.curve.size(), static_cast<size_t>(trial.best_rounds) + 10);
  }
  EXPECT_EQ(result.trials[result.best].validation.auc, best);
  EXPECT_GT(best, 0.65);
}

TEST(Training, TheFutureChangesNothing) {
  // Labels and inputs from the end of validation on may be anything.
  Table changed = flights();
  const Table other = flights(99);
  const auto times = changed.get("time").integers();
  const int64_t end = text::parse_time_ms("2013-04-01").value();
  Table mixed;
  for (const Column& column : changed.columns()) {
    Column copy(column.name(), column.type());
    for (size_t row = 0; row < column.size(); ++row) {
      copy.append_cell(times[row] < end ? column : other.get(column.name()), row);
    }
    mixed.add(std::move(copy));
  }
  EXPECT_EQ(run(config(), 2, mixed).content.model, run(config()).content.model);
}

TEST(Training, WithoutRefitTheModelScoresTheReferenceAsItSays) {
  for (const char* learner : {"learners=[lightgbm]", "learners=[logistic]"}) {
    const TrainingResult result = run(config({"refit=false", learner}));
    EXPECT_EQ(result.reference.rows(), 100U);
    EXPECT_EQ(result.reference.find("late"), nullptr) << "predictions do not carry the target";
    const std::vector<double> values = result.content.encoding.encode(result.reference, engines::Layout::kColumns);
    const engines::MatrixView matrix = {values, 100, 3, engines::Layout::kColumns};
    const std::vector<double> scores = result.content.kind == packaging::ModelKind::kLogistic
                                           ? packaging::parse_logistic(result.content.model).score(matrix)
                                           : engines::lightgbm::Model(result.content.model).predict(matrix);
    const auto wanted = result.reference.get("probability").doubles();
    for (size_t i = 0; i < 100; ++i) EXPECT_NEAR(scores[i], wanted[i], 1e-12) << learner;
    EXPECT_EQ(result.importance[0].feature, "wind") << learner;
  }
}

TEST(Training, TellsItsObserver) {
  const ManualClock clock(1000);
  Recorder recorder;
  const TrainingResult result = train(flights(), config(), clock, recorder, 2);
  EXPECT_THAT(recorder.events, ::testing::ElementsAre("start trial-00-logistic", "finish trial-00-logistic",
                                                      "start trial-01-lightgbm", "finish trial-01-lightgbm",
                                                      "start trial-02-lightgbm", "finish trial-02-lightgbm"));
  EXPECT_EQ(static_cast<size_t>(recorder.rounds), result.trials[1].curve.size() + result.trials[2].curve.size());
  EXPECT_EQ(trial_count(config()), 3);
}

TEST(Training, ATrialThatFindsNothingToSplitIsPassedOver) {
  const ManualClock clock(1000);
  Recorder recorder;
  const TrainConfig settings = config({"lightgbm={min_data_in_leaf: 100000}"});
  const TrainingResult result = train(flights(), settings, clock, recorder, 2);
  EXPECT_THAT(recorder.events,
              ::testing::ElementsAre("start trial-00-logistic", "finish trial-00-logistic", "start trial-01-lightgbm",
                                     "fail trial-01-lightgbm", "start trial-02-lightgbm", "fail trial-02-lightgbm"));
  EXPECT_EQ(result.content.kind, packaging::ModelKind::kLogistic);
  EXPECT_THROW(run(config({"lightgbm={min_data_in_leaf: 100000}", "learners=[lightgbm]"})), Error);
}

TEST(Training, RefusesLabelsThatAreNotBinary) {
  EXPECT_THROW(run(config({"target=hour"})), Error);
  EXPECT_THROW(run(config({"target=origin"})), Error);
}

}  // namespace
}  // namespace slipway::training
