#include "foundation/tables/csv_types.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "foundation/base/text.h"

namespace slipway::tables {

namespace {

constexpr double kMaxExact = 9007199254740992.0;  // 2^53: from here on a double skips whole numbers

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// -?(0|[1-9][0-9]*) in 64 bits; "-0" would not come back as written.
std::optional<int64_t> as_whole(std::string_view cell) {
  const bool negative = !cell.empty() && cell[0] == '-';
  const std::string_view digits = cell.substr(negative ? 1 : 0);
  if (digits.empty() || !is_digit(digits[0])) return std::nullopt;
  if (digits[0] == '0' && (digits.size() > 1 || negative)) return std::nullopt;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size()) return std::nullopt;
  return value;
}

size_t count_digits(std::string_view& rest) {
  size_t count = 0;
  while (count < rest.size() && is_digit(rest[count])) ++count;
  rest.remove_prefix(count);
  return count;
}

// Whether the cell is spelled as a number: no leading zeros or plus (codes), and an exponent only beside a point or
// with a sign as programs write it ("1e+16"), because "1E5" is a part number more often.
bool is_spelled_as_number(std::string_view cell) {
  std::string_view rest = cell;
  if (!rest.empty() && rest[0] == '-') rest.remove_prefix(1);
  const bool leading_zero = rest.size() > 1 && rest[0] == '0' && is_digit(rest[1]);
  const size_t whole = count_digits(rest);
  bool has_point = false;
  size_t fraction = 0;
  if (!rest.empty() && rest[0] == '.') {
    has_point = true;
    rest.remove_prefix(1);
    fraction = count_digits(rest);
  }
  if (leading_zero || whole + fraction == 0) return false;
  if (rest.empty()) return true;
  if (rest[0] != 'e' && rest[0] != 'E') return false;
  const bool lower = rest[0] == 'e';
  rest.remove_prefix(1);
  const bool has_sign = !rest.empty() && (rest[0] == '+' || rest[0] == '-');
  if (has_sign) rest.remove_prefix(1);
  if (!has_point && !(lower && has_sign)) return false;
  return count_digits(rest) != 0 && rest.empty();
}

// The words that programs write for numbers that are none.
std::optional<double> as_special(std::string_view cell) {
  if (cell == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (cell == "inf") return std::numeric_limits<double>::infinity();
  if (cell == "-inf") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

std::optional<double> as_fraction(std::string_view cell) {
  if (!is_spelled_as_number(cell)) return as_special(cell);
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size()) return std::nullopt;
  const bool has_exponent = cell.find_first_of("eE") != std::string_view::npos;
  if (!has_exponent && std::fabs(value) >= kMaxExact && text::format_double(value) != cell) return std::nullopt;
  return value;
}

std::optional<int64_t> as_boolean(std::string_view cell) {
  if (cell == "true" || cell == "True" || cell == "TRUE") return 1;
  if (cell == "false" || cell == "False" || cell == "FALSE") return 0;
  return std::nullopt;
}

std::optional<int64_t> as_loose_boolean(std::string_view cell) {
  const std::optional<bool> value = text::parse_bool(cell);
  if (!value) return std::nullopt;
  return *value ? 1 : 0;
}

// Any spelling of a whole number, 40.0 too: the caller said that it is one.
std::optional<int64_t> as_loose_whole(std::string_view cell) {
  if (cell.size() > 1 && cell[0] == '+' && is_digit(cell[1])) cell.remove_prefix(1);
  if (const auto whole = text::parse_int(cell)) return whole;
  const auto fraction = text::parse_double(cell);
  if (!fraction || std::trunc(*fraction) != *fraction || std::fabs(*fraction) >= kMaxExact) return std::nullopt;
  return static_cast<int64_t>(*fraction);
}

std::optional<double> as_loose_fraction(std::string_view cell) {
  if (cell.size() > 1 && cell[0] == '+' && cell[1] != '-') cell.remove_prefix(1);
  return text::parse_double(cell);
}

template <typename Value>
struct Parsed {
  std::vector<Value> values;
  std::vector<uint8_t> missing;
  size_t failed_at = 0;  // row of the first cell that does not read; meaningful when failed
  bool failed = false;
  std::string_view failed_cell;
};

size_t count_rows(const std::vector<TextChunk>& chunks) {
  size_t rows = 0;
  for (const TextChunk& chunk : chunks) rows += chunk.length;
  return rows;
}

// Reads every cell by `parse` and stops at the first that fails. An empty cell that was quoted cannot be a number, so
// it is missing here; in a text column it stays an empty text.
template <typename Value, typename Parse>
Parsed<Value> parse_cells(const std::vector<TextChunk>& chunks, Value when_missing, const Parse& parse) {
  Parsed<Value> out;
  out.values.reserve(count_rows(chunks));
  for (const TextChunk& chunk : chunks) {
    for (size_t i = 0; i < chunk.length; ++i) {
      const std::string_view cell = chunk.text(i);
      if (chunk.is_missing(i) || cell.empty()) {
        out.missing.resize(out.values.size(), 0);
        out.missing.push_back(1);
        out.values.push_back(when_missing);
        continue;
      }
      const std::optional<Value> value = parse(cell);
      if (!value) {
        out.failed = true;
        out.failed_at = out.values.size();
        out.failed_cell = cell;
        return out;
      }
      out.values.push_back(*value);
    }
  }
  if (!out.missing.empty()) out.missing.resize(out.values.size(), 0);
  return out;
}

bool has_value(const std::vector<TextChunk>& chunks) {
  for (const TextChunk& chunk : chunks) {
    for (size_t i = 0; i < chunk.length; ++i) {
      if (!chunk.is_missing(i) && !chunk.text(i).empty()) return true;
    }
  }
  return false;
}

// True when some present value is an ordinary number: a column of "nan" and "inf" alone is words.
bool has_finite(const Parsed<double>& parsed) {
  for (const double value : parsed.values) {
    if (std::isfinite(value)) return true;
  }
  return false;
}

void append_chunk(const TextChunk& chunk, std::vector<uint64_t>& offsets, std::string& bytes,
                  std::vector<uint8_t>& missing) {
  for (size_t i = 0; i < chunk.length; ++i) {
    if (chunk.is_missing(i)) {
      missing.resize(offsets.size() - 1, 0);
      missing.push_back(1);
    } else {
      bytes.append(chunk.text(i));
    }
    offsets.push_back(bytes.size());
  }
}

Column as_text(const std::string& name, const std::vector<TextChunk>& chunks) {
  std::vector<uint64_t> offsets{0};
  offsets.reserve(count_rows(chunks) + 1);
  size_t total = 0;
  for (const TextChunk& chunk : chunks) {
    if (chunk.length != 0)
      total += static_cast<size_t>(chunk.offsets[chunk.first + chunk.length] - chunk.offsets[chunk.first]);
  }
  std::string bytes;
  bytes.reserve(total);
  std::vector<uint8_t> missing;
  for (const TextChunk& chunk : chunks) append_chunk(chunk, offsets, bytes, missing);
  if (!missing.empty()) missing.resize(offsets.size() - 1, 0);
  return Column::of_text(name, std::move(offsets), std::move(bytes), std::move(missing));
}

template <typename Value>
Parsed<Value> all_or_throw(Parsed<Value> parsed) {
  if (parsed.failed) throw CellMismatch{parsed.failed_at, std::string(parsed.failed_cell)};
  return parsed;
}

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace

Column settle_type(const std::string& name, const std::vector<TextChunk>& chunks) {
  if (!has_value(chunks)) return as_text(name, chunks);
  auto whole = parse_cells<int64_t>(chunks, 0, as_whole);
  if (!whole.failed) {
    return Column::of_integers(name, ColumnType::kInteger, std::move(whole.values), std::move(whole.missing));
  }
  auto fraction = parse_cells<double>(chunks, kNaN, as_fraction);
  if (!fraction.failed && has_finite(fraction)) {
    return Column::of_doubles(name, std::move(fraction.values), std::move(fraction.missing));
  }
  auto boolean = parse_cells<int64_t>(chunks, 0, as_boolean);
  if (!boolean.failed) {
    return Column::of_integers(name, ColumnType::kBoolean, std::move(boolean.values), std::move(boolean.missing));
  }
  auto time = parse_cells<int64_t>(chunks, 0, text::parse_time_ms);
  if (!time.failed) {
    return Column::of_integers(name, ColumnType::kTime, std::move(time.values), std::move(time.missing));
  }
  return as_text(name, chunks);
}

Column force_type(const std::string& name, ColumnType type, const std::vector<TextChunk>& chunks) {
  if (type == ColumnType::kText) return as_text(name, chunks);
  if (type == ColumnType::kDouble) {
    auto parsed = all_or_throw(parse_cells<double>(chunks, kNaN, as_loose_fraction));
    return Column::of_doubles(name, std::move(parsed.values), std::move(parsed.missing));
  }
  const auto parse = type == ColumnType::kInteger   ? as_loose_whole
                     : type == ColumnType::kBoolean ? as_loose_boolean
                                                    : text::parse_time_ms;
  auto parsed = all_or_throw(parse_cells<int64_t>(chunks, 0, parse));
  return Column::of_integers(name, type, std::move(parsed.values), std::move(parsed.missing));
}

}  // namespace slipway::tables
