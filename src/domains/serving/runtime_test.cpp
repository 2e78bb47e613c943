#include "domains/serving/runtime.h"

#include <gmock/gmock.h>

#include <limits>
#include <thread>

#include "domains/packaging/logistic_model.h"
#include "domains/packaging/model_folder.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/id.h"
#include "foundation/engines/lightgbm.h"

namespace slipway::serving {
namespace {

using packaging::FeatureKind;
using tables::Column;
using tables::ColumnType;
using tables::Table;
using ::testing::HasSubstr;

packaging::ModelContent content_of(packaging::ModelKind kind, std::string model) {
  packaging::ModelContent content;
  content.kind = kind;
  content.model = std::move(model);
  content.encoding = packaging::Encoding({{"wind", ColumnType::kDouble, FeatureKind::kNumber, false, {}},
                                          {"carrier", ColumnType::kText, FeatureKind::kCategory, true, {"AA", "UA"}}});
  content.outputs = {{"probability", ColumnType::kDouble, true}};
  return content;
}

std::string booster() {
  SeededIdSource random(1);
  std::vector<double> values;
  std::vector<float> labels;
  for (int i = 0; i < 2000; ++i) {
    values.push_back(static_cast<double>(random.next_u64() % 100));
    values.push_back(static_cast<double>(random.next_u64() % 2));
    labels.push_back(values[values.size() - 2] + 30 * values.back() > 60 ? 1 : 0);
  }
  const engines::lightgbm::Parameters parameters = {{"objective", "binary"}, {"num_threads", "1"}};
  const engines::lightgbm::Dataset data({values, 2000, 2, engines::Layout::kRows}, labels, {{"wind", "carrier"}, {1}},
                                        parameters);
  engines::lightgbm::Trainer trainer(data, parameters, 1);
  for (int i = 0; i < 10; ++i) trainer.update();
  return trainer.save(10);
}

std::string logistic() {
  packaging::LogisticModel model;
  model.terms = {{50, 20, 1.5, 0.3, {}}, {0, 1, 0, -1, {-0.5, 0.5}}};
  return packaging::write_logistic(model);
}

Table requests(size_t rows) {
  Column carrier("carrier", ColumnType::kText);
  Column wind("wind", ColumnType::kInteger);
  for (size_t i = 0; i < rows; ++i) {
    carrier.append_text(i % 3 == 0 ? "AA" : i % 3 == 1 ? "UA" : "new");
    i % 7 == 6 ? wind.append_missing() : wind.append_integer(static_cast<int64_t>(i * 13 % 100));
  }
  Table table;
  table.add(std::move(carrier));
  table.add(std::move(wind));
  return table;
}

class RuntimeConformance : public ::testing::TestWithParam<packaging::ModelKind> {
 protected:
  std::unique_ptr<Runtime> open() {
    const bool trees = GetParam() == packaging::ModelKind::kLightGbm;
    packaging::write_model_folder(content_of(GetParam(), trees ? booster() : logistic()), {}, folder_.file("m"));
    return open_runtime(folder_.file("m"));
  }
  files::TemporaryFolder folder_;
};

TEST_P(RuntimeConformance, SaysWhatItTakesAndGives) {
  const auto runtime = open();
  ASSERT_EQ(runtime->signature().inputs.size(), 2U);
  EXPECT_EQ(runtime->signature().inputs[1].name, "carrier");
  EXPECT_EQ(runtime->signature().outputs[0].name, "probability");
}

TEST_P(RuntimeConformance, OneRowAFewAndManyGiveTheSameAnswers) {
  const auto runtime = open();
  const Table table = requests(20'000);
  const Table answer = runtime->predict(table);
  const auto all = answer.get("probability").doubles();
  ASSERT_EQ(all.size(), 20'000U);
  for (size_t row = 0; row < 200; ++row) {
    const std::vector<size_t> one = {row};
    EXPECT_EQ(runtime->predict(table.take(one)).get("probability").doubles()[0], all[row]) << row;
  }
  const std::vector<size_t> few = {5, 4, 3};
  EXPECT_EQ(runtime->predict(table.take(few)).get("probability").doubles()[2], all[3]);
  EXPECT_EQ(runtime->predict(requests(0)).rows(), 0U);
}

TEST_P(RuntimeConformance, ManyThreadsMayAskAtOnce) {
  const auto runtime = open();
  const Table table = requests(64);
  const Table answer = runtime->predict(table);
  const auto wanted = answer.get("probability").doubles();
  std::vector<std::jthread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = t; i < 64; i += 4) {
        const std::vector<size_t> one = {i};
        EXPECT_EQ(runtime->predict(table.take(one)).get("probability").doubles()[0], wanted[i]);
      }
    });
  }
}

TEST_P(RuntimeConformance, AMissingOrWrongColumnIsNamed) {
  const auto runtime = open();
  try {
    runtime->predict(requests(3).select({"wind"}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(error.what(), HasSubstr("carrier"));
  }
  EXPECT_NO_THROW(runtime->predict(requests(3).select({"carrier"})));  // wind may be left out
}

INSTANTIATE_TEST_SUITE_P(Kinds, RuntimeConformance,
                         ::testing::Values(packaging::ModelKind::kLightGbm, packaging::ModelKind::kLogistic),
                         [](const auto& kind) { return std::string(packaging::name_of(kind.param)); });

TEST(OpenRuntime, ServesABoosterThatAnotherClientLogged) {
  files::TemporaryFolder folder;
  files::write_atomic(folder.file("model.lgb"), booster());
  files::write_atomic(folder.file("MLmodel"),
                      "flavors:\n  lightgbm:\n    data: model.lgb\n    model_class: lightgbm.basic.Booster\n");
  const auto runtime = open_runtime(folder.path());
  EXPECT_EQ(runtime->signature().inputs[0].name, "wind");
  Table table;
  table.add(Column::of_doubles("wind", {90, 10}));
  table.add(Column::of_doubles("carrier", {1, 0}));
  const Table answer = runtime->predict(table);
  EXPECT_GT(answer.get("prediction").doubles()[0], 0.6);
  EXPECT_LT(answer.get("prediction").doubles()[1], 0.4);
}

TEST(OpenRuntime, NamesTheFlavorsItCannotServe) {
  files::TemporaryFolder folder;
  files::write_atomic(folder.file("MLmodel"), "flavors:\n  sklearn: {}\n  python_function: {}\n");
  try {
    open_runtime(folder.path());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnimplemented);
    EXPECT_THAT(error.what(), HasSubstr("python_function, sklearn"));
  }
}

TEST(OpenRuntime, RefusesAPickleAndAPathOutOfTheFolder) {
  files::TemporaryFolder folder;
  files::write_atomic(folder.file("MLmodel"),
                      "flavors:\n  lightgbm:\n    model_class: lightgbm.sklearn.LGBMClassifier\n");
  EXPECT_THROW(open_runtime(folder.path()), Error);
  files::write_atomic(folder.file("MLmodel"), "flavors:\n  lightgbm:\n    data: ../model.lgb\n");
  EXPECT_THROW(open_runtime(folder.path()), Error);
}

}  // namespace
}  // namespace slipway::serving
