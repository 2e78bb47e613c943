#include "domains/validation/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domains/validation/infer.h"
#include "foundation/base/error.h"
#include "foundation/base/text.h"

namespace slipway::validation {
namespace {

using tables::ColumnType;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string error_of(std::string_view yaml) {
  try {
    parse_schema(yaml);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    return error.what();
  }
  return "no error";
}

TEST(Schema, ComesBackFromItsYaml) {
  Schema schema;
  schema.min_rows = 3;
  schema.max_rows = 30;
  schema.allows_extra_columns = true;
  schema.rules = {{"in order: \"a\" # b", "a <= b\nOR a IS NULL"}};
  ColumnRule text;
  text.name = "odd: \"name\" # \\ Grüße\n";
  text.type = ColumnType::kText;
  text.values = {"", "007", "NO", "a, b", "true", "null", "\xE2\x82\xAC \x01", "plain", "~", "- x", "1e5"};
  text.max_unknown_fraction = 0.01;
  text.pattern = "[a-z]{2}\\d+";
  ColumnRule number;
  number.name = "true";
  number.type = ColumnType::kDouble;
  number.is_required = false;
  number.max_missing_fraction = 0.125;
  number.min = -1.5;
  number.max = 1e300;
  number.is_unique = true;
  ColumnRule time;
  time.name = "at";
  time.type = ColumnType::kTime;
  time.min = 1'356'998'400'000;
  ColumnRule any;
  any.name = "any";
  schema.columns = {text, number, time, any};

  const std::string yaml = write_schema(schema, "a file\nname");
  const Schema back = parse_schema(yaml);
  EXPECT_EQ(write_schema(back, "a file\nname"), yaml);
  EXPECT_EQ(back.rules.at(0).sql, schema.rules[0].sql);
  EXPECT_EQ(back.rules.at(0).name, schema.rules[0].name);
  EXPECT_TRUE(back.allows_extra_columns);
  EXPECT_EQ(back.max_rows, 30U);
  ASSERT_EQ(back.columns.size(), 4U);
  EXPECT_EQ(back.columns[0].name, text.name);
  EXPECT_EQ(back.columns[0].values, text.values);
  EXPECT_EQ(back.columns[0].pattern, text.pattern);
  EXPECT_FALSE(back.columns[1].is_required);
  EXPECT_EQ(back.columns[1].max, 1e300);
  EXPECT_EQ(back.columns[2].min, time.min);
  EXPECT_FALSE(back.columns[3].type.has_value());
}

TEST(Schema, AColumnNeedsNoKeysButItsType) {
  const Schema schema = parse_schema("columns:\n  a: {type: integer}\n  b: {values: [1, 2.5, true, x]}\n");
  EXPECT_TRUE(schema.columns[0].is_required);
  EXPECT_THAT(schema.columns[1].values, ElementsAre("1", "2.5", "true", "x"));
}

TEST(Schema, FaultsNameTheColumnAndTheKey) {
  EXPECT_THAT(error_of("columns:\n  a: {typ: integer}\n"), HasSubstr("column 'a': unknown key 'typ'; known are type"));
  EXPECT_THAT(error_of("columns:\n  a: {type: number}\n"), HasSubstr("got 'number'"));
  EXPECT_THAT(error_of("columns:\n  a: {type: text, min: 3}\n"), HasSubstr("min is for numbers"));
  EXPECT_THAT(error_of("columns:\n  a: {type: time, min: 3}\n"), HasSubstr("min must be a time"));
  EXPECT_THAT(error_of("columns:\n  a: {min: 3, max: 2}\n"), HasSubstr("min is over max"));
  EXPECT_THAT(error_of("columns:\n  a: {max_missing_fraction: 5}\n"), HasSubstr("must be from 0 to 1"));
  EXPECT_THAT(error_of("columns:\n  a: {values: []}\n"), HasSubstr("empty list"));
  EXPECT_THAT(error_of("table: {extra_columns: maybe}\ncolumns: {}\n"), HasSubstr("got 'maybe'"));
  EXPECT_THAT(error_of("version: 9\ncolumns: {}\n"), HasSubstr("version 9"));
  EXPECT_THAT(error_of("a: [\n"), HasSubstr("line"));
  EXPECT_THAT(error_of("table: {}\n"), HasSubstr("columns"));
}

tables::Column numbers(const std::string& name, const std::vector<double>& values) {
  tables::Column column(name, ColumnType::kDouble);
  for (const double value : values) column.append_double(value);
  return column;
}

ColumnRule inferred(tables::Column column, const InferOptions& options = {}) {
  tables::Table table;
  table.add(std::move(column));
  return infer_schema(table, options).columns.at(0);
}

TEST(Infer, WidensRangesButKeepsTheSign) {
  const ColumnRule rule = inferred(numbers("x", {1, 9}));
  EXPECT_EQ(rule.min, 0);
  EXPECT_EQ(rule.max, 13);
  InferOptions exact;
  exact.widen = 0;
  EXPECT_EQ(inferred(numbers("x", {1, 9}), exact).min, 1);
  EXPECT_EQ(inferred(numbers("x", {-0.37, 0.42})).min, -0.77);
  EXPECT_EQ(inferred(numbers("x", {5, 5})).max, 5);
}

TEST(Infer, ChoicesAreFewValuesThatRepeat) {
  tables::Column few("c", ColumnType::kText);
  tables::Column many("c", ColumnType::kText);
  for (int i = 0; i < 300; ++i) {
    few.append_text(i % 2 == 0 ? "b" : "a");
    many.append_text(std::to_string(i));
  }
  EXPECT_THAT(inferred(few).values, ElementsAre("a", "b"));
  EXPECT_TRUE(inferred(many).values.empty());
  EXPECT_TRUE(inferred(many).is_unique);
}

TEST(Infer, AColumnOfNothingMayBeAnything) {
  tables::Column column("c", ColumnType::kText);
  column.append_missing();
  const ColumnRule rule = inferred(column);
  EXPECT_FALSE(rule.type.has_value());
  EXPECT_EQ(rule.max_missing_fraction, 1);
}

TEST(Infer, ToleratesSomewhatMoreMissingThanSeen) {
  tables::Column column("c", ColumnType::kInteger);
  for (int i = 0; i < 100; ++i) {
    if (i < 10) {
      column.append_missing();
    } else {
      column.append_integer(i % 7);
    }
  }
  EXPECT_DOUBLE_EQ(inferred(column).max_missing_fraction, 0.16);
}

}  // namespace
}  // namespace slipway::validation
