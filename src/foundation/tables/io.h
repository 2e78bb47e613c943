// Tables from and to files, by Arrow, which is opened on first use (libslipway_arrow.so beside the program).
//
// CSV type inference does not lie: a column becomes a number only if every cell that is present reads as one and
// printing it gives the same text back, apart from spelling of fractions: `007`, `+1`, `1e5` mixed with codes, numbers
// over 2^53 in a fraction column and telephone numbers with a leading zero stay text. Booleans are true/false only.
// Times are ISO 8601. Missing are empty cells, NA, NaN, null (unquoted); "" in quotes is an empty text. All rows are
// read before a type is settled. Cells end at the delimiter that the header line shows: comma, semicolon, tab or |.
//
// Columns of Parquet and Arrow files whose type there is no column for (lists, binary, durations, whole numbers over
// 2^63) are left out of a whole table and named in the log; asked for by name they are refused.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "foundation/tables/table.h"

namespace slipway::tables {

enum class FileFormat { kCsv, kParquet, kArrow };
// By extension: .csv .tsv .csv.gz .parquet .pq .arrow .feather; throws invalid_argument naming these.
FileFormat format_of(const std::string& path);

struct ReadOptions {
  std::vector<std::string> columns;  // empty: all, in the file's order
  // CSV: forced types of the columns that are there; a cell that does not fit is an error with its line.
  std::map<std::string, ColumnType, std::less<>> types;
  std::optional<char> delimiter;  // CSV: nothing finds it out
  bool show_progress = false;     // on a terminal, for what takes over a second (CSV)
};

// Errors: not_found, invalid_argument (what is wrong and where: file, line or row group), data_loss for a truncated or
// damaged Parquet file.
Table read_table(const std::string& path, const ReadOptions& options = {});
// From bytes already in memory (a request's body).
Table read_csv(std::string_view content, const ReadOptions& options = {});
Table read_parquet(std::string_view content, const ReadOptions& options = {});
// Written beside the target and renamed: never a half file. Parquet with ZSTD, statistics on. The same table gives the
// same bytes.
void write_table(const Table& table, const std::string& path);

}  // namespace slipway::tables
