#include "protocols/slipway/monitoring_codec.h"

#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "foundation/base/error.h"
#include "foundation/base/json.h"
#include "foundation/base/json_stream.h"

namespace slipway::protocol {

namespace {

using tables::Column;
using tables::ColumnType;
using Kind = JsonReader::Kind;

constexpr size_t kMaxRows = 1'000'000;
constexpr size_t kMaxColumns = 10'000;
constexpr size_t kMaxName = 1000;

// What an array holds, found by one pass over it.
struct ArrayShape {
  size_t size = 0;
  bool text = false;
  bool truths = false;
  bool numbers = false;
  bool fractions = false;
};

ArrayShape shape_of(JsonReader reader, std::string_view name) {
  ArrayShape out;
  reader.begin_array();
  while (reader.next_element()) {
    if (++out.size > kMaxRows) throw too_large("'", name, "' has over ", kMaxRows, " values; send smaller batches");
    switch (reader.peek()) {
      case Kind::kNull:
        reader.read_null();
        break;
      case Kind::kBoolean:
        reader.read_boolean();
        out.truths = true;
        break;
      case Kind::kNumber:
        out.fractions = !reader.read_number().is_integer || out.fractions;
        out.numbers = true;
        break;
      case Kind::kString:
        reader.read_string();
        out.text = true;
        break;
      default:
        throw reader.fault(text::concat("'", name, "' must hold plain values"));
    }
  }
  if (static_cast<int>(out.text) + static_cast<int>(out.truths) + static_cast<int>(out.numbers) > 1) {
    throw invalid_argument("'", name, "' mixes text, numbers or truths; a column is of one kind");
  }
  return out;
}

ColumnType type_of(const ArrayShape& shape) {
  if (shape.text) return ColumnType::kText;
  if (shape.truths) return ColumnType::kBoolean;
  return shape.numbers && !shape.fractions ? ColumnType::kInteger : ColumnType::kDouble;
}

void read_cell(JsonReader& reader, Column& column) {
  switch (reader.peek()) {
    case Kind::kNull:
      reader.read_null();
      column.append_missing();
      return;
    case Kind::kBoolean:
      column.append_integer(reader.read_boolean() ? 1 : 0);
      return;
    case Kind::kString:
      column.append_text(reader.read_string());
      return;
    default:
      break;
  }
  const JsonReader::Number number = reader.read_number();
  if (column.type() == ColumnType::kDouble) {
    column.append_double(number.real);
  } else {
    column.append_integer(number.integer);
  }
}

Column read_column(JsonReader& reader, const std::string& name) {
  if (name.empty() || name.size() > kMaxName)
    throw invalid_argument("a column's name must have 1 to ", kMaxName, " bytes");
  const ArrayShape shape = shape_of(reader, name);
  Column column(name, type_of(shape));
  column.reserve(shape.size);
  reader.begin_array();
  while (reader.next_element()) read_cell(reader, column);
  return column;
}

tables::Table read_columns(JsonReader& reader) {
  tables::Table out;
  std::string name;
  reader.begin_object();
  while (reader.next_member(name)) {
    if (out.column_count() == kMaxColumns) throw too_large("a batch has at most ", kMaxColumns, " columns");
    out.add(read_column(reader, name));
  }
  return out;
}

std::vector<std::string> read_ids(JsonReader& reader, std::string_view name) {
  const ArrayShape shape = shape_of(reader, name);
  std::vector<std::string> out;
  out.reserve(shape.size);
  reader.begin_array();
  while (reader.next_element()) out.emplace_back(reader.read_string());
  return out;
}

std::vector<int64_t> read_times(JsonReader& reader) {
  const Column column = read_column(reader, "time_ms");
  const bool whole = column.type() == ColumnType::kInteger || column.size() == 0;
  if (!whole || column.missing_count() > 0)
    throw invalid_argument("'time_ms' must hold UTC milliseconds as whole numbers");
  return {column.integers().begin(), column.integers().end()};
}

std::vector<double> numbers_of(const Column& column) {
  std::vector<double> out;
  out.reserve(column.size());
  for (size_t row = 0; row < column.size(); ++row) out.push_back(column.number(row));
  return out;
}

std::vector<double> scores_in(const tables::Table& outputs, size_t rows) {
  for (const std::string_view name : {"probability", "prediction", "score"}) {
    const Column* column = outputs.find(name);
    if (column != nullptr && column->type() != ColumnType::kText) return numbers_of(*column);
  }
  for (const Column& column : outputs.columns()) {
    if (column.type() != ColumnType::kText) return numbers_of(column);
  }
  return std::vector<double>(rows, std::numeric_limits<double>::quiet_NaN());
}

// "3" and 3 are the same version.
std::string read_version(JsonReader& reader) {
  if (reader.peek() == Kind::kNumber) return std::to_string(reader.read_number().integer);
  return std::string(reader.read_string());
}

json::array column_values(const Column& column) {
  json::array out;
  out.reserve(column.size());
  for (size_t row = 0; row < column.size(); ++row) {
    if (column.is_missing(row)) {
      out.emplace_back(nullptr);
    } else if (column.type() == ColumnType::kText) {
      out.emplace_back(column.text(row));
    } else if (column.type() == ColumnType::kDouble) {
      out.push_back(json::number(column.doubles()[row]));
    } else if (column.type() == ColumnType::kBoolean) {
      out.emplace_back(column.integers()[row] != 0);
    } else {
      out.emplace_back(column.integers()[row]);
    }
  }
  return out;
}

}  // namespace

monitoring::PredictionBatch decode_predictions(std::string_view body) {
  monitoring::PredictionBatch out;
  std::optional<tables::Table> outputs;
  JsonReader reader(body);
  std::string key;
  reader.begin_object();
  while (reader.next_member(key)) {
    if (key == "model_version") {
      out.model_version = read_version(reader);
    } else if (key == "prediction_ids") {
      out.ids = read_ids(reader, key);
    } else if (key == "keys") {
      out.keys = read_ids(reader, key);
    } else if (key == "time_ms") {
      out.times_ms = read_times(reader);
    } else if (key == "inputs") {
      out.inputs = read_columns(reader);
    } else if (key == "outputs") {
      outputs = read_columns(reader);
    } else {
      reader.skip();
    }
  }
  reader.finish();
  if (!outputs) throw invalid_argument("'outputs' is missing");
  if (out.model_version.empty()) throw invalid_argument("'model_version' is missing");
  out.scores = scores_in(*outputs, out.ids.size());
  return out;
}

monitoring::LabelBatch decode_labels(std::string_view body) {
  monitoring::LabelBatch out;
  bool has_labels = false;
  JsonReader reader(body);
  std::string key;
  reader.begin_object();
  while (reader.next_member(key)) {
    if (key == "prediction_ids") {
      out.ids = read_ids(reader, key);
    } else if (key == "labels") {
      const Column column = read_column(reader, "labels");
      if (column.type() == ColumnType::kText || column.missing_count() > 0)
        throw invalid_argument("'labels' must hold numbers, for each prediction 0 or 1 by the class that it was");
      out.labels = numbers_of(column);
      has_labels = true;
    } else if (key == "time_ms") {
      out.arrivals_ms = read_times(reader);
    } else {
      reader.skip();
    }
  }
  reader.finish();
  if (!has_labels) throw invalid_argument("'labels' is missing");
  for (const double label : out.labels) {
    if (!std::isfinite(label)) throw invalid_argument("'labels' must hold finite numbers");
  }
  return out;
}

std::string encode_table(const tables::Table& table) {
  json::object columns;
  for (const Column& column : table.columns()) columns[column.name()] = column_values(column);
  return json::write(json::object{{"rows", table.rows()}, {"columns", std::move(columns)}});
}

std::string encode_alerts(const std::vector<monitoring::Alert>& alerts) {
  json::array out;
  for (const monitoring::Alert& alert : alerts) {
    const bool firing = alert.state == monitoring::AlertState::kFiring;
    out.push_back(
        json::object{{"id", alert.id},
                     {"monitor", alert.monitor},
                     {"rule", alert.rule},
                     {"state", firing ? "firing" : "resolved"},
                     {"window_start_ms", alert.window_start_ms},
                     {"window_end_ms", alert.window_end_ms},
                     {"value", json::number(alert.value)},
                     {"threshold", alert.threshold},
                     {"severity", alert.severity},
                     {"pipeline", alert.pipeline.empty() ? json::value(nullptr) : json::value(alert.pipeline)},
                     {"fired_ms", alert.fired_ms},
                     {"resolved_window_end_ms", firing ? json::value(nullptr) : json::value(alert.resolved_end_ms)}});
  }
  return json::write(json::object{{"alerts", std::move(out)}});
}

}  // namespace slipway::protocol
