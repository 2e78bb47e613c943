#include <algorithm>

#include "domains/monitoring/prediction_store.h"

namespace slipway::monitoring {

namespace {

using tables::Column;
using tables::ColumnType;

bool is_number(ColumnType type) {
  return type == ColumnType::kDouble || type == ColumnType::kInteger || type == ColumnType::kBoolean;
}

bool all_missing(const Column& column) { return column.missing_count() == column.size(); }

ColumnType common_type(ColumnType a, ColumnType b) {
  if (a == b) return a;
  if (!is_number(a) || !is_number(b)) return ColumnType::kText;
  return a == ColumnType::kDouble || b == ColumnType::kDouble ? ColumnType::kDouble : ColumnType::kInteger;
}

void append_converted(Column& to, const Column& from, size_t row) {
  if (from.is_missing(row)) {
    to.append_missing();
  } else if (to.type() == from.type()) {
    to.append_cell(from, row);
  } else if (to.type() == ColumnType::kDouble) {
    to.append_double(from.number(row));
  } else if (to.type() == ColumnType::kText) {
    to.append_text(from.display(row));
  } else {
    to.append_integer(from.integers()[row]);
  }
}

struct Wanted {
  std::string name;
  ColumnType type;
  bool settled;  // some part has a value to judge by
};

std::vector<Wanted> columns_of(const std::vector<tables::Table>& parts) {
  std::vector<Wanted> out;
  for (const tables::Table& part : parts) {
    for (const Column& column : part.columns()) {
      const bool has_values = !all_missing(column);
      const auto known =
          std::find_if(out.begin(), out.end(), [&](const Wanted& wanted) { return wanted.name == column.name(); });
      if (known == out.end()) {
        out.push_back({column.name(), column.type(), has_values});
      } else if (has_values) {
        known->type = known->settled ? common_type(known->type, column.type()) : column.type();
        known->settled = true;
      }
    }
  }
  return out;
}

}  // namespace

tables::Table concatenate(const std::vector<tables::Table>& parts, const std::vector<std::vector<size_t>>& rows) {
  tables::Table out;
  for (const Wanted& wanted : columns_of(parts)) {
    Column column(wanted.name, wanted.type);
    for (size_t part = 0; part < parts.size(); ++part) {
      const Column* from = parts[part].find(wanted.name);
      for (const size_t row : rows[part]) {
        if (from == nullptr) {
          column.append_missing();
        } else {
          append_converted(column, *from, row);
        }
      }
    }
    out.add(std::move(column));
  }
  return out;
}

}  // namespace slipway::monitoring
