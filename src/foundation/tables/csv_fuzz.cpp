#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "foundation/base/error.h"
#include "foundation/tables/csv.h"

// Whatever the bytes are: a table or an Error; and a table that was read is written and read again with as many cells.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace slipway::tables;
  try {
    const Table table = read_csv({reinterpret_cast<const char*>(data), size});
    std::string written;
    format_csv(table, ',', [&written](std::string_view bytes) { written.append(bytes); });
    ReadOptions comma;
    comma.delimiter = ',';
    const Table again = read_csv(written, comma);
    if (again.rows() != table.rows() || again.column_count() != table.column_count()) std::abort();
  } catch (const slipway::Error&) {
    return 0;
  }
  return 0;
}
