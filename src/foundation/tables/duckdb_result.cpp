#include "foundation/tables/duckdb_result.h"

#include <cmath>
#include <limits>
#include <memory>

#include "foundation/base/error.h"

namespace slipway::tables::duckdb {

namespace {

__extension__ using Wide = __int128;
constexpr int64_t kDayMs = 86'400'000;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Source {
  std::string name;
  Type type;
  Type stored;    // of a decimal: the integer type behind it
  int scale = 0;  // of a decimal
};

// Whole numbers wider than 64 bits (sums are HUGEINT) stay whole while they fit and become doubles otherwise.
class Cells {
 public:
  Cells(const Source& source, ColumnType type) : source_(source), type_(type) {}

  void add_chunk(Vector vector, Index rows);
  Column finish();

 private:
  template <typename Read>
  void add_whole(const Read& read, Index rows);
  template <typename Read>
  void add_fractions(const Read& read, Index rows);
  template <typename Stored>
  void add_numbers(const void* data, Index rows);
  template <typename Stored>
  void add_decimals(const void* data, Index rows);
  void add_wide(const HugeInt* data, Index rows);
  void add_text(const String* data, Index rows);
  void add_times(const void* data, Index rows);
  void add_decimal_chunk(const void* data, Index rows);
  bool mark(Index row);
  void become_double();

