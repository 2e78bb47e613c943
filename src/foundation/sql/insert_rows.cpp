#include "foundation/sql/insert_rows.h"

#include "foundation/base/text.h"

namespace slipway::sql {

namespace {

constexpr size_t kRowsPerInsert[] = {64, 8, 1};

std::string statement_of(std::string_view head, size_t columns, std::string_view tail, size_t rows) {
  std::string row = "(?";
  for (size_t i = 1; i < columns; ++i) row.append(", ?");
  row.push_back(')');
  std::string out = text::concat(head, " VALUES ", row);
  for (size_t i = 1; i < rows; ++i) out.append(", ").append(row);
  return out.append(tail);
}

}  // namespace

int64_t insert_rows(Transaction& transaction, std::string_view head, size_t columns, std::string_view tail,
                    size_t count, const std::function<void(size_t row, Values& values)>& add) {
  int64_t inserted = 0;
  size_t done = 0;
  for (const size_t rows : kRowsPerInsert) {
    if (count - done < rows) continue;
    const std::string statement = statement_of(head, columns, tail, rows);
    while (count - done >= rows) {
      Values values;
      values.reserve(rows * columns);
      for (size_t i = done; i < done + rows; ++i) add(i, values);
      inserted += transaction.execute(statement, values);
      done += rows;
    }
  }
  return inserted;
}

}  // namespace slipway::sql
