#include "foundation/tables/table.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "foundation/base/error.h"
#include "foundation/base/text.h"

namespace slipway::tables {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::string names_of(const std::vector<Column>& columns) {
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const Column& column : columns) names.push_back(column.name());
  return text::join(names, ", ");
}

template <typename Value>
std::vector<Value> gather(std::span<const Value> from, std::span<const size_t> indices) {
  std::vector<Value> out(indices.size());
  std::transform(indices.begin(), indices.end(), out.begin(), [&](size_t index) { return from[index]; });
  return out;
}

Column gather_text(const Column& from, std::span<const size_t> indices, std::vector<uint8_t> missing) {
  std::vector<uint64_t> offsets(indices.size() + 1, 0);
  const std::span<const uint64_t> source = from.text_offsets();
  for (size_t i = 0; i < indices.size(); ++i) {
    offsets[i + 1] = offsets[i] + (source[indices[i] + 1] - source[indices[i]]);
  }
  std::string bytes;
  bytes.reserve(offsets.back());
  for (const size_t index : indices) bytes.append(from.text(index));
  return Column::of_text(from.name(), std::move(offsets), std::move(bytes), std::move(missing));
}

Column take_cells(const Column& from, std::span<const size_t> indices) {
  std::vector<uint8_t> missing;
  if (from.missing_count() != 0) missing = gather(from.missing(), indices);
  switch (from.type()) {
    case ColumnType::kDouble:
      return Column::of_doubles(from.name(), gather(from.doubles(), indices), std::move(missing));
    case ColumnType::kText:
      return gather_text(from, indices, std::move(missing));
    default:
      return Column::of_integers(from.name(), from.type(), gather(from.integers(), indices), std::move(missing));
  }
}

}  // namespace

std::string_view name_of(ColumnType type) {
  switch (type) {
    case ColumnType::kBoolean:
      return "boolean";
    case ColumnType::kInteger:
      return "integer";
    case ColumnType::kDouble:
      return "double";
    case ColumnType::kText:
      return "text";
    case ColumnType::kTime:
      return "time";
  }
  return "unknown";
}

double Column::number(size_t row) const {
  if (is_missing(row)) return kNaN;
  if (type_ == ColumnType::kDouble) return doubles_[row];
  return type_ == ColumnType::kText ? kNaN : static_cast<double>(integers_[row]);
}

std::string Column::display(size_t row) const {
  if (is_missing(row)) return "";
  switch (type_) {
    case ColumnType::kBoolean:
      return integers_[row] != 0 ? "true" : "false";
    case ColumnType::kInteger:
      return std::to_string(integers_[row]);
    case ColumnType::kDouble:
      return text::format_double(doubles_[row]);
    case ColumnType::kText:
      return std::string(text(row));
    case ColumnType::kTime:
      return text::format_time_ms(integers_[row]);
  }
  return "";
}

Column Column::of_doubles(std::string name, std::vector<double> values, std::vector<uint8_t> missing) {
  Column column(std::move(name), ColumnType::kDouble);
  column.doubles_ = std::move(values);
  column.adopt_missing(std::move(missing));
  return column;
}

Column Column::of_integers(std::string name, ColumnType type, std::vector<int64_t> values,
                           std::vector<uint8_t> missing) {
  Column column(std::move(name), type);
  column.integers_ = std::move(values);
  column.adopt_missing(std::move(missing));
  return column;
}

Column Column::of_text(std::string name, std::vector<uint64_t> offsets, std::string bytes,
                       std::vector<uint8_t> missing) {
  if (offsets.empty() || offsets.front() != 0 || offsets.back() != bytes.size()) {
    throw internal_error("column '", name, "': the offsets do not span the text");
  }
  Column column(std::move(name), ColumnType::kText);
  column.offsets_ = std::move(offsets);
  column.bytes_ = std::move(bytes);
  column.adopt_missing(std::move(missing));
  return column;
}

void Column::reserve(size_t rows) {
  if (type_ == ColumnType::kDouble) {
    doubles_.reserve(rows);
  } else if (type_ == ColumnType::kText) {
    offsets_.reserve(rows + 1);
  } else {
    integers_.reserve(rows);
  }
}

void Column::append_missing() {
  if (type_ == ColumnType::kDouble) {
    doubles_.push_back(kNaN);
  } else if (type_ == ColumnType::kText) {
    offsets_.push_back(bytes_.size());
  } else {
    integers_.push_back(0);
  }
  mark(true);
}

void Column::append_cell(const Column& from, size_t row) {
  if (from.is_missing(row)) return append_missing();
  if (type_ == ColumnType::kDouble) return append_double(from.number(row));
  if (type_ == ColumnType::kText) return append_text(from.text(row));
  append_integer(from.integers_[row]);
}

void Column::mark_slowly(bool missing) {
  missing_.resize(size() - 1, 0);
  missing_.push_back(missing ? 1 : 0);
  if (missing) ++missing_count_;
}

void Column::adopt_missing(std::vector<uint8_t> missing) {
  missing_count_ = static_cast<size_t>(std::count_if(missing.begin(), missing.end(), [](uint8_t m) { return m != 0; }));
  if (missing_count_ == 0) return;
  if (missing.size() != size()) throw internal_error("column '", name_, "': one missing mark per row is needed");
  missing_ = std::move(missing);
}

void Table::add(Column column) {
  if (find(column.name()) != nullptr) throw invalid_argument("there are two columns named '", column.name(), "'");
  if (!columns_.empty() && column.size() != rows()) {
    throw invalid_argument("column '", column.name(), "' has ", column.size(), " rows, the table has ", rows());
  }
  columns_.push_back(std::move(column));
}

const Column* Table::find(std::string_view name) const {
  const auto found = std::find_if(columns_.begin(), columns_.end(), [&](const Column& c) { return c.name() == name; });
  return found == columns_.end() ? nullptr : &*found;
}

const Column& Table::get(std::string_view name) const {
  const Column* column = find(name);
  if (column == nullptr) throw not_found("no column '", name, "'; the columns are ", names_of(columns_));
  return *column;
}

Table Table::take(std::span<const size_t> indices) const {
  const size_t count = rows();
  if (std::any_of(indices.begin(), indices.end(), [&](size_t index) { return index >= count; })) {
    throw invalid_argument("a row to take is outside the table of ", count, " rows");
  }
  Table out;
  for (const Column& column : columns_) out.columns_.push_back(take_cells(column, indices));
  return out;
}

Table Table::select(const std::vector<std::string>& names) const {
  Table out;
  for (const std::string& name : names) out.add(get(name));
  return out;
}

}  // namespace slipway::tables
