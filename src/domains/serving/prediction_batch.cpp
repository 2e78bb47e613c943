#include "domains/serving/prediction_batch.h"

#include <bit>
#include <cstring>
#include <type_traits>

#include "foundation/base/error.h"

namespace slipway::serving {

namespace {

static_assert(std::endian::native == std::endian::little, "records are written in the machine's order");

constexpr uint8_t kFormatWithoutKey = 1;
constexpr uint8_t kFormat = 2;
constexpr uint32_t kMaxColumns = 100'000;

template <typename Number>
void put(std::string& out, Number value) {
  static_assert(std::is_trivially_copyable_v<Number>);
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void put_text(std::string& out, std::string_view value) {
  put(out, static_cast<uint32_t>(value.size()));
  out.append(value);
}

void put_column(std::string& out, const tables::Column& column) {
  const size_t rows = column.size();
  put_text(out, column.name());
  put(out, static_cast<uint8_t>(column.type()));
  put(out, static_cast<uint8_t>(column.missing_count() != 0));
  if (column.missing_count() != 0) {
    for (size_t row = 0; row < rows; ++row) put(out, static_cast<uint8_t>(column.is_missing(row)));
  }
  if (column.type() == tables::ColumnType::kDouble) {
    out.append(reinterpret_cast<const char*>(column.doubles().data()), rows * sizeof(double));
  } else if (column.type() == tables::ColumnType::kText) {
    for (size_t row = 0; row < rows; ++row) put_text(out, column.text(row));
  } else {
    out.append(reinterpret_cast<const char*>(column.integers().data()), rows * sizeof(int64_t));
  }
}

void put_table(std::string& out, const tables::Table& table) {
  put(out, static_cast<uint32_t>(table.column_count()));
  for (const tables::Column& column : table.columns()) put_column(out, column);
}

// Takes fields off the front; every length is checked against what is left.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  std::string_view take(size_t size) {
    if (size > rest_.size()) throw data_loss("a prediction record ends too early");
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  template <typename Number>
  Number number() {
    Number value{};
    std::memcpy(&value, take(sizeof(value)).data(), sizeof(value));
    return value;
  }
  std::string_view text() { return take(number<uint32_t>()); }
  size_t left() const { return rest_.size(); }

 private:
  std::string_view rest_;
};

void read_cell(Decoder& from, bool missing, tables::Column& column) {
  const tables::ColumnType type = column.type();
  if (type == tables::ColumnType::kText) {
    const std::string_view value = from.text();
    if (!missing) column.append_text(value);
  } else if (type == tables::ColumnType::kDouble) {
    const auto value = from.number<double>();
    if (!missing) column.append_double(value);
  } else {
    const auto value = from.number<int64_t>();
    if (!missing) column.append_integer(value);
  }
  if (missing) column.append_missing();
}

tables::Column read_column(Decoder& from, size_t rows) {
  std::string name(from.text());
  const auto type = from.number<uint8_t>();
  if (type > static_cast<uint8_t>(tables::ColumnType::kTime)) throw data_loss("a prediction record of an unknown type");
  const std::string_view missing = from.number<uint8_t>() != 0 ? from.take(rows) : std::string_view();
  tables::Column column(std::move(name), static_cast<tables::ColumnType>(type));
  for (size_t row = 0; row < rows; ++row) read_cell(from, !missing.empty() && missing[row] != 0, column);
  return column;
}

std::vector<tables::Column> read_columns(Decoder& from, size_t rows) {
  const auto count = from.number<uint32_t>();
  if (count > kMaxColumns) throw data_loss("a prediction record of ", count, " columns");
  std::vector<tables::Column> columns;
  for (uint32_t i = 0; i < count; ++i) columns.push_back(read_column(from, rows));
  return columns;
}

bool same_columns(const std::vector<tables::Column>& a, const std::vector<tables::Column>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].type() != b[i].type() || a[i].name() != b[i].name()) return false;
  }
  return true;
}

void append_rows(std::vector<tables::Column>& to, const std::vector<tables::Column>& from, size_t rows) {
  for (size_t i = 0; i < to.size(); ++i) {
    for (size_t row = 0; row < rows; ++row) to[i].append_cell(from[i], row);
  }
}

}  // namespace

bool PredictionBatch::fits(const PredictionBatch& other) const {
  return model_version == other.model_version && keys.empty() == other.keys.empty() &&
         same_columns(inputs, other.inputs) && same_columns(outputs, other.outputs);
}

void PredictionBatch::append(const PredictionBatch& other) {
  prediction_ids.insert(prediction_ids.end(), other.prediction_ids.begin(), other.prediction_ids.end());
  keys.insert(keys.end(), other.keys.begin(), other.keys.end());
  time_ms.insert(time_ms.end(), other.time_ms.begin(), other.time_ms.end());
  append_rows(inputs, other.inputs, other.rows());
  append_rows(outputs, other.outputs, other.rows());
}

void encode_record(const PredictionRecord& record, std::string& out) {
  out.clear();
  put(out, kFormat);
  put_text(out, record.key);
  put_text(out, record.model_version);
  put(out, record.time_ms);
  put(out, static_cast<uint32_t>(record.prediction_ids->size()));
  for (const std::string& id : *record.prediction_ids) put_text(out, id);
  put_table(out, *record.inputs);
  put_table(out, *record.outputs);
}

PredictionBatch decode_record(std::string_view bytes) {
  Decoder from(bytes);
  const auto format = from.number<uint8_t>();
  if (format != kFormat && format != kFormatWithoutKey) throw data_loss("a prediction record of an unknown format");
  const std::string_view key = format == kFormat ? from.text() : std::string_view();
  PredictionBatch batch;
  batch.model_version = from.text();
  const auto time_ms = from.number<int64_t>();
  const auto rows = from.number<uint32_t>();
  // Each id takes four bytes at least, so a huge count fails before it is believed.
  if (rows > from.left() / 4) throw data_loss("a prediction record ends too early");
  for (uint32_t row = 0; row < rows; ++row) {
    batch.prediction_ids.emplace_back(from.text());
    if (!key.empty()) batch.keys.push_back(text::concat(key, "-", row));
  }
  batch.time_ms.assign(rows, time_ms);
  batch.inputs = read_columns(from, rows);
  batch.outputs = read_columns(from, rows);
  if (from.left() != 0) throw data_loss("a prediction record is longer than it says");
  return batch;
}

}  // namespace slipway::serving
