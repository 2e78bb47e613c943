#include "protocols/oip/cells.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "foundation/base/error.h"
#include "foundation/base/json_stream.h"
#include "foundation/base/text.h"

namespace slipway::oip {

namespace {

static_assert(std::endian::native == std::endian::little, "binary tensors are read in the machine's order");

using Each = std::function<void(const Cell&)>;

Cell integer_cell(int64_t value) { return {Cell::Kind::kInteger, value, static_cast<double>(value), {}}; }
Cell real_cell(double value) {
  if (std::isnan(value)) return {};
  return {Cell::Kind::kReal, 0, value, {}};
}
Cell boolean_cell(bool value) { return {Cell::Kind::kBoolean, value ? 1 : 0, value ? 1.0 : 0.0, {}}; }

Cell read_json_cell(JsonReader& reader, JsonReader::Kind kind) {
  switch (kind) {
    case JsonReader::Kind::kNull:
      reader.read_null();
      return {};
    case JsonReader::Kind::kBoolean:
      return boolean_cell(reader.read_boolean());
    case JsonReader::Kind::kString:
      return {Cell::Kind::kText, 0, 0, reader.read_string()};
    case JsonReader::Kind::kNumber: {
      const JsonReader::Number number = reader.read_number();
      return number.is_integer ? integer_cell(number.integer) : real_cell(number.real);
    }
    default:
      throw invalid_argument("a value may not be an object");
  }
}

void walk_json(JsonReader& reader, const Each& each) {
  for (reader.begin_array(); reader.next_element();) {
    const JsonReader::Kind kind = reader.peek();
    if (kind == JsonReader::Kind::kArray) {
      walk_json(reader, each);
    } else {
      each(read_json_cell(reader, kind));
    }
  }
}

template <typename Number>
Number load(std::string_view bytes) {
  Number value{};
  std::memcpy(&value, bytes.data(), sizeof(value));
  return value;
}

double half_to_double(uint16_t half) {
  const int exponent = (half >> 10) & 31;
  const int fraction = half & 1023;
  double value = 0;
  if (exponent == 31) {
    value = fraction == 0 ? INFINITY : NAN;
  } else if (exponent == 0) {
    value = std::ldexp(fraction, -24);
  } else {
    value = std::ldexp(1024 + fraction, exponent - 25);
  }
  return (half & 0x8000) != 0 ? -value : value;
}

Cell unsigned_cell(uint64_t value) {
  return value > static_cast<uint64_t>(INT64_MAX) ? real_cell(static_cast<double>(value))
                                                  : integer_cell(static_cast<int64_t>(value));
}

Cell read_binary_cell(Datatype type, std::string_view bytes) {
  switch (type) {
    case Datatype::kBool:
      return boolean_cell(bytes[0] != 0);
    case Datatype::kUint8:
      return integer_cell(load<uint8_t>(bytes));
    case Datatype::kUint16:
      return integer_cell(load<uint16_t>(bytes));
    case Datatype::kUint32:
      return integer_cell(load<uint32_t>(bytes));
    case Datatype::kUint64:
      return unsigned_cell(load<uint64_t>(bytes));
    case Datatype::kInt8:
      return integer_cell(load<int8_t>(bytes));
    case Datatype::kInt16:
      return integer_cell(load<int16_t>(bytes));
    case Datatype::kInt32:
      return integer_cell(load<int32_t>(bytes));
    case Datatype::kInt64:
      return integer_cell(load<int64_t>(bytes));
    case Datatype::kFp16:
      return real_cell(half_to_double(load<uint16_t>(bytes)));
    case Datatype::kFp32:
      return real_cell(static_cast<double>(load<float>(bytes)));
    case Datatype::kFp64:
      return real_cell(load<double>(bytes));
    case Datatype::kBytes:
      break;
  }
  throw internal_error("a tensor of BYTES has no fixed size");
}

void walk_texts(std::string_view bytes, const Each& each) {
  while (!bytes.empty()) {
    const uint64_t length = bytes.size() < sizeof(uint32_t) ? UINT64_MAX : load<uint32_t>(bytes);
    if (length > bytes.size() - std::min(bytes.size(), sizeof(uint32_t))) {
      throw invalid_argument("the binary elements end in the middle of one");
    }
    const std::string_view text = bytes.substr(sizeof(uint32_t), length);
    if (!text::is_valid_utf8(text)) throw invalid_argument("an element is not UTF-8 text");
    each({Cell::Kind::kText, 0, 0, text});
    bytes.remove_prefix(sizeof(uint32_t) + length);
  }
}

void walk_binary(const InputTensor& tensor, const Each& each) {
  if (tensor.datatype == Datatype::kBytes) return walk_texts(tensor.binary, each);
  const size_t size = size_of(tensor.datatype);
  if (tensor.binary.size() % size != 0) throw invalid_argument("the binary elements end in the middle of one");
  for (size_t at = 0; at < tensor.binary.size(); at += size) {
    each(read_binary_cell(tensor.datatype, tensor.binary.substr(at, size)));
  }
}

std::string show(const Cell& cell) {
  switch (cell.kind) {
    case Cell::Kind::kMissing:
      return "null";
    case Cell::Kind::kBoolean:
      return cell.integer != 0 ? "true" : "false";
    case Cell::Kind::kInteger:
      return std::to_string(cell.integer);
    case Cell::Kind::kReal:
      return text::format_double(cell.real);
    case Cell::Kind::kText:
      return "'" + std::string(cell.text.substr(0, 40)) + "'";
  }
  return "";
}

Error misfit(const tables::Column& column, const Cell& cell, std::string_view wanted) {
  return invalid_argument("column '", column.name(), "' takes ", wanted, ", got ", show(cell), " in row ",
                          column.size());
}

void append_number(tables::Column& column, const Cell& cell) {
  if (cell.kind == Cell::Kind::kText) throw misfit(column, cell, "numbers");
  column.append_double(cell.real);
}

void append_integer(tables::Column& column, const Cell& cell) {
  const bool whole =
      cell.kind == Cell::Kind::kReal && std::trunc(cell.real) == cell.real && std::fabs(cell.real) < 9e18;
  if (whole) return column.append_integer(static_cast<int64_t>(cell.real));
  if (cell.kind != Cell::Kind::kInteger && cell.kind != Cell::Kind::kBoolean) {
    throw misfit(column, cell, "whole numbers");
  }
  column.append_integer(cell.integer);
}

void append_boolean(tables::Column& column, const Cell& cell) {
  if (cell.kind == Cell::Kind::kText || (cell.real != 0 && cell.real != 1)) throw misfit(column, cell, "true or false");
  column.append_integer(cell.real != 0 ? 1 : 0);
}

void append_time(tables::Column& column, const Cell& cell) {
  if (cell.kind != Cell::Kind::kText) return append_integer(column, cell);
  const auto time_ms = text::parse_time_ms(cell.text);
  if (!time_ms) throw misfit(column, cell, "times (UTC milliseconds or ISO 8601)");
  column.append_integer(*time_ms);
}

}  // namespace

void for_each_cell(const InputTensor& tensor, const Each& each) {
  uint64_t count = 0;
  const Each bounded = [&](const Cell& cell) {
    if (++count <= tensor.elements) each(cell);
  };
  try {
    if (tensor.binary_size) {
      walk_binary(tensor, bounded);
    } else {
      JsonReader reader(tensor.json);
      walk_json(reader, bounded);
    }
  } catch (const Error& error) {
    throw Error(error.code(), text::concat("input '", tensor.name, "': ", error.what()));
  }
  if (count != tensor.elements) {
    throw invalid_argument("input '", tensor.name, "' has ", count, " values, but its shape says ", tensor.elements);
  }
}

void append_cell(tables::Column& column, const Cell& cell) {
  if (cell.kind == Cell::Kind::kMissing) return column.append_missing();
  switch (column.type()) {
    case tables::ColumnType::kDouble:
      return append_number(column, cell);
    case tables::ColumnType::kInteger:
      return append_integer(column, cell);
    case tables::ColumnType::kBoolean:
      return append_boolean(column, cell);
    case tables::ColumnType::kTime:
      return append_time(column, cell);
    case tables::ColumnType::kText:
      break;
  }
  if (cell.kind != Cell::Kind::kText) throw misfit(column, cell, "text");
  column.append_text(cell.text);
}

}  // namespace slipway::oip
