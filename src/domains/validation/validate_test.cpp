#include "domains/validation/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "domains/validation/infer.h"
#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/id.h"
#include "foundation/base/json.h"
#include "foundation/tables/io.h"

namespace slipway::validation {
namespace {

using tables::Column;
using tables::ColumnType;
using tables::Table;
using ::testing::HasSubstr;

// Anomalies as "column rule count: row=value ..." for comparing at a glance.
std::vector<std::string> summary_of(const Verdict& verdict) {
  std::vector<std::string> out;
  for (const Anomaly& anomaly : verdict.anomalies) {
    std::string line = text::concat(anomaly.column, " ", anomaly.rule, " ", anomaly.count, ":");
    for (const Example& example : anomaly.examples) line += text::concat(" ", example.row, "=", example.value);
    out.push_back(line);
  }
  return out;
}

std::vector<std::string> check(std::string_view csv, std::string_view yaml) {
  return summary_of(validate(tables::read_csv(csv), parse_schema(yaml)));
}

using Lines = std::vector<std::string>;

TEST(Validate, NamesTheRowsThatBreakEachRule) {
  EXPECT_EQ(check("a\n1\n50\n-3\n", "columns: {a: {type: integer, min: 0, max: 40}}"),
            (Lines{"a min 1: 3=-3", "a max 1: 2=50"}));
  EXPECT_EQ(check("a\nx\ny\nz\ny\n", "columns: {a: {type: text, values: [x, z]}}"), (Lines{"a values 2: 2=y 4=y"}));
  EXPECT_EQ(check("a\nx\ny\nx\nx\n", "columns: {a: {unique: true}}"), (Lines{"a unique 2: 3=x 4=x"}));
  EXPECT_EQ(check("a,b\n1,2\n,2\n", "columns: {a: {type: integer}, b: {type: integer}}"), (Lines{"a missing 1: 2="}));
  EXPECT_EQ(check("a\nAA1\nA1\nAA1x\n", "columns: {a: {pattern: '[A-Z]{2}\\d'}}"), (Lines{"a pattern 2: 2=A1 3=AA1x"}));
  EXPECT_EQ(check("a\n2013-01-01\n2014-01-01\n", "columns: {a: {type: time, max: 2013-06-01}}"),
            (Lines{"a max 1: 2=2014-01-01T00:00:00.000Z"}));
}

TEST(Validate, ACellThatSpoilsAColumnIsTheFindingNotTheColumn) {
  EXPECT_EQ(check("a\n1\n2\nmany\n99\n", "columns: {a: {type: integer, max: 10}}"),
            (Lines{"a type 1: 3=many", "a max 1: 4=99"}));
  EXPECT_EQ(check("a\n2013-01-01\nsoon\n", "columns: {a: {type: time}}"), (Lines{"a type 1: 2=soon"}));
  EXPECT_EQ(check("a\n1\n2.5\n", "columns: {a: {type: integer}}"), (Lines{"a type 1: 2=2.5"}));
}

TEST(Validate, WholeNumbersPassAsFractionsAndMissingAsAnything) {
  EXPECT_EQ(check("a,b\n1,\n2,\n", "columns: {a: {type: double}, b: {type: time, max_missing_fraction: 1}}"), Lines{});
  Column column("a", ColumnType::kDouble);
  column.append_double(3.0);
  Table table;
  table.add(column);
  EXPECT_TRUE(validate(table, parse_schema("columns: {a: {type: integer}}")).is_valid());
}

TEST(Validate, ColumnsThatAreAbsentOrExtraAreFound) {
  EXPECT_EQ(check("a,b\n1,2\n", "columns: {a: {}, c: {}, d: {required: false}}"),
            (Lines{"b extra_column 1:", "c column_absent 1:"}));
  EXPECT_EQ(check("a,b\n1,2\n", "table: {extra_columns: allow}\ncolumns: {a: {}}"), Lines{});
}

TEST(Validate, CountsRowsAndToleratesFractions) {
  EXPECT_EQ(check("a\n1\n", "table: {min_rows: 2}\ncolumns: {a: {}}"), (Lines{" min_rows 0:"}));
  EXPECT_EQ(check("a\n1\n1\n", "table: {max_rows: 1}\ncolumns: {a: {}}"), (Lines{" max_rows 0:"}));
  EXPECT_EQ(check("a\nx\nx\nx\ny\n", "columns: {a: {values: [x], max_unknown_fraction: 0.25}}"), Lines{});
  EXPECT_EQ(check("a,b\n1,1\n,1\n", "columns: {a: {max_missing_fraction: 0.5}, b: {}}"), Lines{});
}

TEST(Validate, ExpressionsAreHeldAgainstEachRow) {
  const std::string csv = "a,b\n1,2\n5,4\n,1\n9,1\n";
  EXPECT_EQ(
      check(csv, "table: {rules: [{name: order, sql: 'a <= b -- c'}]}\ncolumns: {a: {max_missing_fraction: 1}, b: {}}"),
      (Lines{" order 2: 2= 4="}));
  const Verdict verdict = validate(
      tables::read_csv(csv),
      parse_schema("table: {rules: [{name: r, sql: nope > 1}]}\ncolumns: {a: {max_missing_fraction: 1}, b: {}}"));
  ASSERT_EQ(verdict.anomalies.size(), 1U);
  EXPECT_THAT(verdict.anomalies[0].message, HasSubstr("cannot be computed"));
}

TEST(Validate, ShowsOnlyAsManyRowsAsAsked) {
  ValidateOptions options;
  options.max_examples = 1;
  const Verdict verdict = validate(tables::read_csv("a\n7\n8\n9\n"), parse_schema("columns: {a: {max: 1}}"), options);
  ASSERT_EQ(verdict.anomalies.size(), 1U);
  EXPECT_EQ(verdict.anomalies[0].examples.size(), 1U);
  EXPECT_EQ(verdict.anomalies[0].count, 3U);
  EXPECT_THAT(to_text(verdict, "t.csv"), HasSubstr("and 2 more"));
  EXPECT_EQ(json::parse(to_json(verdict)).at("anomalies").at(0).at("examples").at(0).at("value"), "7");
}

TEST(Validate, ABadPatternIsTheSchemasFault) { EXPECT_THROW(check("a\nx\n", "columns: {a: {pattern: '('}}"), Error); }

TEST(ReadForSchema, DigitsOfATextColumnStayText) {
  const files::TemporaryFolder folder;
  files::write_atomic(folder.file("t.csv"), "code,n\n100,1\n200,2\n");
  const Schema schema = parse_schema("columns: {code: {type: text, values: ['100', '200']}, n: {type: integer}}");
  const Table table = read_for_schema(folder.file("t.csv"), schema);
  EXPECT_EQ(table.get("code").type(), ColumnType::kText);
  EXPECT_TRUE(validate(table, schema).is_valid());
}

Table random_table(uint64_t seed) {
  SeededIdSource random(seed);
  Table table;
  const size_t rows = 1 + random.next_u64() % 300;
  for (int c = 0; c < 6; ++c) {
    Column column(text::concat("c", c), static_cast<ColumnType>(random.next_u64() % 5));
    const uint64_t missing_every = 1 + random.next_u64() % 5;
    const uint64_t spread = 1 + random.next_u64() % 1000;
    for (size_t row = 0; row < rows; ++row) {
      const uint64_t pick = random.next_u64();
      const auto value = static_cast<int64_t>(pick % spread) - static_cast<int64_t>(spread / 3);
      if (pick / 7 % missing_every == 1) {
        column.append_missing();
      } else if (column.type() == ColumnType::kText) {
        column.append_text(text::concat("v", value));
      } else if (column.type() == ColumnType::kDouble) {
        column.append_double(pick % 97 == 0 ? std::numeric_limits<double>::infinity() : static_cast<double>(value) / 7);
      } else {
        column.append_integer(column.type() == ColumnType::kBoolean ? value & 1 : value);
      }
    }
    table.add(std::move(column));
  }
  return table;
}

TEST(Infer, DataIsValidAgainstItsOwnSchema) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    const Table table = random_table(seed);
    const Schema schema = parse_schema(write_schema(infer_schema(table), "t"));
    EXPECT_EQ(summary_of(validate(table, schema)), Lines{}) << "seed " << seed;
  }
}

TEST(Infer, ACorruptedCopyIsRefusedWithItsRows) {
  const std::string path = SLIPWAY_SOURCE_DIR "/tests/data/readings.csv";
  const Schema schema = parse_schema(write_schema(infer_schema(tables::read_table(path)), path));
  EXPECT_EQ(summary_of(validate(tables::read_table(path), schema)), Lines{});

  const files::TemporaryFolder folder;
  std::string bad = files::read(path);
  bad = text::replace_all(bad, "\n3,002,north", "\n3,002,nowhere");
  bad = text::replace_all(bad, "12.96,", "1296,");
  bad = text::replace_all(bad, "\n5,", "\n4,");
  files::write_atomic(folder.file("bad.csv"), bad);
  const Verdict verdict = validate(read_for_schema(folder.file("bad.csv"), schema), schema);
  EXPECT_EQ(summary_of(verdict),
            (Lines{"id unique 1: 5=4", "site values 1: 3=nowhere", "temperature max 1: 1=1296.0"}));
}

}  // namespace
}  // namespace slipway::validation
