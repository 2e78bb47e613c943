#include "foundation/tables/arrow_import.h"

#include <arrow/c/abi.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string_view>

#include "foundation/base/error.h"

namespace slipway::tables::bridge {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t kDayMs = 86'400'000;

struct Filling {
  std::string name;
  ColumnType type;
  std::vector<double> doubles;
  std::vector<int64_t> integers;
  std::vector<uint64_t> offsets{0};
  std::string bytes;
  std::vector<uint8_t> missing;
  size_t rows = 0;
};

bool is_missing(const ArrowArray& array, int64_t row) {
  const auto* bits = static_cast<const uint8_t*>(array.buffers[0]);
  if (array.null_count == 0 || bits == nullptr) return false;
  const int64_t bit = row + array.offset;
  return ((bits[bit / 8] >> (bit % 8)) & 1) == 0;
}

template <typename Value>
const Value* values_of(const ArrowArray& array) {
  return static_cast<const Value*>(array.buffers[1]) + array.offset;
}

void mark(Filling& filling, bool missing) {
  if (missing) filling.missing.resize(filling.rows, 0);
  if (missing || !filling.missing.empty()) filling.missing.push_back(missing ? 1 : 0);
  ++filling.rows;
}

template <typename Convert>
void fill_integers(Filling& filling, const ArrowArray& array, const Convert& at) {
  for (int64_t row = 0; row < array.length; ++row) {
    const bool missing = is_missing(array, row);
    filling.integers.push_back(missing ? 0 : at(row));
    mark(filling, missing);
  }
}

template <typename Convert>
void fill_doubles(Filling& filling, const ArrowArray& array, const Convert& at) {
  for (int64_t row = 0; row < array.length; ++row) {
    const bool missing = is_missing(array, row);
    filling.doubles.push_back(missing ? kNaN : at(row));
    mark(filling, missing);
  }
}

template <typename Value>
void fill_plain(Filling& filling, const ArrowArray& array) {
  const Value* values = values_of<Value>(array);
  if constexpr (std::is_floating_point_v<Value>) {
    fill_doubles(filling, array, [values](int64_t row) { return static_cast<double>(values[row]); });
  } else {
    fill_integers(filling, array, [values](int64_t row) { return static_cast<int64_t>(values[row]); });
  }
}

void fill_unsigned(Filling& filling, const ArrowArray& array) {
  const auto* values = values_of<uint64_t>(array);
  fill_integers(filling, array, [&](int64_t row) {
    if (values[row] > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      throw invalid_argument("column '", filling.name, "' holds ", values[row],
                             ", over the largest whole number there is room for; store it as text or as a fraction");
    }
    return static_cast<int64_t>(values[row]);
  });
}

void fill_booleans(Filling& filling, const ArrowArray& array) {
  const auto* bits = static_cast<const uint8_t*>(array.buffers[1]);
  fill_integers(filling, array, [&](int64_t row) {
    const int64_t bit = row + array.offset;
    return int64_t{(bits[bit / 8] >> (bit % 8)) & 1};
  });
}

double half_to_double(uint16_t half) {
  const int exponent = (half >> 10) & 31;
  const int fraction = half & 1023;
  const double sign = (half & 0x8000) != 0 ? -1 : 1;
  if (exponent == 31) return fraction != 0 ? kNaN : sign * std::numeric_limits<double>::infinity();
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(fraction + 1024, exponent - 25);
}

// Whole units per millisecond (negative: milliseconds per unit) of Arrow's time formats.
int64_t floor_divide(int64_t value, int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }

void fill_times(Filling& filling, const ArrowArray& array, std::string_view format) {
  if (format == "tdD") {
    const auto* days = values_of<int32_t>(array);
    return fill_integers(filling, array, [days](int64_t row) { return days[row] * kDayMs; });
  }
  const auto* values = values_of<int64_t>(array);
  if (format == "tdm" || format.substr(0, 3) == "tsm") {
    return fill_integers(filling, array, [values](int64_t row) { return values[row]; });
  }
  if (format.substr(0, 3) == "tss") {
    return fill_integers(filling, array, [&](int64_t row) {
      int64_t out = 0;
      if (__builtin_mul_overflow(values[row], int64_t{1000}, &out)) {
        throw invalid_argument("column '", filling.name, "' holds a time out of range");
      }
      return out;
    });
  }
  const int64_t per_ms = format.substr(0, 3) == "tsu" ? 1000 : 1'000'000;
  fill_integers(filling, array, [values, per_ms](int64_t row) { return floor_divide(values[row], per_ms); });
}

template <typename Offset>
void fill_text(Filling& filling, const ArrowArray& array) {
  const Offset* offsets = values_of<Offset>(array);
  const auto* bytes = static_cast<const char*>(array.buffers[2]);
  for (int64_t row = 0; row < array.length; ++row) {
    const bool missing = is_missing(array, row);
    if (!missing && offsets[row + 1] != offsets[row]) {
      filling.bytes.append(bytes + offsets[row], static_cast<size_t>(offsets[row + 1] - offsets[row]));
    }
    filling.offsets.push_back(filling.bytes.size());
    mark(filling, missing);
  }
}

struct DecimalFormat {
  int precision = 0;
  int scale = 0;
};

DecimalFormat decimal_of(std::string_view format) {
  DecimalFormat out;
  if (std::sscanf(std::string(format).c_str(), "d:%d,%d", &out.precision, &out.scale) != 2) out.precision = 38;
  return out;
}

bool is_whole(const DecimalFormat& format) { return format.scale == 0 && format.precision <= 18; }

void fill_decimals(Filling& filling, const ArrowArray& array, const DecimalFormat& format) {
  __extension__ using Wide = __int128;
  const auto* bytes = static_cast<const char*>(array.buffers[1]);
  const auto at = [&](int64_t row) {
    Wide value = 0;
    std::memcpy(&value, bytes + (row + array.offset) * 16, sizeof(value));
    return value;
  };
  if (is_whole(format)) {
    return fill_integers(filling, array, [&](int64_t row) { return static_cast<int64_t>(at(row)); });
  }
  const double unit = std::pow(10.0, format.scale);
  fill_doubles(filling, array, [&](int64_t row) { return static_cast<double>(at(row)) / unit; });
}

ColumnType type_of(std::string_view format) {
  if (format == "b") return ColumnType::kBoolean;
  if (format == "e" || format == "f" || format == "g") return ColumnType::kDouble;
  if (format == "u" || format == "U" || format == "n") return ColumnType::kText;
  if (format.substr(0, 2) == "td" || format.substr(0, 2) == "ts") return ColumnType::kTime;
  if (format.substr(0, 2) == "d:") return is_whole(decimal_of(format)) ? ColumnType::kInteger : ColumnType::kDouble;
  return ColumnType::kInteger;
}

void fill_numbers(Filling& filling, const ArrowArray& array, char format) {
  switch (format) {
    case 'c':
      return fill_plain<int8_t>(filling, array);
    case 'C':
      return fill_plain<uint8_t>(filling, array);
    case 's':
      return fill_plain<int16_t>(filling, array);
    case 'S':
      return fill_plain<uint16_t>(filling, array);
    case 'i':
      return fill_plain<int32_t>(filling, array);
    case 'I':
      return fill_plain<uint32_t>(filling, array);
    case 'l':
      return fill_plain<int64_t>(filling, array);
    case 'L':
      return fill_unsigned(filling, array);
    case 'f':
      return fill_plain<float>(filling, array);
    case 'g':
      return fill_plain<double>(filling, array);
    case 'e': {
      const auto* values = values_of<uint16_t>(array);
      return fill_doubles(filling, array, [values](int64_t row) { return half_to_double(values[row]); });
    }
    default:
      throw invalid_argument("column '", filling.name, "' is of a type that is not read: ", format);
  }
}

void fill(Filling& filling, const ArrowArray& array, std::string_view format) {
  if (format == "n") {
    for (int64_t row = 0; row < array.length; ++row) {
      filling.offsets.push_back(filling.bytes.size());
      mark(filling, true);
    }
    return;
  }
  if (array.length == 0) return;
  if (format == "b") return fill_booleans(filling, array);
  if (format == "u") return fill_text<int32_t>(filling, array);
  if (format == "U") return fill_text<int64_t>(filling, array);
  if (format.substr(0, 2) == "d:") return fill_decimals(filling, array, decimal_of(format));
  if (format[0] == 't') return fill_times(filling, array, format);
  fill_numbers(filling, array, format[0]);
}

Column finish(Filling filling) {
  if (!filling.missing.empty()) filling.missing.resize(filling.rows, 0);
  if (filling.type == ColumnType::kDouble) {
    return Column::of_doubles(filling.name, std::move(filling.doubles), std::move(filling.missing));
  }
  if (filling.type == ColumnType::kText) {
    return Column::of_text(filling.name, std::move(filling.offsets), std::move(filling.bytes),
                           std::move(filling.missing));
  }
  return Column::of_integers(filling.name, filling.type, std::move(filling.integers), std::move(filling.missing));
}

Filling filling_for(const ArrowSchema& field, std::string_view format) {
  Filling filling;
  filling.name = field.name;
  filling.type = type_of(format);
  return filling;
}

// Each array brings a dictionary of its own; its cells are looked up there.
Column import_dictionary(const ArrowSchema& field, const std::vector<const ArrowArray*>& arrays) {
  Column out(field.name, type_of(field.dictionary->format));
  for (const ArrowArray* array : arrays) {
    Filling values = filling_for(field, field.dictionary->format);
    fill(values, *array->dictionary, field.dictionary->format);
    const Column dictionary = finish(std::move(values));
    Filling indices;
    indices.name = field.name;
    indices.type = ColumnType::kInteger;
    fill(indices, *array, field.format);
    const Column rows = finish(std::move(indices));
    for (size_t row = 0; row < rows.size(); ++row) {
      if (rows.is_missing(row)) {
        out.append_missing();
        continue;
      }
      const auto index = static_cast<size_t>(rows.integers()[row]);
      if (index >= dictionary.size()) throw data_loss("column '", out.name(), "' points outside its dictionary");
      out.append_cell(dictionary, index);
    }
  }
  return out;
}

}  // namespace

Column import_column(const ArrowSchema& field, const std::vector<const ArrowArray*>& arrays) {
  if (field.dictionary != nullptr) return import_dictionary(field, arrays);
  Filling filling = filling_for(field, field.format);
  for (const ArrowArray* array : arrays) fill(filling, *array, field.format);
  return finish(std::move(filling));
}

}  // namespace slipway::tables::bridge
