#include "foundation/tables/io.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "foundation/base/error.h"
#include "foundation/base/files.h"
#include "foundation/base/id.h"
#include "foundation/tables/query.h"

namespace slipway::tables {
namespace {

using ::testing::HasSubstr;

const std::vector<std::string>& odd_texts() {
  static const std::vector<std::string> texts = {
      "",    "NA",    "null", "NaN",  "plain", "comma, inside", "say \"hi\"", "two\nlines", "\r\n", "tab\there",
      "007", "Grüße", "日本", "true", " lead", "trail ",        "\"",         "'",          "1e5",  "-"};
  return texts;
}

void append_random(Column& column, SeededIdSource& random) {
  const uint64_t pick = random.next_u64();
  switch (column.type()) {
    case ColumnType::kBoolean:
      return column.append_integer(static_cast<int64_t>(pick % 2));
    case ColumnType::kInteger:
      return column.append_integer(static_cast<int64_t>(pick) >> (pick % 64));
    case ColumnType::kTime:
      return column.append_integer(static_cast<int64_t>(pick % 4'000'000'000'000) - 1'000'000'000'000);
    case ColumnType::kText:
      return column.append_text(odd_texts()[pick % odd_texts().size()]);
    case ColumnType::kDouble: {
      const double special[] = {
          0.1, -0.0, 1e300, std::numeric_limits<double>::infinity(), NAN, 5e-324, 9007199254740994.0};
      const double plain = static_cast<double>(static_cast<int64_t>(pick)) / 1e7;
      return column.append_double(pick % 16 < std::size(special) ? special[pick % 16] : plain);
    }
  }
}

// Random columns of every type with missing cells; 0 rows are possible.
Table random_table(uint64_t seed) {
  SeededIdSource random(seed);
  Table table;
  const size_t rows = random.next_u64() % 200;
  const uint64_t columns = 1 + random.next_u64() % 7;
  for (uint64_t c = 0; c < columns; ++c) {
    Column column(text::concat("c", c, c % 3 == 2 ? " \"odd\", name" : ""),
                  static_cast<ColumnType>(random.next_u64() % 5));
    const bool has_missing = random.next_u64() % 2 == 0;
    for (size_t row = 0; row < rows; ++row) {
      if (has_missing && random.next_u64() % 4 == 0) {
        column.append_missing();
      } else {
        append_random(column, random);
      }
    }
    table.add(std::move(column));
  }
  return table;
}

void expect_same_cell(const Column& a, const Column& b, size_t row) {
  ASSERT_EQ(a.is_missing(row), b.is_missing(row)) << a.name() << " row " << row;
  if (a.is_missing(row)) return;
  if (a.type() == ColumnType::kText) {
    ASSERT_EQ(a.text(row), b.text(row)) << a.name() << " row " << row;
  } else if (a.type() == ColumnType::kDouble && std::isnan(a.doubles()[row])) {
    ASSERT_TRUE(std::isnan(b.doubles()[row])) << a.name() << " row " << row;
  } else {
    ASSERT_EQ(a.number(row), b.number(row)) << a.name() << " row " << row;
  }
}

void expect_same(const Table& a, const Table& b) {
  ASSERT_EQ(a.column_count(), b.column_count());
  ASSERT_EQ(a.rows(), b.rows());
  for (size_t i = 0; i < a.column_count(); ++i) {
    ASSERT_EQ(a.columns()[i].name(), b.columns()[i].name());
    ASSERT_EQ(a.columns()[i].type(), b.columns()[i].type());
    ASSERT_EQ(a.columns()[i].missing_count(), b.columns()[i].missing_count());
    for (size_t row = 0; row < a.rows(); ++row)
      ASSERT_NO_FATAL_FAILURE(expect_same_cell(a.columns()[i], b.columns()[i], row));
  }
}

ReadOptions forced_types_of(const Table& table) {
  ReadOptions options;
  for (const Column& column : table.columns()) options.types[column.name()] = column.type();
  return options;
}

class RoundTrip : public ::testing::TestWithParam<const char*> {};

TEST_P(RoundTrip, RandomTablesComeBackAsTheyWere) {
  const files::TemporaryFolder folder;
  const std::string path = folder.file(GetParam());
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    const Table table = random_table(seed);
    write_table(table, path);
    // Text cells such as 007 or true alone would settle as another type in CSV.
    Table back;
    ASSERT_NO_THROW(back = read_table(path, forced_types_of(table)));
    ASSERT_NO_FATAL_FAILURE(expect_same(table, back));
  }
}

TEST_P(RoundTrip, TheSameTableGivesTheSameBytes) {
  const files::TemporaryFolder folder;
  write_table(random_table(7), folder.file(std::string("a_") + GetParam()));
  write_table(random_table(7), folder.file(std::string("b_") + GetParam()));
  EXPECT_EQ(files::read(folder.file(std::string("a_") + GetParam())),
            files::read(folder.file(std::string("b_") + GetParam())));
}

TEST_P(RoundTrip, LeavesNothingBesideTheFile) {
  const files::TemporaryFolder folder;
  write_table(random_table(3), folder.file(GetParam()));
  const auto entries = std::filesystem::directory_iterator(folder.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

INSTANTIATE_TEST_SUITE_P(Formats, RoundTrip, ::testing::Values("t.csv", "t.tsv", "t.csv.gz", "t.parquet", "t.arrow"));

TEST(ParquetFile, SplitsIntoRowGroupsAndComesBackWhole) {
  Column ids("id", ColumnType::kInteger);
  Column words("word", ColumnType::kText);
  for (int64_t i = 0; i < 300'000; ++i) {
    ids.append_integer(i);
    if (i % 5 == 0) {
      words.append_missing();
    } else {
      words.append_text(odd_texts()[static_cast<size_t>(i) % odd_texts().size()]);
    }
  }
  Table table;
  table.add(ids);
  table.add(words);
  const files::TemporaryFolder folder;
  write_table(table, folder.file("big.parquet"));
  expect_same(table, read_table(folder.file("big.parquet")));
  ReadOptions options;
  options.columns = {"word"};
  EXPECT_EQ(read_parquet(files::read(folder.file("big.parquet")), options).column_count(), 1U);
}

TEST(ParquetFile, TypesOfOtherWritersFindTheirPlace) {
  const files::TemporaryFolder folder;
  QueryOptions options;
  options.folder = folder.path();
  execute_script(
      "COPY (SELECT i::TINYINT AS a, i::UINTEGER AS b, (i / 4)::FLOAT AS c, (i / 4)::DECIMAL(30, 2) AS d, "
      "i::DECIMAL(12, 0) AS e, DATE '1969-12-31' + i::INTEGER AS f, TIMESTAMP_NS '1969-12-31 23:59:59.9995' AS g, "
      "('v' || i)::ENUM ('v0', 'v1', 'v2') AS h, i = 1 AS j, NULL::INTEGER AS k FROM range(3) t(i) ORDER BY i) "
      "TO 'types.parquet'; COPY (SELECT 1 AS plain, [1, 2] AS nested, "
      "18446744073709551615::UBIGINT AS huge) TO 'nested.parquet'",
      options);
  const Table table = read_table(folder.file("types.parquet"));
  EXPECT_EQ(table.get("a").integers()[2], 2);
  EXPECT_EQ(table.get("b").type(), ColumnType::kInteger);
  EXPECT_EQ(table.get("c").doubles()[1], 0.25);
  EXPECT_EQ(table.get("d").doubles()[2], 0.5);
  EXPECT_EQ(table.get("e").integers()[2], 2);
  EXPECT_EQ(table.get("f").display(0), "1969-12-31T00:00:00.000Z");
  EXPECT_EQ(table.get("g").integers()[0], -1);
  EXPECT_EQ(table.get("h").text(2), "v2");
  EXPECT_EQ(table.get("j").display(1), "true");
  EXPECT_EQ(table.get("k").missing_count(), 3U);
  ReadOptions plain;
  plain.columns = {"plain"};
  EXPECT_EQ(read_table(folder.file("nested.parquet"), plain).rows(), 1U);
  // A whole table is read without it, and the log names it.
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(read_table(folder.file("nested.parquet")).column_count(), 1U);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), AllOf(HasSubstr("nested (list"), HasSubstr("huge (uint64")));
  ReadOptions nested;
  nested.columns = {"nested"};
  try {
    read_table(folder.file("nested.parquet"), nested);
    FAIL() << "a list was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(error.what(), HasSubstr("column 'nested' is of type list"));
  }
}

ErrorCode code_of_reading(const std::string& path, const ReadOptions& options = {}) {
  try {
    read_table(path, options);
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr(std::filesystem::path(path).filename().string()));
    return error.code();
  }
  return ErrorCode::kInternal;
}

