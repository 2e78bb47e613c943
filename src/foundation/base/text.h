// Strings: joining, splitting, numbers to and from text. Used everywhere.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::text {

inline std::string piece(std::string_view value) { return std::string(value); }
inline std::string piece(const char* value) { return value; }
inline std::string piece(const std::string& value) { return value; }
inline std::string piece(char value) { return std::string(1, value); }
inline std::string piece(bool value) { return value ? "true" : "false"; }
std::string piece(double value);
template <typename Integer>
std::string piece(Integer value) {
  return std::to_string(value);
}

// The parts one after another: concat("run ", 3, " of ", total).
template <typename... Parts>
std::string concat(const Parts&... parts) {
  std::string out;
  (out.append(piece(parts)), ...);
  return out;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator);
// Every piece between separators, empty ones kept; "" gives one empty piece.
std::vector<std::string> split(std::string_view value, char separator);
std::string_view trim(std::string_view value);
// ASCII only, as protocols want it; bytes of UTF-8 pass unchanged.
std::string lower(std::string_view value);
std::string upper(std::string_view value);
bool equal_ignoring_case(std::string_view a, std::string_view b);
std::string replace_all(std::string_view value, std::string_view from, std::string_view to);

// The whole text as a number, or nothing: no blanks, no trailing characters, no overflow. parse_double also takes
// "nan", "inf", "infinity" with a sign, in any case.
std::optional<int64_t> parse_int(std::string_view value);
std::optional<double> parse_double(std::string_view value);
// true/false, yes/no, on/off, 1/0 in any case.
std::optional<bool> parse_bool(std::string_view value);

// The shortest text that reads back as the same double ("0.1", "1e-05" as Python writes it, "nan", "inf").
std::string format_double(double value);
// With a fixed number of digits after the point.
std::string format_fixed(double value, int digits);
// "512 B", "1.5 KiB", "3.0 GiB".
std::string format_bytes(uint64_t size_bytes);
// "850 ms", "3.2 s", "2 min 05 s".
std::string format_duration_ms(int64_t duration_ms);
// "90s", "15m", "3h", "7d", "2w", "250ms" (a whole number and a unit) as milliseconds; throws invalid_argument.
int64_t parse_duration_ms(std::string_view value);
// "2013-09-01T05:00:00.000Z" of UTC milliseconds, and back (also without fraction, with an offset, or a bare date).
std::string format_time_ms(int64_t time_ms);
std::optional<int64_t> parse_time_ms(std::string_view value);

// Replaces & < > " ' so that the text can stand in HTML or XML, in content or in a quoted attribute.
std::string escape_markup(std::string_view value);

bool is_valid_utf8(std::string_view value);

}  // namespace slipway::text
