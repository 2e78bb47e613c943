#include "domains/packaging/encoding.h"

#include <gmock/gmock.h>

#include <cmath>

#include "foundation/base/error.h"

namespace slipway::packaging {
namespace {

using tables::Column;
using tables::ColumnType;
using tables::Table;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Table flights() {
  Column carrier("carrier", ColumnType::kText);
  Column hour("hour", ColumnType::kInteger);
  Column wind("wind", ColumnType::kDouble);
  Column holiday("holiday", ColumnType::kBoolean);
  for (int i = 0; i < 12; ++i) {
    carrier.append_text(i % 4 == 0 ? "UA" : i == 7 ? "ZZ" : "AA");
    hour.append_integer(5 + i % 2);
    i == 3 ? wind.append_missing() : wind.append_double(i * 0.5);
    holiday.append_integer(i == 0 ? 1 : 0);
  }
  Table table;
  table.add(std::move(carrier));
  table.add(std::move(hour));
  table.add(std::move(wind));
  table.add(std::move(holiday));
  return table;
}

Encoding fitted() {
  const Table table = flights();
  std::vector<size_t> rows(table.rows());
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = i;
  return fit_encoding(table, rows, {{"wind", "carrier", "hour", "holiday"}, {"carrier", "hour"}, 2});
}

TEST(Encoding, LearnsCategoriesInTheOrderOfTheirTextAndDropsRareOnes) {
  const Encoding encoding = fitted();
  EXPECT_THAT(encoding.features()[1].categories, ElementsAre("AA", "UA"));
  EXPECT_THAT(encoding.features()[2].categories, ElementsAre("5", "6"));
  EXPECT_FALSE(encoding.features()[0].required);
  EXPECT_TRUE(encoding.features()[1].required);
}

TEST(Encoding, GivesCodesAndNumbersInBothLayouts) {
  const Encoding encoding = fitted();
  const std::vector<size_t> rows = {0, 3, 7};
  const std::vector<double> by_row = encoding.encode(flights(), rows, engines::Layout::kRows);
  const std::vector<double> by_column = encoding.encode(flights(), rows, engines::Layout::kColumns);
  ASSERT_EQ(by_row.size(), 12U);
  EXPECT_EQ(by_row[0], 0.0);
  EXPECT_EQ(by_row[1], 1.0);               // UA
  EXPECT_EQ(by_row[2], 0.0);               // hour 5
  EXPECT_EQ(by_row[3], 1.0);               // holiday
  EXPECT_TRUE(std::isnan(by_row[4]));      // missing wind
  EXPECT_TRUE(std::isnan(by_row[8 + 1]));  // ZZ is too rare
  for (size_t row = 0; row < 3; ++row) {
    for (size_t feature = 0; feature < 4; ++feature) {
      const double a = by_row[row * 4 + feature];
      const double b = by_column[feature * 3 + row];
      EXPECT_TRUE(a == b || (std::isnan(a) && std::isnan(b)));
    }
  }
}

TEST(Encoding, TakesAWholeNumberAsADoubleAndColumnsInAnyOrder) {
  Table request;
  Column hour("hour", ColumnType::kDouble);
  hour.append_double(6.0);
  Column carrier("carrier", ColumnType::kText);
  carrier.append_text("UA");
  Column holiday("holiday", ColumnType::kInteger);
  holiday.append_integer(0);
  request.add(std::move(hour));
  request.add(std::move(carrier));
  request.add(std::move(holiday));
  const std::vector<double> row = fitted().encode(request, engines::Layout::kRows);
  EXPECT_TRUE(std::isnan(row[0]));  // wind may be left out
  EXPECT_EQ(row[1], 1.0);
  EXPECT_EQ(row[2], 1.0);
}

TEST(Encoding, NamesTheColumnThatIsMissingOrHoldsTheWrongThing) {
  const Encoding encoding = fitted();
  try {
    encoding.encode(flights().select({"wind", "hour", "holiday"}), engines::Layout::kRows);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("'carrier' is missing"));
  }
  Table wrong = flights().select({"carrier", "hour", "holiday"});
  Column wind("wind", ColumnType::kText);
  for (int i = 0; i < 12; ++i) wind.append_text("calm");
  wrong.add(std::move(wind));
  EXPECT_THROW(encoding.encode(wrong, engines::Layout::kRows), Error);
}

TEST(Encoding, RefusesTextThatIsNotCategoricalAndFractionsThatAre) {
  const std::vector<size_t> rows = {0, 1};
  EXPECT_THROW(fit_encoding(flights(), rows, {{"carrier"}, {}, 1}), Error);
  EXPECT_THROW(fit_encoding(flights(), rows, {{"wind"}, {"wind"}, 1}), Error);
}

TEST(Encoding, TellsClientsDoubleForIntegersThatMayBeMissing) {
  Encoding encoding({{"a", ColumnType::kInteger, FeatureKind::kNumber, true, {}},
                     {"b", ColumnType::kInteger, FeatureKind::kNumber, false, {}},
                     {"c", ColumnType::kText, FeatureKind::kCategory, false, {"x"}}});
  const std::vector<ColumnSpec> columns = encoding.input_columns();
  EXPECT_EQ(columns[0].type, ColumnType::kInteger);
  EXPECT_EQ(columns[1].type, ColumnType::kDouble);
  EXPECT_EQ(columns[2].type, ColumnType::kText);
  EXPECT_FALSE(columns[2].required);
}

}  // namespace
}  // namespace slipway::packaging
