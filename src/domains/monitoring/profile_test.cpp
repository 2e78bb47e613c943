#include "domains/monitoring/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "foundation/base/json.h"

namespace slipway::monitoring {
namespace {

using tables::Column;
using tables::ColumnType;
using tables::Table;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

ColumnProfile profile_of(Column column) {
  Table table;
  table.add(std::move(column));
  return profile(table).columns.at(0);
}

Column doubles(const std::vector<double>& values) {
  Column column("x", ColumnType::kDouble);
  for (const double value : values) column.append_double(value);
  return column;
}

TEST(Profile, CountsWhatIsThereAndWhatIsNot) {
  Column column = doubles({0, -1, NAN, std::numeric_limits<double>::infinity(), 4});
  column.append_missing();
  const ColumnProfile out = profile_of(column);
  EXPECT_EQ(out.count, 5U);
  EXPECT_EQ(out.missing, 1U);
  EXPECT_EQ(out.distinct, 5U);
  EXPECT_TRUE(out.is_unique);
  EXPECT_EQ(out.numbers->nan, 1U);
  EXPECT_EQ(out.numbers->infinite, 1U);
  EXPECT_EQ(out.numbers->zeros, 1U);
  EXPECT_EQ(out.numbers->negative, 1U);
  EXPECT_EQ(out.numbers->mean, 1.0);
  EXPECT_EQ(out.numbers->max, 4.0);
}

TEST(Profile, TheEndsOfLargeWholeNumbersAreExact) {
  Column column("id", ColumnType::kInteger);
  for (const int64_t value : {int64_t{9007199254740993}, int64_t{-9007199254740993}}) column.append_integer(value);
  const ColumnProfile out = profile_of(column);
  EXPECT_EQ(min_text(out), "-9007199254740993");
  EXPECT_EQ(max_text(out), "9007199254740993");
  Profile all;
  all.columns = {out};
  EXPECT_THAT(to_json(all), HasSubstr("9007199254740993"));
}

TEST(Profile, KeepsDigitsThatPlainSumsLose) {
  const ColumnProfile out = profile_of(doubles({1e16, 1, -1e16, 1}));
  EXPECT_EQ(out.numbers->mean, 0.5);
}

TEST(Profile, GivesWholeNumbersInAShortRangeABinEach) {
  Column column("x", ColumnType::kInteger);
  for (const int64_t value : {1, 1, 3}) column.append_integer(value);
  EXPECT_THAT(profile_of(column).numbers->counts, ElementsAre(2, 0, 1));
}

TEST(Profile, BinsHoldEveryFiniteValue) {
  const double largest = std::numeric_limits<double>::max();
  const std::vector<std::vector<double>> odd = {{-largest, 0, largest}, {5}, {1e-320, 2e-320}, {0.1, 0.2, 0.3, 0.3}};
  for (const std::vector<double>& values : odd) {
    const ColumnProfile out = profile_of(doubles(values));
    uint64_t total = 0;
    for (const uint64_t count : out.numbers->counts) total += count;
    EXPECT_EQ(total, values.size());
    EXPECT_EQ(out.numbers->edges.size(), out.numbers->counts.size() + 1);
  }
}

TEST(Profile, MeasuresTextInCharacters) {
  Column column("t", ColumnType::kText);
  for (const char* value : {"Grüße", "", "ab", "ab"}) column.append_text(value);
  const ColumnProfile out = profile_of(column);
  EXPECT_EQ(out.lengths->max, 5U);
  EXPECT_EQ(out.lengths->min, 0U);
  EXPECT_EQ(out.lengths->empty, 1U);
  EXPECT_EQ(out.top[0].value, "ab");
  EXPECT_EQ(out.top[0].count, 2U);
  EXPECT_FALSE(out.numbers.has_value());
}

TEST(Profile, AColumnOfNothingHasNoNumbers) {
  Column column("x", ColumnType::kDouble);
  column.append_missing();
  const ColumnProfile out = profile_of(column);
  EXPECT_FALSE(out.numbers.has_value());
  EXPECT_FALSE(out.is_constant);
  EXPECT_EQ(out.distinct, 0U);
}

Table mixed_table() {
  Column time("at", ColumnType::kTime);
  Column flag("flag", ColumnType::kBoolean);
  Column name("<b>name</b>", ColumnType::kText);
  for (int64_t i = 0; i < 30; ++i) {
    time.append_integer(1'356'998'400'000 + (i % 10) * 86'400'000);
    flag.append_integer(1);
    name.append_text(i % 2 == 0 ? "<script>" : "y");
  }
  Table table;
  table.add(time);
  table.add(flag);
  table.add(name);
  return table;
}

TEST(ProfileReport, JsonHoldsTheDocumentedMembers) {
  const json::value document = json::parse(to_json(profile(mixed_table())));
  const json::object& root = document.as_object();
  EXPECT_EQ(root.at("rows"), 30);
  EXPECT_EQ(root.at("duplicate_rows"), 20);
  const json::object& time = root.at("columns").at(0).as_object();
  EXPECT_EQ(time.at("type"), "time");
  EXPECT_EQ(time.at("times").at("min"), "2013-01-01T00:00:00.000Z");
  EXPECT_EQ(time.at("numbers").at("quantiles").as_object().size(), 7U);
  const json::object& flag = root.at("columns").at(1).as_object();
  EXPECT_TRUE(flag.at("is_constant").as_bool());
  EXPECT_EQ(flag.at("top").at(0).at("value"), "true");
}

TEST(ProfileReport, HtmlEscapesNamesAndValues) {
  const std::string html = to_html(profile(mixed_table()), "A & B");
  EXPECT_THAT(html, HasSubstr("A &amp; B"));
  EXPECT_THAT(html, Not(HasSubstr("<script>")));
  EXPECT_THAT(html, Not(HasSubstr("<b>name")));
  EXPECT_THAT(html, HasSubstr("constant"));
}

TEST(ProfileReport, AnEmptyTableIsReportedToo) {
  Table table;
  table.add(Column("x", ColumnType::kDouble));
  EXPECT_THAT(to_html(profile(table), "empty"), HasSubstr("0.00 %"));
  EXPECT_THAT(to_json(profile(table)), HasSubstr("\"rows\": 0"));
}

}  // namespace
}  // namespace slipway::monitoring