  const Source& source_;
  ColumnType type_;
  const uint64_t* validity_ = nullptr;
  std::vector<int64_t> integers_;
  std::vector<double> doubles_;
  std::vector<uint64_t> offsets_{0};
  std::string bytes_;
  std::vector<uint8_t> missing_;
};

// Records whether the chunk's row is missing and says so.
bool Cells::mark(Index row) {
  const bool missing = validity_ != nullptr && ((validity_[row / 64] >> (row % 64)) & 1) == 0;
  missing_.push_back(missing ? 1 : 0);
  return missing;
}

template <typename Read>
void Cells::add_whole(const Read& read, Index rows) {
  for (Index row = 0; row < rows; ++row) integers_.push_back(mark(row) ? 0 : read(row));
}

template <typename Read>
void Cells::add_fractions(const Read& read, Index rows) {
  for (Index row = 0; row < rows; ++row) doubles_.push_back(mark(row) ? kNaN : read(row));
}

template <typename Stored>
void Cells::add_numbers(const void* data, Index rows) {
  const auto* values = static_cast<const Stored*>(data);
  if constexpr (std::is_floating_point_v<Stored>) {
    add_fractions([values](Index row) { return static_cast<double>(values[row]); }, rows);
  } else {
    add_whole([values](Index row) { return static_cast<int64_t>(values[row]); }, rows);
  }
}

template <typename Stored>
void Cells::add_decimals(const void* data, Index rows) {
  const auto* values = static_cast<const Stored*>(data);
  const double unit = std::pow(10.0, source_.scale);
  add_fractions([values, unit](Index row) { return static_cast<double>(values[row]) / unit; }, rows);
}

void Cells::become_double() {
  for (size_t i = 0; i < integers_.size(); ++i) {
    doubles_.push_back(missing_[i] != 0 ? kNaN : static_cast<double>(integers_[i]));
  }
  integers_.clear();
  type_ = ColumnType::kDouble;
}

void Cells::add_wide(const HugeInt* data, Index rows) {
  const auto at = [data](Index row) {
    return (static_cast<Wide>(data[row].upper) << 64) + static_cast<Wide>(data[row].lower);
  };
  for (Index row = 0; type_ == ColumnType::kInteger && row < rows; ++row) {
    const bool missing = validity_ != nullptr && ((validity_[row / 64] >> (row % 64)) & 1) == 0;
    const Wide value = missing ? 0 : at(row);
    if (value != static_cast<Wide>(static_cast<int64_t>(value))) become_double();
  }
  if (type_ == ColumnType::kInteger) return add_whole([&](Index row) { return static_cast<int64_t>(at(row)); }, rows);
  add_fractions([&](Index row) { return static_cast<double>(at(row)); }, rows);
}

void Cells::add_text(const String* data, Index rows) {
  for (Index row = 0; row < rows; ++row) {
    if (!mark(row)) bytes_.append(data[row].begin(), data[row].length);
    offsets_.push_back(bytes_.size());
  }
}

int64_t floor_divide(int64_t value, int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }

void Cells::add_times(const void* data, Index rows) {
  if (source_.type == kDate) {
    const auto* days = static_cast<const int32_t*>(data);
    return add_whole([days](Index row) { return days[row] * kDayMs; }, rows);
  }
  const auto* values = static_cast<const int64_t*>(data);
  if (source_.type == kTimestampS) return add_whole([values](Index row) { return values[row] * 1000; }, rows);
  if (source_.type == kTimestampMs) return add_whole([values](Index row) { return values[row]; }, rows);
  const int64_t per_ms = source_.type == kTimestampNs ? 1'000'000 : 1000;
  add_whole([values, per_ms](Index row) { return floor_divide(values[row], per_ms); }, rows);
}

void Cells::add_decimal_chunk(const void* data, Index rows) {
  const bool is_whole = type_ == ColumnType::kInteger || source_.scale == 0;
  switch (source_.stored) {
    case kSmallInt:
      return is_whole ? add_numbers<int16_t>(data, rows) : add_decimals<int16_t>(data, rows);
    case kInteger:
      return is_whole ? add_numbers<int32_t>(data, rows) : add_decimals<int32_t>(data, rows);
    case kBigInt:
      return is_whole ? add_numbers<int64_t>(data, rows) : add_decimals<int64_t>(data, rows);
    default:
      break;
  }
  const auto* values = static_cast<const HugeInt*>(data);
  if (is_whole) return add_wide(values, rows);
  const double unit = std::pow(10.0, source_.scale);
  const auto at = [values, unit](Index row) {
    const Wide value = (static_cast<Wide>(values[row].upper) << 64) + static_cast<Wide>(values[row].lower);
    return static_cast<double>(value) / unit;
  };
  add_fractions(at, rows);
}

void Cells::add_chunk(Vector vector, Index rows) {
  validity_ = api().vector_get_validity(vector);
  const void* data = api().vector_get_data(vector);
  switch (source_.type) {
    case kBoolean:
      return add_numbers<uint8_t>(data, rows);
    case kTinyInt:
      return add_numbers<int8_t>(data, rows);
    case kSmallInt:
      return add_numbers<int16_t>(data, rows);
    case kInteger:
      return add_numbers<int32_t>(data, rows);
    case kBigInt:
      return add_numbers<int64_t>(data, rows);
    case kUTinyInt:
      return add_numbers<uint8_t>(data, rows);
    case kUSmallInt:
      return add_numbers<uint16_t>(data, rows);
    case kUInteger:
      return add_numbers<uint32_t>(data, rows);
    case kFloat:
      return add_numbers<float>(data, rows);
    case kDouble:
      return add_numbers<double>(data, rows);
    case kHugeInt:
      return add_wide(static_cast<const HugeInt*>(data), rows);
    case kDecimal:
      return add_decimal_chunk(data, rows);
    case kVarchar:
      return add_text(static_cast<const String*>(data), rows);
    case kSqlNull:
      for (Index row = 0; row < rows; ++row) {
        missing_.push_back(1);
        offsets_.push_back(0);
      }
      return;
    default:
      return add_times(data, rows);
  }
}

Column Cells::finish() {
  if (type_ == ColumnType::kDouble) return Column::of_doubles(source_.name, std::move(doubles_), std::move(missing_));
  if (type_ == ColumnType::kText) {
    return Column::of_text(source_.name, std::move(offsets_), std::move(bytes_), std::move(missing_));
  }
  return Column::of_integers(source_.name, type_, std::move(integers_), std::move(missing_));
}

ColumnType type_of(const Source& source) {
  switch (source.type) {
    case kBoolean:
      return ColumnType::kBoolean;
    case kFloat:
    case kDouble:
      return ColumnType::kDouble;
    case kVarchar:
    case kSqlNull:
      return ColumnType::kText;
    case kDecimal:
      return source.scale == 0 ? ColumnType::kInteger : ColumnType::kDouble;
    case kDate:
    case kTimestamp:
    case kTimestampS:
    case kTimestampMs:
    case kTimestampNs:
    case kTimestampTz:
      return ColumnType::kTime;
    default:
      return ColumnType::kInteger;
  }
}

Source source_of(Result* result, Index column) {
  Source source;
  source.name = api().column_name(result, column);
  source.type = api().column_type(result, column);
  source.stored = source.type;
  if (source.type != kDecimal) return source;
  LogicalType type = api().column_logical_type(result, column);
  source.scale = api().decimal_scale(type);
  source.stored = api().decimal_internal_type(type);
  api().destroy_logical_type(&type);
  return source;
}

struct ChunkRelease {
  void operator()(void* chunk) const { api().destroy_data_chunk(&chunk); }
};

}  // namespace

bool is_readable(Type type) {
  switch (type) {
    case kBoolean:
    case kTinyInt:
    case kSmallInt:
    case kInteger:
    case kBigInt:
    case kUTinyInt:
    case kUSmallInt:
    case kUInteger:
    case kFloat:
    case kDouble:
    case kTimestamp:
    case kDate:
    case kHugeInt:
    case kVarchar:
    case kDecimal:
    case kTimestampS:
    case kTimestampMs:
    case kTimestampNs:
    case kTimestampTz:
    case kSqlNull:
      return true;
    default:
      return false;
  }
}

Table to_table(QueryResult& result) {
  if (api().result_return_type(*result.get()) != kRows) return {};
  const Index width = api().column_count(result.get());
  std::vector<Source> sources;
  for (Index i = 0; i < width; ++i) sources.push_back(source_of(result.get(), i));
  std::vector<Cells> cells;
  for (const Source& source : sources) cells.emplace_back(source, type_of(source));
  while (const auto chunk = std::unique_ptr<void, ChunkRelease>(api().fetch_chunk(*result.get()))) {
    const Index rows = api().data_chunk_get_size(chunk.get());
    for (Index i = 0; i < width; ++i) cells[i].add_chunk(api().data_chunk_get_vector(chunk.get(), i), rows);
  }
  Table table;
  for (Cells& column : cells) table.add(column.finish());
  return table;
}

}  // namespace slipway::tables::duckdb
