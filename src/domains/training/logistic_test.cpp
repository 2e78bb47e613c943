#include "domains/training/logistic.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "foundation/base/id.h"
#include "foundation/base/json.h"

namespace slipway::training {
namespace {

using packaging::Encoding;
using packaging::FeatureKind;
using packaging::LogisticModel;
using tables::ColumnType;

struct Problem {
  std::vector<double> values;
  std::vector<uint8_t> labels;
  Encoding encoding;
  engines::MatrixView view() const {
    return {values, labels.size(), values.size() / labels.size(), engines::Layout::kColumns};
  }
};

std::vector<double> numbers(const json::object& from, std::string_view key) {
  std::vector<double> out;
  for (const json::value& item : json::get_array(from, key)) {
    out.push_back(item.is_null() ? std::numeric_limits<double>::quiet_NaN() : item.to_number<double>());
  }
  return out;
}

TEST(Logistic, EqualsScikitLearns) {
  const json::value document = json::parse_file(SLIPWAY_SOURCE_DIR "/tests/golden/training/logistic.json");
  const json::object& golden = document.as_object();
  Problem problem;
  for (const char* column : {"number", "gaps", "code"}) {
    for (const double value : numbers(golden, column)) problem.values.push_back(value);
  }
  for (const double label : numbers(golden, "labels")) problem.labels.push_back(label != 0 ? 1 : 0);
  problem.encoding = Encoding({{"number", ColumnType::kDouble, FeatureKind::kNumber, true, {}},
                               {"gaps", ColumnType::kDouble, FeatureKind::kNumber, false, {}},
                               {"code", ColumnType::kText, FeatureKind::kCategory, true, {"0", "1", "2", "3"}}});
  const LogisticModel model =
      fit_logistic(problem.view(), problem.labels, problem.encoding, {json::get_double(golden, "l2"), 64, 2});
  const std::vector<double> weights = numbers(golden, "weights");
  EXPECT_NEAR(model.bias, json::get_double(golden, "bias"), 1e-7);
  EXPECT_NEAR(model.terms[0].weight, weights[0], 1e-7);
  EXPECT_NEAR(model.terms[1].weight, weights[1], 1e-7);
  EXPECT_NEAR(model.terms[1].missing, weights[2], 1e-7);
  for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(model.terms[2].categories[i], weights[3 + i], 1e-7);
  const std::vector<double> wanted = numbers(golden, "probability");
  const std::vector<double> got = model.score(problem.view());
  for (size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(got[i], wanted[i], 1e-7);
}

// A number, a constant and a category with many values, one of which is always positive.
Problem random_problem() {
  SeededIdSource random(11);
  const auto uniform = [&] { return static_cast<double>(random.next_u64() >> 11U) * 0x1p-53; };
  Problem problem;
  constexpr size_t kRows = 2000;
  problem.values.resize(3 * kRows);
  std::vector<std::string> categories;
  for (int i = 0; i < 200; ++i) categories.push_back("c" + std::to_string(1000 + i));
  for (size_t i = 0; i < kRows; ++i) {
    problem.values[i] = uniform();
    problem.values[kRows + i] = 7;
    problem.values[2 * kRows + i] = std::floor(uniform() * 200);
    const bool sure = problem.values[2 * kRows + i] == 17;
    problem.labels.push_back(sure || uniform() < 0.2 + 0.5 * problem.values[i] ? 1 : 0);
  }
  problem.encoding = Encoding({{"x", ColumnType::kDouble, FeatureKind::kNumber, true, {}},
                               {"same", ColumnType::kDouble, FeatureKind::kNumber, true, {}},
                               {"many", ColumnType::kText, FeatureKind::kCategory, true, categories}});
  return problem;
}

TEST(Logistic, DoesNotDependOnTheNumberOfThreads) {
  const Problem problem = random_problem();
  const auto text = [&](int threads) {
    return packaging::write_logistic(fit_logistic(problem.view(), problem.labels, problem.encoding, {1, 64, threads}));
  };
  EXPECT_EQ(text(1), text(3));
}

TEST(Logistic, ManyCategoriesShareOneWeightAndConstantsGetNone) {
  const Problem problem = random_problem();
  const LogisticModel model = fit_logistic(problem.view(), problem.labels, problem.encoding, {1, 64, 2});
  EXPECT_GT(model.terms[0].weight, 0.3);
  EXPECT_NEAR(model.terms[1].weight, 0, 1e-9);
  ASSERT_EQ(model.terms[2].categories.size(), 200U);
  EXPECT_EQ(std::ranges::max_element(model.terms[2].categories) - model.terms[2].categories.begin(), 17);
  EXPECT_EQ(model.terms[2].missing, 0);
}

}  // namespace
}  // namespace slipway::training
