#include "domains/monitoring/drift.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <set>

#include "domains/monitoring/probability.h"
#include "foundation/base/error.h"
#include "foundation/base/id.h"
#include "foundation/base/json.h"

namespace slipway::monitoring {
namespace {

using tables::Column;
using tables::ColumnType;
using ::testing::HasSubstr;

double uniform(SeededIdSource& ids) { return static_cast<double>(ids.next_u64() >> 11U) * 0x1p-53; }

std::vector<double> numbers(SeededIdSource& ids, size_t count, double grid) {
  std::vector<double> out;
  for (size_t i = 0; i < count; ++i) {
    const double value = (uniform(ids) - 0.4) * 10;
    out.push_back(grid > 0 ? std::floor(value / grid) * grid : value);
  }
  return out;
}

NumericPair pair_of(std::vector<double>& reference, std::vector<double>& current) {
  std::sort(reference.begin(), reference.end());
  std::sort(current.begin(), current.end());
  NumericPair pair;
  pair.reference = reference;
  pair.current = current;
  return pair;
}

double below_or_at(const std::vector<double>& values, double x) {
  const auto count = std::count_if(values.begin(), values.end(), [&](double value) { return value <= x; });
  return static_cast<double>(count) / static_cast<double>(values.size());
}

// P(distance >= seen) by trying every way to choose which pooled ranks are the first sample's.
double two_sample_by_enumeration(int n1, int n2, double seen) {
  int64_t all = 0;
  int64_t far = 0;
  for (uint32_t mask = 0; mask < (1U << static_cast<unsigned>(n1 + n2)); ++mask) {
    if (__builtin_popcount(mask) != n1) continue;
    double distance = 0;
    int a = 0;
    for (int i = 0; i < n1 + n2; ++i) {
      a += (mask >> static_cast<unsigned>(i)) & 1U ? 1 : 0;
      distance = std::max(distance, std::abs(static_cast<double>(a) / n1 - static_cast<double>(i + 1 - a) / n2));
    }
    ++all;
    far += distance >= seen - 1e-12 ? 1 : 0;
  }
  return static_cast<double>(far) / static_cast<double>(all);
}

tables::Table table_of(std::vector<Column> columns) {
  tables::Table table;
  for (Column& column : columns) table.add(std::move(column));
  return table;
}

Column doubles(std::string name, const std::vector<double>& values) {
  Column column(std::move(name), ColumnType::kDouble);
  for (const double value : values) column.append_double(value);
  return column;
}

Column texts(std::string name, const std::vector<std::string>& values) {
  Column column(std::move(name), ColumnType::kText);
  for (const std::string& value : values) column.append_text(value);
  return column;
}

std::vector<double> ramp(size_t count, double from, double step) {
  std::vector<double> out;
  for (size_t i = 0; i < count; ++i) out.push_back(from + step * static_cast<double>(i));
  return out;
}

TEST(DriftScores, SortingMatchesTheStandardLibraryOnHardValues) {
  SeededIdSource ids(1);
  for (const size_t count : {size_t{1}, size_t{5000}, size_t{70'000}}) {
    std::vector<double> values;
    for (size_t i = 0; i < count; ++i) {
      const uint64_t bits = ids.next_u64();
      double value = 0;
      static_assert(sizeof value == sizeof bits);
      std::memcpy(&value, &bits, sizeof value);
      values.push_back(std::isfinite(value) ? value : static_cast<double>(i % 7) - 3.0);
    }
    std::vector<double> expected = values;
    std::sort(expected.begin(), expected.end());
    sort_numbers(values);
    EXPECT_EQ(values, expected);
  }
}

TEST(DriftScores, DistancesMatchTheirIntegralsComputedNaively) {
  SeededIdSource ids(2);
  for (int round = 0; round < 60; ++round) {
    const double grid = round % 3 == 0 ? 0.5 : 0;
    auto reference = numbers(ids, 2 + ids.next_u64() % 60, grid);
    auto current = numbers(ids, 1 + ids.next_u64() % 60, grid);
    const NumericPair pair = pair_of(reference, current);
    std::set<double> all(reference.begin(), reference.end());
    all.insert(current.begin(), current.end());
    double first_power = 0;
    double second_power = 0;
    for (auto at = all.begin(); std::next(at) != all.end(); ++at) {
      const double difference = std::abs(below_or_at(reference, *at) - below_or_at(current, *at));
      first_power += difference * (*std::next(at) - *at);
      second_power += difference * difference * (*std::next(at) - *at);
    }
    double mean = 0;
    for (const double value : reference) mean += value / static_cast<double>(reference.size());
    double variance = 0;
    for (const double value : reference)
      variance += (value - mean) * (value - mean) / static_cast<double>(reference.size());
    EXPECT_NEAR(wasserstein_normed(pair), first_power / std::max(std::sqrt(variance), 0.001), 1e-9);
    EXPECT_NEAR(energy_distance(pair), std::sqrt(2 * second_power), 1e-9);
  }
}

TEST(DriftScores, TheExactKolmogorovPValueIsTheShareOfAllMixes) {
  for (const auto& [n1, n2] : std::vector<std::pair<int, int>>{{1, 1}, {3, 3}, {4, 6}, {5, 7}, {8, 4}, {6, 9}}) {
    for (int steps = 1; steps <= n1 * n2; ++steps) {
      const double distance = static_cast<double>(steps) / (n1 * n2);
      const int64_t multiple = std::lcm(n1, n2);
      if (std::abs(distance * static_cast<double>(multiple) - std::round(distance * static_cast<double>(multiple))) >
          1e-9)
        continue;
      EXPECT_NEAR(kolmogorov_two_sample(n1, n2, distance), two_sample_by_enumeration(n1, n2, distance), 1e-12)
          << n1 << " " << n2 << " " << distance;
    }
  }
}

TEST(DriftScores, EqualSamplesHaveNoDistance) {
  auto values = ramp(2000, -3, 0.01);
  const NumericPair pair = pair_of(values, values);
  EXPECT_EQ(wasserstein_normed(pair), 0.0);
  EXPECT_EQ(energy_distance(pair), 0.0);
  EXPECT_EQ(kolmogorov_smirnov_p(pair), 1.0);
  EXPECT_NEAR(jensen_shannon(count_bins(pair, 2000)), 0.0, 1e-9);
}

TEST(DriftScores, BinsHoldEveryValueOnce) {
  SeededIdSource ids(3);
  for (int round = 0; round < 40; ++round) {
    auto reference = numbers(ids, 30 + ids.next_u64() % 500, round % 2 == 0 ? 0.25 : 0);
    auto current = numbers(ids, 1 + ids.next_u64() % 500, 0);
    const CountPair counts = count_bins(pair_of(reference, current), 100);
    EXPECT_EQ(counts.reference_total(), reference.size());
    EXPECT_EQ(counts.current_total(), current.size());
  }
}

TEST(Drift, HalfOfTheColumnsIsEnough) {
  const auto still = ramp(2000, 0, 0.001);
  const tables::Table reference = table_of({doubles("a", still), doubles("b", still)});
  const tables::Table current = table_of({doubles("a", still), doubles("b", ramp(2000, 1, 0.001))});
  DriftConfig config;
  const DriftReport report = detect_drift(reference, current, config);
  EXPECT_EQ(report.drifted_columns, 1U);
  EXPECT_DOUBLE_EQ(report.share, 0.5);
  EXPECT_TRUE(report.drifted);
  config.share = 0.6;
  EXPECT_FALSE(detect_drift(reference, current, config).drifted);
}

TEST(Drift, AColumnThatLostItsValuesOrItsTypeHasDrifted) {
  Column empty("a", ColumnType::kDouble);
  for (int i = 0; i < 10; ++i) empty.append_missing();
  const tables::Table reference = table_of({doubles("a", ramp(10, 0, 1)), doubles("b", ramp(10, 0, 1))});
  const tables::Table current =
      table_of({std::move(empty), texts("b", {"x", "x", "x", "y", "x", "x", "x", "x", "x", "y"})});
  const DriftReport report = detect_drift(reference, current, DriftConfig{});
  ASSERT_EQ(report.columns.size(), 2U);
  EXPECT_TRUE(report.columns[0].drifted);
  EXPECT_EQ(report.columns[0].note, "no values in the current data");
  EXPECT_TRUE(report.columns[1].drifted);
  EXPECT_EQ(report.columns[1].note, "stored as double in the reference, as text in the current data");
}

TEST(Drift, ColumnsThatCannotBeComparedAreNamedWithTheReason) {
  const tables::Table reference = table_of(
      {doubles("a", ramp(6, 0, 1)), doubles("gone", ramp(6, 0, 1)), texts("note", {"p", "q", "r", "s", "t", "u"})});
  const tables::Table current = table_of({doubles("a", ramp(6, 0, 1)), texts("note", {"v", "w", "x", "y", "z", "0"})});
  const DriftReport report = detect_drift(reference, current, DriftConfig{});
  EXPECT_EQ(report.columns.size(), 2U);
  EXPECT_THAT(report.skipped, ::testing::ElementsAre("note: free text"));
}

TEST(Drift, AColumnThatVanishedOrWasRenamedHasDrifted) {
  const tables::Table reference = table_of({doubles("a", ramp(6, 0, 1)), doubles("debt", ramp(6, 0, 1))});
  const tables::Table current = table_of({doubles("a", ramp(6, 0, 1)), doubles("Debt", ramp(6, 0, 1))});
  const DriftReport report = detect_drift(reference, current, DriftConfig{});
  ASSERT_NE(report.find("debt"), nullptr);
  EXPECT_TRUE(report.find("debt")->drifted);
  EXPECT_EQ(report.find("debt")->note, "not in the current data");
  EXPECT_EQ(report.find("debt")->current_missing_share, 1);
  EXPECT_THAT(report.skipped, ::testing::ElementsAre("Debt: not in the reference"));
  EXPECT_TRUE(report.drifted) << "one of two columns";
  DriftConfig ignoring;
  ignoring.ignore = {"debt"};
  EXPECT_FALSE(detect_drift(reference, current, ignoring).drifted);
}

TEST(Drift, LargeWholeNumbersAreCountedExactly) {
  Column ids("id", ColumnType::kInteger);
  for (int64_t i = 0; i < 16; ++i) ids.append_integer((int64_t{1} << 60) + i);
  const ColumnSample sample = make_sample(ids);
  EXPECT_EQ(sample.distinct, 16U);
  EXPECT_EQ(infer_feature_type(sample), FeatureType::kNumerical) << "sixteen values are not one";
}

TEST(Drift, NothingToCompareIsNoVerdict) {
  const tables::Table reference = table_of({doubles("a", ramp(6, 0, 1))});
  const auto refusal = [&](const tables::Table& current, const DriftConfig& config) -> std::string {
    try {
      detect_drift(reference, current, config);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(refusal(table_of({doubles("b", ramp(6, 0, 1))}), {}), HasSubstr("no column in common"));
  DriftConfig ignoring;
  ignoring.ignore = {"a"};
  EXPECT_THAT(refusal(reference, ignoring), HasSubstr("no column can be compared"));
}

TEST(Drift, TheClosestChoiceOfMethodAndThresholdWins) {
  const DriftConfig config = parse_drift_config(
      "share: 0.3\nmethod: psi\nthreshold: 0.4\nnumerical: {method: ks}\nper_column:\n  a: {method: ed, threshold: "
      "9}\n  b: {threshold: 0.01}\n");
  const auto values = ramp(500, 0, 0.1);
  const std::vector<std::string> words(500, "w");
  const tables::Table data =
      table_of({doubles("a", values), doubles("b", values), doubles("c", values), texts("d", words)});
  const DriftReport report = detect_drift(data, data, config);
  EXPECT_EQ(report.find("a")->method->name, "ed");
  EXPECT_EQ(report.find("a")->threshold, 9);
  EXPECT_EQ(report.find("b")->method->name, "ks");
  EXPECT_EQ(report.find("b")->threshold, 0.01);
  EXPECT_EQ(report.find("c")->threshold, 0.4);
  EXPECT_EQ(report.find("d")->method->name, "psi");
  EXPECT_EQ(report.share_threshold, 0.3);
}

TEST(Drift, AMethodThatDoesNotFitIsRefusedByName) {
  DriftConfig config;
  config.all.method = "ks";
  const tables::Table data = table_of({texts("word", {"a", "a", "b", "b"})});
  try {
    detect_drift(data, data, config);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(error.what(), HasSubstr("word"));
  }
}

TEST(DriftConfiguration, FaultsNameTheKey) {
  const auto message = [](const std::string& yaml) -> std::string {
    try {
      parse_drift_config(yaml);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(message("shares: 1"), HasSubstr("'shares'"));
  EXPECT_THAT(message("share: 2"), HasSubstr("share must be"));
  EXPECT_THAT(message("method: kolmogorov"), HasSubstr("wasserstein"));
  EXPECT_THAT(message("per_column: {a: {type: number}}"), HasSubstr("numerical"));
  EXPECT_THAT(message("[1, 2]"), HasSubstr("drift configuration"));
  EXPECT_EQ(message(""), "accepted");
}

TEST(DriftReportJson, HoldsWhatAGateNeeds) {
  const tables::Table reference = table_of({doubles("a", ramp(20, 0, 1))});
  const tables::Table current = table_of({doubles("a", ramp(20, 50, 1))});
  const json::value document = json::parse(drift_report_json(detect_drift(reference, current, DriftConfig{})));
  const json::object& root = document.as_object();
  EXPECT_EQ(json::find_bool(root, "drifted"), true);
  EXPECT_EQ(json::get_double(root, "drift_share"), 1.0);
  EXPECT_EQ(json::get_string(json::get_array(root, "columns")[0].as_object(), "method"), "ks");
}

}  // namespace
}  // namespace slipway::monitoring