TEST(WrongFiles, CutOrChangedFilesAreDataLoss) {
  const files::TemporaryFolder folder;
  for (const char* name : {"t.parquet", "t.arrow"}) {
    write_table(random_table(11), folder.file(name));
    const std::string whole = files::read(folder.file(name));
    for (const size_t keep : {size_t{5}, whole.size() / 2, whole.size() - 1}) {
      const std::string cut = folder.file(std::string("cut_") + name);
      files::write_atomic(cut, whole.substr(0, keep));
      EXPECT_EQ(code_of_reading(cut), ErrorCode::kDataLoss) << name << " cut to " << keep;
    }
  }
  write_table(random_table(11), folder.file("t.csv.gz"));
  const std::string whole = files::read(folder.file("t.csv.gz"));
  files::write_atomic(folder.file("cut.csv.gz"), whole.substr(0, whole.size() - 9));
  EXPECT_EQ(code_of_reading(folder.file("cut.csv.gz")), ErrorCode::kDataLoss);
}

TEST(WrongFiles, AFlippedBitInAPageIsFound) {
  const files::TemporaryFolder folder;
  write_table(random_table(11), folder.file("t.parquet"));
  std::string bytes = files::read(folder.file("t.parquet"));
  bytes[60] = static_cast<char>(bytes[60] ^ 4);
  files::write_atomic(folder.file("flipped.parquet"), bytes);
  EXPECT_EQ(code_of_reading(folder.file("flipped.parquet")), ErrorCode::kDataLoss);
}

