#include "foundation/tables/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "foundation/base/error.h"

namespace slipway::tables {
namespace {

using ::testing::ElementsAre;

Table small_table() {
  Column ids("id", ColumnType::kInteger);
  Column names("name", ColumnType::kText);
  Column scores("score", ColumnType::kDouble);
  for (int i = 0; i < 4; ++i) {
    ids.append_integer(i);
    if (i == 2) {
      names.append_missing();
      scores.append_missing();
    } else {
      names.append_text(std::string(static_cast<size_t>(i), 'x'));
      scores.append_double(i * 0.5);
    }
  }
  Table table;
  table.add(ids);
  table.add(names);
  table.add(scores);
  return table;
}

TEST(Column, KeepsMissingCellsApartFromEmptyTextAndNaN) {
  Column texts("t", ColumnType::kText);
  texts.append_text("");
  texts.append_missing();
  EXPECT_FALSE(texts.is_missing(0));
  EXPECT_TRUE(texts.is_missing(1));
  EXPECT_EQ(texts.missing_count(), 1U);

  Column doubles("d", ColumnType::kDouble);
  doubles.append_double(NAN);
  doubles.append_missing();
  EXPECT_FALSE(doubles.is_missing(0));
  EXPECT_TRUE(doubles.is_missing(1));
  EXPECT_TRUE(std::isnan(doubles.doubles()[1]));
}

TEST(Column, DisplaysEachTypeAsPeopleReadIt) {
  Column flag("f", ColumnType::kBoolean);
  flag.append_integer(1);
  Column time("t", ColumnType::kTime);
  time.append_integer(1378011600000);
  EXPECT_EQ(flag.display(0), "true");
  EXPECT_EQ(time.display(0), "2013-09-01T05:00:00.000Z");
  const Table table = small_table();
  EXPECT_EQ(table.get("score").display(1), "0.5");
  EXPECT_EQ(table.get("score").display(2), "");
}

TEST(Column, ConvertsWholeNumbersThatGoIntoADoubleColumn) {
  Column doubles("d", ColumnType::kDouble);
  doubles.append_integer(3);
  EXPECT_EQ(doubles.doubles()[0], 3.0);
}

TEST(Column, RefusesMarksThatDoNotFitTheRows) {
  EXPECT_THROW(Column::of_doubles("d", {1.0, 2.0}, {1}), Error);
  EXPECT_THROW(Column::of_text("t", {0, 5}, "abc"), Error);
}

TEST(Table, TakesRowsInOrderWithRepeats) {
  const std::vector<size_t> rows = {3, 2, 3};
  const Table taken = small_table().take(rows);
  EXPECT_THAT(taken.get("id").integers(), ElementsAre(3, 2, 3));
  EXPECT_EQ(taken.get("name").text(0), "xxx");
  EXPECT_TRUE(taken.get("name").is_missing(1));
  EXPECT_EQ(taken.get("score").missing_count(), 1U);
  EXPECT_EQ(taken.get("score").doubles()[2], 1.5);
}

TEST(Table, RefusesARowOutsideWhenTaking) {
  const std::vector<size_t> rows = {4};
  EXPECT_THROW(small_table().take(rows), Error);
}

TEST(Table, SelectsColumnsInTheOrderAsked) {
  const Table selected = small_table().select({"score", "id"});
  EXPECT_EQ(selected.columns()[0].name(), "score");
  EXPECT_EQ(selected.column_count(), 2U);
}

TEST(Table, RefusesASecondColumnOfOneNameAndAnotherLength) {
  Table table = small_table();
  EXPECT_THROW(table.add(Column("id", ColumnType::kText)), Error);
  EXPECT_THROW(table.add(Column("short", ColumnType::kText)), Error);
}

TEST(Table, NamesTheColumnsThereAreWhenOneIsNot) {
  try {
    small_table().get("nome");
    FAIL() << "an absent column was found";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_STREQ(error.what(), "no column 'nome'; the columns are id, name, score");
  }
}

}  // namespace
}  // namespace slipway::tables
