#include "protocols/scoring/coerce.h"

#include <cmath>

#include "foundation/base/text.h"
#include "protocols/scoring/errors.h"

namespace slipway::scoring {

namespace {

using Kind = JsonReader::Kind;
using tables::Column;
using tables::ColumnType;

std::string_view mlflow_name(ColumnType type) {
  switch (type) {
    case ColumnType::kBoolean:
      return "boolean";
    case ColumnType::kInteger:
      return "int64";
    case ColumnType::kDouble:
      return "float64";
    case ColumnType::kText:
      return "string";
    case ColumnType::kTime:
      return "datetime64[ns]";
  }
  return "";
}

ScoringError misfit(const Column& column, std::string_view value) {
  return bad_request(text::concat(
      "Invalid input. Data is not compatible with model signature. Failed to convert column ", column.name(),
      " to type '", mlflow_name(column.type()), "'. Error: ", value.substr(0, 60), " in row ", column.size()));
}

// As numpy casts: toward zero, and what does not fit 64 bits becomes the smallest number.
int64_t truncate(double value) {
  return value >= -9223372036854775808.0 && value < 9223372036854775808.0 ? static_cast<int64_t>(value) : INT64_MIN;
}

void append_double(Column& column, JsonReader& reader, Kind kind) {
  if (kind == Kind::kNumber) {
    const double value = reader.read_number().real;
    return std::isnan(value) ? column.append_missing() : column.append_double(value);
  }
  if (kind == Kind::kBoolean) return column.append_double(reader.read_boolean() ? 1 : 0);
  const JsonReader before = reader;
  if (kind == Kind::kString) {
    if (const auto value = text::parse_double(text::trim(reader.read_string()))) {
      return std::isnan(*value) ? column.append_missing() : column.append_double(*value);
    }
  }
  throw misfit(column, JsonReader(before).skip());
}

void append_integer(Column& column, JsonReader& reader, Kind kind) {
  const JsonReader before = reader;
  if (kind == Kind::kNumber) {
    const JsonReader::Number number = reader.read_number();
    if (number.is_integer) return column.append_integer(number.integer);
    if (std::isfinite(number.real)) return column.append_integer(truncate(number.real));
  } else if (kind == Kind::kBoolean) {
    return column.append_integer(reader.read_boolean() ? 1 : 0);
  } else if (kind == Kind::kString) {
    if (const auto value = text::parse_int(text::trim(reader.read_string()))) return column.append_integer(*value);
  }
  throw misfit(column, JsonReader(before).skip());
}

void append_boolean(Column& column, JsonReader& reader, Kind kind) {
  bool value = false;
  switch (kind) {
    case Kind::kBoolean:
      value = reader.read_boolean();
      break;
    case Kind::kNumber:
      value = reader.read_number().real != 0;
      break;
    case Kind::kString:
      value = !reader.read_string().empty();
      break;
    default:
      throw misfit(column, reader.skip());
  }
  column.append_integer(value ? 1 : 0);
}

void append_text(Column& column, JsonReader& reader, Kind kind) {
  if (kind == Kind::kString) return column.append_text(reader.read_string());
  if (kind == Kind::kArray || kind == Kind::kObject) throw misfit(column, reader.skip());
  column.append_text(reader.skip());
}

void append_time(Column& column, JsonReader& reader, Kind kind) {
  constexpr int64_t kNanosecondsPerMs = 1'000'000;
  const JsonReader before = reader;
  if (kind == Kind::kNumber) {
    const JsonReader::Number number = reader.read_number();
    if (number.is_integer) return column.append_integer(number.integer / kNanosecondsPerMs);
  } else if (kind == Kind::kString) {
    if (const auto time_ms = text::parse_time_ms(reader.read_string())) return column.append_integer(*time_ms);
  }
  throw misfit(column, JsonReader(before).skip());
}

}  // namespace

bool cannot_be_missing(const packaging::ColumnSpec& spec) {
  return spec.required && (spec.type == ColumnType::kBoolean || spec.type == ColumnType::kInteger);
}

void append_null(Column& column, const packaging::ColumnSpec& spec) {
  if (cannot_be_missing(spec)) throw misfit(column, "a missing value");
  column.append_missing();
}

void append_coerced(Column& column, const packaging::ColumnSpec& spec, JsonReader& reader) {
  const Kind kind = reader.peek();
  if (kind == Kind::kNull) {
    reader.read_null();
    return append_null(column, spec);
  }
  switch (column.type()) {
    case ColumnType::kDouble:
      return append_double(column, reader, kind);
    case ColumnType::kInteger:
      return append_integer(column, reader, kind);
    case ColumnType::kBoolean:
      return append_boolean(column, reader, kind);
    case ColumnType::kText:
      return append_text(column, reader, kind);
    case ColumnType::kTime:
      return append_time(column, reader, kind);
  }
}

}  // namespace slipway::scoring
