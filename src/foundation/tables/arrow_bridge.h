// Columns across the border to libslipway_arrow.so: files' columns come in as Arrow's C structures and become ours, and
// ours go out. The library is opened by the first call. Used by csv.cpp and io.cpp.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "foundation/tables/csv_types.h"
#include "foundation/tables/io.h"
#include "foundation/tables/table.h"

namespace slipway::tables::bridge {

enum class Container { kParquet, kArrow };

// Where the bytes are: a file, or memory when the path is empty. `what` names it in errors.
struct Source {
  std::string path;
  std::string_view bytes;
  std::string what;
};

Table read(Container container, const Source& source, const std::vector<std::string>& columns);

struct CsvRecords {
  std::string_view bytes;  // after the header
  char delimiter = ',';
  size_t width = 0;
  std::vector<size_t> selected;
};
// Calls `settle` for each selected column with its cells; the cells live only as long as the call. Throws
// invalid_argument with Arrow's words when the records cannot be split.
void read_csv_cells(const CsvRecords& records,
                    const std::function<void(size_t position, const std::vector<TextChunk>&)>& settle);

// Every byte of the file goes through `write`, whose exceptions come out of here.
void write(Container container, const Table& table, const std::function<void(std::string_view)>& write);

}  // namespace slipway::tables::bridge
