#include "foundation/tables/distinct.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <string>

#include "foundation/base/id.h"

namespace slipway::tables {
namespace {

TEST(CountDistinct, AgreesWithAMap) {
  SeededIdSource random(5);
  Column column("c", ColumnType::kText);
  std::map<std::string, uint64_t> expected;
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t pick = random.next_u64();
    if (pick % 11 == 0) {
      column.append_missing();
      continue;
    }
    const std::string value = std::to_string(pick % 3000);
    column.append_text(value);
    ++expected[value];
  }
  const DistinctValues distinct = count_distinct(column);
  EXPECT_FALSE(distinct.is_estimate);
  ASSERT_EQ(distinct.count, expected.size());
  for (const DistinctValue& value : distinct.values) {
    EXPECT_EQ(value.count, expected.at(std::string(column.text(value.first_row))));
  }
}

TEST(CountDistinct, TakesEveryNaNAsOneAndBothZerosAsOne) {
  Column column("c", ColumnType::kDouble);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double value : {nan, -nan, 0.0, -0.0, 1.0}) column.append_double(value);
  EXPECT_EQ(count_distinct(column).count, 3U);
}

TEST(CountDistinct, EstimatesPastTheLimit) {
  Column column("c", ColumnType::kInteger);
  for (int64_t i = 0; i < 200'000; ++i) column.append_integer(i * 7);
  const DistinctValues distinct = count_distinct(column, 1000);
  EXPECT_TRUE(distinct.is_estimate);
  EXPECT_EQ(distinct.values.size(), 1000U);
  EXPECT_NEAR(static_cast<double>(distinct.count), 200'000, 200'000 * 0.03);
}

TEST(MostFrequent, OrdersByCountThenValue) {
  Column column("c", ColumnType::kInteger);
  for (const int64_t value : {9, 2, 2, 9, 5, 1}) column.append_integer(value);
  const auto top = most_frequent(column, count_distinct(column), 3);
  ASSERT_EQ(top.size(), 3U);
  EXPECT_EQ(column.integers()[top[0].first_row], 2);
  EXPECT_EQ(column.integers()[top[1].first_row], 9);
  EXPECT_EQ(column.integers()[top[2].first_row], 1);
}

TEST(DuplicateRows, AreEqualInEveryColumn) {
  Column a("a", ColumnType::kInteger);
  Column b("b", ColumnType::kText);
  for (int i = 0; i < 6; ++i) {
    a.append_integer(i % 2);
    if (i % 3 == 0) {
      b.append_missing();
    } else {
      b.append_text("x");
    }
  }
  // Rows: 0 -, 1 x, 0 x, 1 -, 0 x, 1 x.
  Table table;
  table.add(a);
  table.add(b);
  EXPECT_EQ(count_duplicate_rows(table), 2U);
  EXPECT_EQ(count_duplicate_rows(Table()), 0U);
}

}  // namespace
}  // namespace slipway::tables
