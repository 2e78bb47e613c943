#include "domains/monitoring/chunk_codec.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <unordered_map>

#include "foundation/base/error.h"

namespace slipway::monitoring {

namespace {

static_assert(std::endian::native == std::endian::little, "chunks are little endian");

constexpr std::string_view kMagic = "SPC1";
// A column of equal values takes no bytes per row, so the length of a damaged chunk bounds nothing.
constexpr uint64_t kMaxRows = 1'000'000;
constexpr uint64_t kMaxCells = 50'000'000;

bool is_too_large(uint64_t rows, uint64_t columns) { return rows > kMaxRows || rows * columns > kMaxCells; }

template <typename T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Bytes that one unsigned number up to `greatest` takes.
uint8_t width_of(uint64_t greatest) {
  if (greatest == 0) return 0;
  if (greatest <= UINT8_MAX) return 1;
  if (greatest <= UINT16_MAX) return 2;
  return greatest <= UINT32_MAX ? 4 : 8;
}

void put_unsigned(std::string& out, uint64_t value, uint8_t width) {
  out.append(reinterpret_cast<const char*>(&value), width);
}

void put_missing(std::string& out, const tables::Column& column) {
  out.push_back(column.missing_count() > 0 ? '\1' : '\0');
  if (column.missing_count() == 0) return;
  std::string bits((column.size() + 7) / 8, '\0');
  for (size_t row = 0; row < column.size(); ++row) {
    if (column.is_missing(row)) bits[row / 8] = static_cast<char>(bits[row / 8] | (1 << (row % 8)));
  }
  out += bits;
}

void put_integers(std::string& out, const tables::Column& column) {
  const auto values = column.integers();
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  const int64_t base = values.empty() ? 0 : *least;
  const auto difference = [&](int64_t value) { return static_cast<uint64_t>(value) - static_cast<uint64_t>(base); };
  const uint8_t width = values.empty() ? 0 : width_of(difference(*greatest));
  put(out, base);
  put(out, width);
  for (const int64_t value : values) put_unsigned(out, difference(value), width);
}

void put_text(std::string& out, const tables::Column& column) {
  std::unordered_map<std::string_view, uint32_t> places;
  std::vector<std::string_view> distinct;
  std::vector<uint32_t> indices;
  indices.reserve(column.size());
  for (size_t row = 0; row < column.size(); ++row) {
    const auto [place, is_new] = places.try_emplace(column.text(row), static_cast<uint32_t>(distinct.size()));
    if (is_new) distinct.push_back(place->first);
    indices.push_back(place->second);
  }
  put(out, static_cast<uint32_t>(distinct.size()));
  for (const std::string_view value : distinct) {
    put(out, static_cast<uint32_t>(value.size()));
    out.append(value);
  }
  const uint8_t width = width_of(distinct.empty() ? 0 : distinct.size() - 1);
  put(out, width);
  for (const uint32_t index : indices) put_unsigned(out, index, width);
}

// Takes values from the front; throws data_loss at the end of the bytes.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  std::string_view take(size_t count) {
    if (count > left_.size()) throw data_loss("a stored prediction chunk is cut off");
    const std::string_view out = left_.substr(0, count);
    left_.remove_prefix(count);
    return out;
  }
  template <typename T>
  T number() {
    T out;
    std::memcpy(&out, take(sizeof out).data(), sizeof out);
    return out;
  }
  uint8_t width() {
    const auto out = number<uint8_t>();
    if (out > 8 || (out != 0 && !std::has_single_bit(out))) throw data_loss("a stored prediction chunk is damaged");
    return out;
  }
  bool at_end() const { return left_.empty(); }

 private:
  std::string_view left_;
};

uint64_t unsigned_at(std::string_view bytes, size_t row, uint8_t width) {
  uint64_t out = 0;
  std::memcpy(&out, bytes.data() + row * width, width);
  return out;
}

bool is_set(std::string_view bits, size_t row) {
  return !bits.empty() && ((static_cast<uint8_t>(bits[row / 8]) >> (row % 8)) & 1U) != 0;
}

