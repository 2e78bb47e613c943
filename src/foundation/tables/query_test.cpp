#include "foundation/tables/query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/tables/io.h"
#include "foundation/tables/sql_script.h"

namespace slipway::tables {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string error_of(const std::string& script, const QueryOptions& options = {}) {
  try {
    query(script, options);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    return error.what();
  }
  return "no error";
}

TEST(Query, GivesEveryTypeItsColumn) {
  const Table table = query(
      "SELECT 1::TINYINT AS a, 2::BIGINT AS b, 1.5::DECIMAL(9,2) AS c, 3::DECIMAL(20,0) AS d, 2.5::FLOAT AS e, "
      "true AS f, 'a text longer than twelve bytes' AS g, DATE '2013-01-02' AS h, TIMESTAMP '2013-01-01 05:00:00.25' "
      "AS i, "
      "18446744073709551615::UBIGINT AS j, [1, 2] AS k, NULL AS l, TIME '10:11:12' AS m, "
      "'2013-01-01 05:00:00+02'::TIMESTAMPTZ AS n, 12345678901234567890.25::DECIMAL(38,2) AS o, 7::UBIGINT AS p");
  EXPECT_EQ(table.get("a").type(), ColumnType::kInteger);
  EXPECT_EQ(table.get("b").integers()[0], 2);
  EXPECT_EQ(table.get("c").doubles()[0], 1.5);
  EXPECT_EQ(table.get("d").integers()[0], 3);
  EXPECT_EQ(table.get("e").doubles()[0], 2.5);
  EXPECT_EQ(table.get("f").display(0), "true");
  EXPECT_EQ(table.get("g").text(0), "a text longer than twelve bytes");
  EXPECT_EQ(table.get("h").display(0), "2013-01-02T00:00:00.000Z");
  EXPECT_EQ(table.get("i").display(0), "2013-01-01T05:00:00.250Z");
  EXPECT_EQ(table.get("j").doubles()[0], 18446744073709551615.0);
  EXPECT_EQ(table.get("k").text(0), "[1, 2]");
  EXPECT_TRUE(table.get("l").is_missing(0));
  EXPECT_EQ(table.get("m").text(0), "10:11:12");
  EXPECT_EQ(table.get("n").display(0), "2013-01-01T03:00:00.000Z");
  EXPECT_EQ(table.get("o").doubles()[0], 12345678901234567890.25);
  EXPECT_EQ(table.get("p").integers()[0], 7);
}

TEST(Query, KeepsMissingCellsAndWideSumsWhole) {
  const Table table = query(
      "SELECT i, CASE WHEN i % 3 = 0 THEN NULL ELSE i END AS j, sum(i) OVER (ORDER BY i) AS s "
      "FROM range(5000) t(i) ORDER BY i");
  ASSERT_EQ(table.rows(), 5000U);
  EXPECT_EQ(table.get("j").missing_count(), 1667U);
  EXPECT_TRUE(table.get("j").is_missing(4998));
  EXPECT_EQ(table.get("s").type(), ColumnType::kInteger);
  EXPECT_EQ(table.get("s").integers()[4999], 4999 * 5000 / 2);
}

TEST(Query, AWideNumberTurnsTheColumnIntoFractions) {
  const Table table = query(
      "SELECT CASE WHEN i = 4000 THEN (1::HUGEINT << 100) WHEN i = 1 THEN NULL ELSE i END AS w FROM range(5000) t(i)");
  EXPECT_EQ(table.get("w").type(), ColumnType::kDouble);
  EXPECT_EQ(table.get("w").doubles()[3], 3.0);
  EXPECT_TRUE(table.get("w").is_missing(1));
  EXPECT_EQ(table.get("w").doubles()[4000], std::ldexp(1.0, 100));
}

TEST(Query, RunsAScriptAndGivesTheLastResult) {
  const Table table = query(
      "CREATE TABLE t AS SELECT 1 AS a; -- a comment; with a semicolon\n"
      "INSERT INTO t VALUES (2), (3);\nSELECT sum(a) AS total, 'x;y' AS text FROM t;\n\n-- end");
  EXPECT_EQ(table.get("total").integers()[0], 6);
  EXPECT_EQ(table.get("text").text(0), "x;y");
  EXPECT_EQ(query("CREATE TABLE t (a INTEGER)").column_count(), 0U);
  EXPECT_EQ(query("PIVOT (SELECT * FROM (VALUES ('a', 1), ('b', 2)) t(k, v)) ON k USING sum(v)").column_count(), 2U);
}

TEST(Query, ReadsAndWritesInTheFolder) {
  const files::TemporaryFolder folder("it's");
  files::write_atomic(folder.file("in.csv"), "a,b\n1,x\n2,y\n");
  QueryOptions options;
  options.folder = folder.path();
  options.variables = {{"limit", "2"}};
  execute_script("COPY (SELECT * FROM 'in.csv' WHERE a >= {{ limit }}) TO 'out.parquet' (FORMAT parquet);", options);
  const Table table = read_table(folder.file("out.parquet"));
  EXPECT_THAT(table.get("a").integers(), ElementsAre(2));
  EXPECT_EQ(query("SELECT count(*) AS n FROM read_parquet('out.parquet')", options).get("n").integers()[0], 1);
}

TEST(Query, ErrorsNameTheLineOfTheScript) {
  EXPECT_THAT(error_of("SELECT 1;\n\nSELECT nothing\nFROM nowhere;"), HasSubstr("line 4: Catalog Error"));
  EXPECT_THAT(error_of("SELECT 1;\nSELEC 2;"), HasSubstr("line 2: Parser Error"));
  EXPECT_THAT(error_of("SELECT 1;\nSELECT 'a'::INTEGER"), HasSubstr("line 2: Conversion Error"));
  EXPECT_THAT(error_of("SELECT 1;\nSELECT {{month}}"), HasSubstr("line 2: variable 'month' is not set"));
  EXPECT_THAT(error_of("-- nothing\n"), HasSubstr("no statement"));
  EXPECT_THAT(error_of("SELECT 1 AS a, 2 AS a"), HasSubstr("two columns named 'a'"));
}

TEST(Query, FetchesNothingFromElsewhere) {
  EXPECT_THAT(error_of("SELECT * FROM read_csv('https://example.org/a.csv')"), HasSubstr("httpfs"));
}

TEST(SqlScript, SplitsOutsideQuotesAndComments) {
  const auto statements =
      split_statements("SELECT ';', \";\" /* ; /* nested; */ */;\n-- ;\n\nSELECT $$;$$, $a$ ; $a$; ;");
  ASSERT_EQ(statements.size(), 2U);
  EXPECT_EQ(statements[0].text, "SELECT ';', \";\" /* ; /* nested; */ */");
  EXPECT_EQ(statements[1].line, 4U);
  EXPECT_EQ(statements[1].text, "SELECT $$;$$, $a$ ; $a$");
}

TEST(SqlScript, PlacesOnlyRelativeTargetsOfCopy) {
  EXPECT_EQ(place_output("COPY (SELECT 'to' TO_ FROM t) TO 'a.csv' (HEADER)", "f"),
            "COPY (SELECT 'to' TO_ FROM t) TO 'f/a.csv' (HEADER)");
  EXPECT_EQ(place_output("copy t to '/abs/a.csv'", "f"), "copy t to '/abs/a.csv'");
  EXPECT_EQ(place_output("SELECT 1 AS to", "f"), "SELECT 1 AS to");
  EXPECT_EQ(place_output("COPY t FROM 'a.csv'", "f"), "COPY t FROM 'a.csv'");
}

}  // namespace
}  // namespace slipway::tables
