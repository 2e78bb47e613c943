// The profile of a small checked-in table against what pandas says of it; tests/golden/profile/generate.py made both.
#include <gtest/gtest.h>

#include <cmath>

#include "domains/monitoring/profile.h"
#include "foundation/base/json.h"
#include "foundation/base/text.h"
#include "foundation/tables/io.h"

namespace slipway::monitoring {
namespace {

void expect_close(double ours, double theirs, const std::string& what) {
  EXPECT_NEAR(ours, theirs, std::fabs(theirs) * 1e-12) << what;
}

void expect_numbers(const NumberProfile& ours, const json::object& golden, const std::string& name) {
  expect_close(ours.min, json::get_double(golden, "min"), name + " min");
  expect_close(ours.max, json::get_double(golden, "max"), name + " max");
  expect_close(ours.mean, json::get_double(golden, "mean"), name + " mean");
  expect_close(ours.standard_deviation, json::get_double(golden, "standard_deviation"), name + " standard deviation");
  EXPECT_EQ(ours.zeros, static_cast<uint64_t>(json::get_int(golden, "zeros"))) << name;
  EXPECT_EQ(ours.negative, static_cast<uint64_t>(json::get_int(golden, "negative"))) << name;
  const json::object& quantiles = json::get_object(golden, "quantiles");
  for (size_t i = 0; i < kProfileQuantiles.size(); ++i) {
    const std::string key = text::format_double(kProfileQuantiles[i]);
    expect_close(ours.quantiles[i], json::get_double(quantiles, key), name + " quantile " + key);
  }
}

void expect_column(const ColumnProfile& ours, const json::object& golden) {
  const auto count_of = [&](std::string_view key) { return static_cast<uint64_t>(json::get_int(golden, key)); };
  EXPECT_EQ(ours.name, json::get_string(golden, "name"));
  EXPECT_EQ(tables::name_of(ours.type), json::get_string(golden, "type")) << ours.name;
  EXPECT_EQ(ours.count, count_of("count")) << ours.name;
  EXPECT_EQ(ours.missing, count_of("missing")) << ours.name;
  EXPECT_EQ(ours.distinct, count_of("distinct")) << ours.name;
  ASSERT_FALSE(ours.top.empty()) << ours.name;
  EXPECT_EQ(ours.top[0].count, count_of("top_count")) << ours.name;
  ASSERT_EQ(ours.numbers.has_value(), json::find(golden, "numbers") != nullptr) << ours.name;
  if (ours.numbers) expect_numbers(*ours.numbers, json::get_object(golden, "numbers"), ours.name);
  ASSERT_EQ(ours.lengths.has_value(), json::find(golden, "lengths") != nullptr) << ours.name;
  if (!ours.lengths) return;
  const json::object& lengths = json::get_object(golden, "lengths");
  EXPECT_EQ(ours.lengths->min, static_cast<uint64_t>(json::get_int(lengths, "min"))) << ours.name;
  EXPECT_EQ(ours.lengths->max, static_cast<uint64_t>(json::get_int(lengths, "max"))) << ours.name;
  expect_close(ours.lengths->mean, json::get_double(lengths, "mean"), ours.name + " mean length");
}

TEST(ProfileGolden, AgreesWithPandasOnASmallTable) {
  const Profile ours = profile(tables::read_table(SLIPWAY_SOURCE_DIR "/tests/data/readings.csv"));
  const json::value document = json::parse_file(SLIPWAY_SOURCE_DIR "/tests/golden/profile/profile.json");
  const json::object& golden = json::as_object(document, "golden profile");
  EXPECT_EQ(ours.rows, static_cast<uint64_t>(json::get_int(golden, "rows")));
  EXPECT_EQ(ours.duplicate_rows, static_cast<uint64_t>(json::get_int(golden, "duplicate_rows")));
  const json::array& columns = json::get_array(golden, "columns");
  ASSERT_EQ(ours.columns.size(), columns.size());
  for (size_t i = 0; i < columns.size(); ++i) expect_column(ours.columns[i], columns[i].as_object());
}

}  // namespace
}  // namespace slipway::monitoring