void read_doubles(Reader& reader, tables::Column& column, size_t rows, std::string_view missing) {
  const std::string_view bytes = reader.take(rows * sizeof(double));
  for (size_t row = 0; row < rows; ++row) {
    double value = 0;
    std::memcpy(&value, bytes.data() + row * sizeof value, sizeof value);
    is_set(missing, row) ? column.append_missing() : column.append_double(value);
  }
}

void read_integers(Reader& reader, tables::Column& column, size_t rows, std::string_view missing) {
  const auto base = static_cast<uint64_t>(reader.number<int64_t>());
  const uint8_t width = reader.width();
  const std::string_view bytes = reader.take(rows * width);
  for (size_t row = 0; row < rows; ++row) {
    const auto value = static_cast<int64_t>(base + unsigned_at(bytes, row, width));
    is_set(missing, row) ? column.append_missing() : column.append_integer(value);
  }
}

void read_text(Reader& reader, tables::Column& column, size_t rows, std::string_view missing) {
  const auto count = reader.number<uint32_t>();
  std::vector<std::string_view> distinct;
  for (uint32_t i = 0; i < count; ++i) distinct.push_back(reader.take(reader.number<uint32_t>()));
  const uint8_t width = reader.width();
  const std::string_view bytes = reader.take(rows * width);
  for (size_t row = 0; row < rows; ++row) {
    const uint64_t index = unsigned_at(bytes, row, width);
    if (index >= distinct.size()) throw data_loss("a stored prediction chunk is damaged");
    is_set(missing, row) ? column.append_missing() : column.append_text(distinct[index]);
  }
}

}  // namespace

std::string encode_chunk(const tables::Table& table) {
  if (is_too_large(table.rows(), table.column_count())) {
    throw too_large("a batch has at most ", kMaxRows, " rows and ", kMaxCells, " cells; send smaller ones");
  }
  std::string out(kMagic);
  put(out, static_cast<uint32_t>(table.rows()));
  put(out, static_cast<uint32_t>(table.column_count()));
  for (const tables::Column& column : table.columns()) {
    put(out, static_cast<uint16_t>(column.name().size()));
    out += column.name();
    put(out, static_cast<uint8_t>(column.type()));
    put_missing(out, column);
    if (column.type() == tables::ColumnType::kDouble) {
      for (const double value : column.doubles()) put(out, value);
    } else if (column.type() == tables::ColumnType::kText) {
      put_text(out, column);
    } else {
      put_integers(out, column);
    }
  }
  return out;
}

tables::Table decode_chunk(std::string_view bytes) {
  Reader reader(bytes);
  if (reader.take(kMagic.size()) != kMagic) throw data_loss("a stored prediction chunk is not one");
  const auto rows = reader.number<uint32_t>();
  const auto columns = reader.number<uint32_t>();
  if (is_too_large(rows, columns)) throw data_loss("a stored prediction chunk is damaged");
  tables::Table out;
  for (uint32_t i = 0; i < columns; ++i) {
    std::string name(reader.take(reader.number<uint16_t>()));
    const auto type = reader.number<uint8_t>();
    if (type > static_cast<uint8_t>(tables::ColumnType::kTime)) throw data_loss("a stored prediction chunk is damaged");
    tables::Column column(std::move(name), static_cast<tables::ColumnType>(type));
    const std::string_view missing = reader.take(reader.number<uint8_t>() != 0 ? (rows + 7) / 8 : 0);
    if (column.type() == tables::ColumnType::kDouble) {
      read_doubles(reader, column, rows, missing);
    } else if (column.type() == tables::ColumnType::kText) {
      read_text(reader, column, rows, missing);
    } else {
      read_integers(reader, column, rows, missing);
    }
    out.add(std::move(column));
  }
  if (!reader.at_end()) throw data_loss("a stored prediction chunk has bytes left over");
  return out;
}

}  // namespace slipway::monitoring