TEST(WrongFiles, AbsentForeignAndUnknownFilesAreSaidSo) {
  const files::TemporaryFolder folder;
  EXPECT_EQ(code_of_reading(folder.file("absent.csv")), ErrorCode::kNotFound);
  EXPECT_EQ(code_of_reading(folder.file("absent.parquet")), ErrorCode::kNotFound);
  files::write_atomic(folder.file("text.parquet"), "a,b\n1,2\n");
  EXPECT_EQ(code_of_reading(folder.file("text.parquet")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of_reading(folder.file("table.xlsx")), ErrorCode::kInvalidArgument);
  write_table(random_table(5), folder.file("t.parquet"));
  ReadOptions options;
  options.columns = {"nome"};
  EXPECT_EQ(code_of_reading(folder.file("t.parquet"), options), ErrorCode::kNotFound);
}

TEST(WriteTable, AFailedWriteKeepsTheOldFile) {
  const files::TemporaryFolder folder;
  write_table(random_table(5), folder.file("t.parquet"));
  const std::string before = files::read(folder.file("t.parquet"));
  EXPECT_THROW(write_table(Table(), folder.file("t.parquet")), Error);
  EXPECT_EQ(files::read(folder.file("t.parquet")), before);
  EXPECT_THROW(write_table(random_table(5), "/proc/nowhere/t.parquet"), Error);
}

}  // namespace
}  // namespace slipway::tables
