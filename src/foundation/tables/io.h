// Tables from and to files, by Arrow, which is opened on first use (libslipway_arrow.so beside the program).
//
// CSV type inference does not lie: a column becomes a number only if every cell that is present reads as one and
// printing it gives the same text back, apart from spelling of fractions: `007`, `+1`, `1e5` mixed with codes, numbers
// over 2^53 in a fraction column and telephone numbers with a leading zero stay text. Booleans are true/false only.
// Times are ISO 8601. Missing are empty cells, NA, NaN, null (unquoted). All rows are read before a type is settled.
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
  std::map<std::string, ColumnType, std::less<>>
      types;                   // CSV: forced types; a cell that does not fit is an error with its line
  bool show_progress = false;  // on a terminal, for what takes over a second (CSV)
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
