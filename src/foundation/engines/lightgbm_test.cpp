#include "foundation/engines/lightgbm.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <thread>

#include "foundation/base/error.h"
#include "foundation/base/id.h"

namespace slipway::engines::lightgbm {
namespace {

constexpr size_t kRows = 3000;
constexpr size_t kColumns = 3;

// A label that depends on a number, on a code and on whether a value is missing.
struct Data {
  std::vector<double> columns;  // by column
  std::vector<float> labels;
  MatrixView view() const { return {columns, kRows, kColumns, Layout::kColumns}; }
};

Data make_data(uint64_t seed) {
  SeededIdSource random(seed);
  const auto uniform = [&] { return static_cast<double>(random.next_u64() >> 11U) * 0x1p-53; };
  Data data;
  data.columns.resize(kRows * kColumns);
  for (size_t i = 0; i < kRows; ++i) {
    const double number = uniform();
    const double code = std::floor(uniform() * 6);
    const bool missing = uniform() < 0.2;
    data.columns[i] = number;
    data.columns[kRows + i] = code;
    data.columns[2 * kRows + i] = missing ? std::numeric_limits<double>::quiet_NaN() : uniform();
    const double chance = 0.1 + 0.4 * number + (code == 3 ? 0.3 : 0) + (missing ? 0.15 : 0);
    data.labels.push_back(uniform() < chance ? 1 : 0);
  }
  return data;
}

const Dataset::Columns kNames = {{"number", "code", "maybe"}, {1}};

std::string train(int threads, uint64_t seed) {
  const Data data = make_data(1);
  const Parameters parameters = {{"objective", "binary"},     {"num_threads", std::to_string(threads)},
                                 {"num_leaves", "15"},        {"feature_fraction", "0.7"},
                                 {"bagging_fraction", "0.8"}, {"bagging_freq", "1"}};
  const Dataset dataset(data.view(), data.labels, kNames, parameters);
  Trainer trainer(dataset, parameters, seed);
  for (int i = 0; i < 20; ++i) trainer.update();
  return trainer.save(20);
}

TEST(LightGbm, TheSameSeedGivesTheSameBytes) {
  const std::string model = train(2, 7);
  EXPECT_EQ(train(2, 7), model);
  EXPECT_EQ(train(1, 7), model);
  EXPECT_NE(train(2, 8), model);
}

TEST(LightGbm, ASavedModelPredictsWhatTheTrainerSawOnItsValidationData) {
  const Data data = make_data(1);
  const Data other = make_data(2);
  const Parameters parameters = {{"objective", "binary"}, {"num_threads", "2"}};
  const Dataset training(data.view(), data.labels, kNames, parameters);
  const Dataset validation(other.view(), other.labels, kNames, parameters, &training);
  Trainer trainer(training, parameters, 3);
  trainer.add_validation(validation);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(trainer.update());
  const std::vector<double> seen = trainer.validation_scores();
  const Model model(trainer.save(10));
  const std::vector<double> predicted = model.predict(other.view(), 2);
  ASSERT_EQ(predicted.size(), seen.size());
  for (size_t i = 0; i < seen.size(); ++i) EXPECT_NEAR(predicted[i], seen[i], 1e-12);
  const Importance importance = trainer.importance(10);
  ASSERT_EQ(importance.gains.size(), kColumns);
  EXPECT_GT(importance.gains[0], 0);
  EXPECT_GT(importance.splits[1], 0);
}

TEST(LightGbm, OneRowAtATimeFromManyThreadsEqualsTheBatch) {
  const Model model(train(2, 7));
  const Data data = make_data(4);
  const std::vector<double> wanted = model.predict(data.view(), 1);
  std::vector<std::thread> threads;
  std::vector<double> got(kRows);
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = t; i < kRows; i += 4) {
        const std::vector<double> row = {data.columns[i], data.columns[kRows + i], data.columns[2 * kRows + i]};
        got[i] = model.predict_row(row);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(got, wanted);
}

TEST(LightGbm, WhatIsNotAModelIsRefused) {
  for (const std::string text : {"", "tree", "{}", "tree\nversion=v4\nnum_class=1\n"}) {
    EXPECT_THROW(Model{text}, Error) << text;
  }
}

TEST(LightGbm, AWrongParameterIsReportedInItsWords) {
  const Data data = make_data(1);
  const Dataset dataset(data.view(), data.labels, kNames, {});
  try {
    Trainer trainer(dataset, {{"objective", "wishful"}}, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("wishful"));
  }
}

TEST(LightGbm, AWrongNumberOfFeaturesIsRefused) {
  const Model model(train(1, 1));
  EXPECT_THROW(model.predict_row(std::vector<double>{1, 2}), Error);
  const std::vector<double> values(8);
  EXPECT_THROW(model.predict({values, 4, 2, Layout::kRows}), Error);
}

}  // namespace
}  // namespace slipway::engines::lightgbm
