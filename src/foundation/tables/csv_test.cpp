#include "foundation/tables/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "foundation/base/error.h"
#include "foundation/tables/csv_scan.h"

namespace slipway::tables {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The type that a column of these cells gets.
ColumnType type_of(const std::vector<std::string>& cells) {
  std::string content = "first,c\n";
  for (const std::string& cell : cells) content += "x," + cell + "\n";
  return read_csv(content).get("c").type();
}

std::string error_of(std::string_view content, const ReadOptions& options = {}) {
  try {
    read_csv(content, options);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    return error.what();
  }
  return "no error";
}

TEST(CsvTypes, WholeNumbersAreIntegersOnlyWhenTheyPrintBack) {
  EXPECT_EQ(type_of({"1", "-20", "0", "9223372036854775807"}), ColumnType::kInteger);
  EXPECT_EQ(type_of({"007"}), ColumnType::kText);
  EXPECT_EQ(type_of({"1", "2", "007"}), ColumnType::kText);
  EXPECT_EQ(type_of({"+1", "2"}), ColumnType::kText);
  EXPECT_EQ(type_of({" 1", "2"}), ColumnType::kText);
  EXPECT_EQ(type_of({"9223372036854775808"}), ColumnType::kText);
  EXPECT_EQ(type_of({"0171234567", "0301234567"}), ColumnType::kText);
  EXPECT_EQ(type_of({"0x10"}), ColumnType::kText);
}

TEST(CsvTypes, FractionsMayBeSpelledFreelyButLoseNothing) {
  EXPECT_EQ(type_of({"1.50", "2", "-.5", "3."}), ColumnType::kDouble);
  EXPECT_EQ(type_of({"1.5e10", "1e-05", "1e+16"}), ColumnType::kDouble);
  EXPECT_EQ(type_of({"1e5", "2E3"}), ColumnType::kText);
  EXPECT_EQ(type_of({"1.5", "A17"}), ColumnType::kText);
  EXPECT_EQ(type_of({"1.5", "007"}), ColumnType::kText);
  EXPECT_EQ(type_of({"1.5", "9007199254740993"}), ColumnType::kText);
  EXPECT_EQ(type_of({"1.5", "12345678901234567.25"}), ColumnType::kText);
  EXPECT_EQ(type_of({"0.5", "9007199254740994.0"}), ColumnType::kDouble);
  EXPECT_EQ(type_of({"1.5", "inf", "nan"}), ColumnType::kDouble);
  EXPECT_EQ(type_of({"nan", "inf"}), ColumnType::kText);
  EXPECT_EQ(type_of({"1.2.3"}), ColumnType::kText);
  EXPECT_EQ(type_of({"."}), ColumnType::kText);
}

TEST(CsvTypes, BooleansAreTheWordsAndTimesAreIso) {
  EXPECT_EQ(type_of({"true", "false"}), ColumnType::kBoolean);
  EXPECT_EQ(type_of({"True", "False"}), ColumnType::kBoolean);
  EXPECT_EQ(type_of({"yes", "no"}), ColumnType::kText);
  EXPECT_EQ(type_of({"0", "1"}), ColumnType::kInteger);
  EXPECT_EQ(type_of({"2013-01-01", "2013-02-28"}), ColumnType::kTime);
  EXPECT_EQ(type_of({"2013-01-01T10:00:00Z", "2013-01-01 10:00:00"}), ColumnType::kTime);
  EXPECT_EQ(type_of({"2013-02-30"}), ColumnType::kText);
  EXPECT_EQ(type_of({"01/02/2013"}), ColumnType::kText);
  EXPECT_EQ(type_of({"true", "1"}), ColumnType::kText);
}

TEST(CsvTypes, ASurpriseInTheLastRowIsSeen) {
  std::string content = "c\n";
  for (int i = 0; i < 300000; ++i) content += std::to_string(i) + "\n";
  EXPECT_EQ(read_csv(content).get("c").type(), ColumnType::kInteger);
  const Table table = read_csv(content + "007\n");
  EXPECT_EQ(table.get("c").type(), ColumnType::kText);
  EXPECT_EQ(table.rows(), 300001U);
  EXPECT_EQ(table.get("c").text(300000), "007");
}

TEST(CsvTypes, OnlyUnquotedWordsAreMissing) {
  const Table table = read_csv("a,b\nNA,1\n\"NA\",\nnull,NaN\n\"\",4\nx,NA\n");
  const Column& a = table.get("a");
  EXPECT_EQ(a.missing_count(), 2U);
  EXPECT_EQ(a.text(1), "NA");
  EXPECT_FALSE(a.is_missing(3));
  const Column& b = table.get("b");
  EXPECT_EQ(b.type(), ColumnType::kInteger);
  EXPECT_EQ(b.missing_count(), 3U);
  EXPECT_EQ(b.integers()[3], 4);
}

TEST(CsvTypes, AQuotedEmptyCellIsMissingAmongNumbers) {
  const Table table = read_csv("a,b\n\"1\",\"x\"\n\"\",\"\"\n\"3\",\"y\"\n");
  EXPECT_EQ(table.get("a").type(), ColumnType::kInteger);
  EXPECT_TRUE(table.get("a").is_missing(1));
  EXPECT_FALSE(table.get("b").is_missing(1));
}

TEST(CsvTypes, ForcedTypesReadAnySpelling) {
  ReadOptions options;
  options.types = {{"a", ColumnType::kInteger}, {"b", ColumnType::kText}, {"c", ColumnType::kBoolean}};
  const Table table = read_csv("a,b,c\n007,1,yes\n+8,2,0\n40.0,3,no\n", options);
  EXPECT_THAT(table.get("a").integers(), ElementsAre(7, 8, 40));
  EXPECT_EQ(table.get("b").text(0), "1");
  EXPECT_THAT(table.get("c").integers(), ElementsAre(1, 0, 0));
  EXPECT_THAT(error_of("a,b,c\n40.5,1,yes\n", options), HasSubstr("'40.5' in column 'a' is not of type integer"));
}

TEST(CsvTypes, ForcedTypesOfColumnsThatAreNotThereAreLeftAlone) {
  ReadOptions options;
  options.types = {{"absent", ColumnType::kInteger}};
  EXPECT_EQ(read_csv("a\n1\n", options).rows(), 1U);
}

TEST(Csv, FindsTheDelimiterInTheHeader) {
  for (const char delimiter : {',', ';', '\t', '|'}) {
    std::string content = "name;\"a,b;c|d\";x\n\"1,5\";2;3\n";
    if (delimiter != ';')
      content =
          "name" + std::string(1, delimiter) + "\"a,b;c|d\"" + delimiter + "x\n1" + delimiter + "2" + delimiter + "3\n";
    const Table table = read_csv(content);
    ASSERT_EQ(table.column_count(), 3U) << delimiter;
    EXPECT_EQ(table.columns()[1].name(), "a,b;c|d");
  }
  EXPECT_EQ(read_csv("one\n1\n").column_count(), 1U);
  ReadOptions comma;
  comma.delimiter = ',';
  EXPECT_EQ(read_csv("a;b\n1;2\n", comma).column_count(), 1U) << "what the caller says holds";
}

TEST(CsvTypes, ACellThatIsNotOfTheForcedTypeIsNamedWithItsLine) {
  ReadOptions options;
  options.types = {{"b", ColumnType::kInteger}};
  EXPECT_EQ(error_of("a,b\n\"two\nlines\",1\n\n\nx,many\n", options),
            "the CSV text line 6: 'many' in column 'b' is not of type integer");
}

TEST(Csv, ReadsQuotesNewlinesAndCarriageReturns) {
  const Table table =
      read_csv("\xEF\xBB\xBFname,\"the \"\"note\"\"\"\r\nAda,\"a, b\r\nc\"\r\nBob,\"say \"\"hi\"\"\"\r\n");
  ASSERT_EQ(table.columns()[1].name(), "the \"note\"");
  EXPECT_EQ(table.columns()[0].name(), "name");
  EXPECT_EQ(table.columns()[1].text(0), "a, b\r\nc");
  EXPECT_EQ(table.columns()[1].text(1), "say \"hi\"");
}

TEST(Csv, ReadsOnlyTheColumnsAskedForInTheirOrder) {
  ReadOptions options;
  options.columns = {"c", "a"};
  const Table table = read_csv("a,b,c\n1,2,3\n", options);
  EXPECT_EQ(table.column_count(), 2U);
  EXPECT_EQ(table.columns()[0].name(), "c");
  options.columns = {"d"};
  EXPECT_THROW(read_csv("a,b,c\n1,2,3\n", options), Error);
}

TEST(Csv, AHeaderAloneIsATableWithoutRows) {
  const Table table = read_csv("a,b\n");
  EXPECT_EQ(table.rows(), 0U);
  EXPECT_EQ(table.column_count(), 2U);
}

TEST(Csv, ANamelessColumnGetsItsNumber) { EXPECT_NE(read_csv(",b\n1,2\n").find("column_1"), nullptr); }

TEST(Csv, FaultsNameTheLine) {
  EXPECT_THAT(error_of(""), HasSubstr("is empty"));
  EXPECT_THAT(error_of("a,b\n1,2\n\"x\ny\",1\n1,2,3\n"), HasSubstr("line 5: 3 cells where the header has 2 columns"));
  EXPECT_THAT(error_of("a,b\n1\n"), HasSubstr("line 2: 1 cells"));
  EXPECT_THAT(error_of("a,a\n1,2\n"), HasSubstr("two columns are named 'a'"));
  EXPECT_THAT(error_of("a,b\n1,caf\xE9\n"), HasSubstr("line 2: the text is not UTF-8"));
  EXPECT_THAT(error_of("a,b\n1,\"never closed\n2,3\n"), HasSubstr("line 2: a quote is never closed"));
}

TEST(Csv, ARecordLongerThanABlockIsRead) {
  const std::string big(3'000'000, 'x');
  const Table table = read_csv("a,b\n1,\"" + big + "\"\n2,y\n");
  EXPECT_EQ(table.get("b").text(0).size(), big.size());
  EXPECT_EQ(table.rows(), 2U);
}

TEST(Csv, WritesTextThatWouldReadAsMissingInQuotes) {
  Column column("c", ColumnType::kText);
  for (const char* cell : {"NA", "", "plain", "a,b", "say \"hi\""}) column.append_text(cell);
  column.append_missing();
  Table table;
  table.add(column);
  std::string out;
  format_csv(table, ',', [&out](std::string_view bytes) { out.append(bytes); });
  EXPECT_EQ(out, "c\n\"NA\"\n\"\"\nplain\n\"a,b\"\n\"say \"\"hi\"\"\"\nNA\n");
}

TEST(CsvScanner, KnowsTheLineOfEachRecord) {
  CsvScanner scanner("a\n\n\"b\nc\"\r\nd", ',');
  ASSERT_TRUE(scanner.next());
  EXPECT_EQ(scanner.line(), 1U);
  ASSERT_TRUE(scanner.next());
  EXPECT_EQ(scanner.line(), 3U);
  EXPECT_THAT(scanner.fields(), ElementsAre("b\nc"));
  ASSERT_TRUE(scanner.next());
  EXPECT_EQ(scanner.line(), 5U);
  EXPECT_FALSE(scanner.next());
}

}  // namespace
}  // namespace slipway::tables
