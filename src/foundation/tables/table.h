// The in-memory table: named columns of one type each, with missing values. Profiles, validation, training, evaluation,
// drift and serving work on it; readers and writers (CSV, Parquet, SQL) are in tables/io.h and tables/query.h.
//
// Layout per column is a plain vector (numbers) or offsets into one byte buffer (text), so that kernels run over spans
// without a virtual call per cell. Times are UTC milliseconds.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::tables {

enum class ColumnType { kBoolean, kInteger, kDouble, kText, kTime };
std::string_view name_of(ColumnType type);

class Column {
 public:
  Column(std::string name, ColumnType type) : name_(std::move(name)), type_(type) {}

  const std::string& name() const { return name_; }
  void rename(std::string name) { name_ = std::move(name); }
  ColumnType type() const { return type_; }
  size_t size() const {
    if (type_ == ColumnType::kDouble) return doubles_.size();
    return type_ == ColumnType::kText ? offsets_.size() - 1 : integers_.size();
  }
  size_t missing_count() const { return missing_count_; }
  bool is_missing(size_t row) const { return missing_count_ != 0 && missing_[row] != 0; }

  // kDouble; missing cells hold NaN (a NaN in the data is a value of its own: is_missing tells them apart).
  std::span<const double> doubles() const { return doubles_; }
  // kInteger, kBoolean (0 or 1), kTime (milliseconds); missing cells hold 0.
  std::span<const int64_t> integers() const { return integers_; }
  // kText; missing cells are empty.
  std::string_view text(size_t row) const {
    return std::string_view(bytes_).substr(offsets_[row], offsets_[row + 1] - offsets_[row]);
  }
  // Any numeric type as a double, NaN when missing.
  double number(size_t row) const;
  // For people and CSV: "" when missing, times in ISO 8601.
  std::string display(size_t row) const;

  // Readers and writers move whole columns: one byte per row that is 1 where missing, empty when nothing is missing.
  std::span<const uint8_t> missing() const { return missing_; }
  // kText: size() + 1 positions in text_bytes().
  std::span<const uint64_t> text_offsets() const { return offsets_; }
  std::string_view text_bytes() const { return bytes_; }
  // Takes vectors that are filled already; missing cells hold what the accessors above promise.
  static Column of_doubles(std::string name, std::vector<double> values, std::vector<uint8_t> missing = {});
  static Column of_integers(std::string name, ColumnType type, std::vector<int64_t> values,
                            std::vector<uint8_t> missing = {});
  static Column of_text(std::string name, std::vector<uint64_t> offsets, std::string bytes,
                        std::vector<uint8_t> missing = {});

  void reserve(size_t rows);
  void append_missing();
  // kInteger, kBoolean, kTime, and kDouble, which converts.
  void append_integer(int64_t value);
  // kDouble only.
  void append_double(double value);
  void append_text(std::string_view value);
  // The cell of another column of the same type.
  void append_cell(const Column& from, size_t row);

 private:
  std::string name_;
  ColumnType type_;
  std::vector<double> doubles_;
  std::vector<int64_t> integers_;
  std::vector<uint64_t> offsets_{0};
  std::string bytes_;
  std::vector<uint8_t> missing_;  // one per row, kept only once something is missing
  size_t missing_count_ = 0;

  // After each append: remembers whether the new last cell is missing.
  void mark(bool missing) {
    if (missing || !missing_.empty()) mark_slowly(missing);
  }
  void mark_slowly(bool missing);
  void adopt_missing(std::vector<uint8_t> missing);
};

inline void Column::append_integer(int64_t value) {
  if (type_ == ColumnType::kDouble) {
    doubles_.push_back(static_cast<double>(value));
  } else {
    integers_.push_back(value);
  }
  mark(false);
}

inline void Column::append_double(double value) {
  doubles_.push_back(value);
  mark(false);
}

inline void Column::append_text(std::string_view value) {
  bytes_.append(value);
  offsets_.push_back(bytes_.size());
  mark(false);
}

// Columns of equal length with distinct names.
class Table {
 public:
  size_t rows() const { return columns_.empty() ? 0 : columns_[0].size(); }
  size_t column_count() const { return columns_.size(); }
  const std::vector<Column>& columns() const { return columns_; }
  // Throws invalid_argument for a second column of that name or another length.
  void add(Column column);
  const Column* find(std::string_view name) const;
  // Throws not_found naming the columns there are.
  const Column& get(std::string_view name) const;
  // The rows in `indices`, in that order, repeats allowed; the columns named, in that order.
  Table take(std::span<const size_t> indices) const;
  Table select(const std::vector<std::string>& names) const;

 private:
  std::vector<Column> columns_;
};

}  // namespace slipway::tables
