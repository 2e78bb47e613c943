#include "foundation/base/text.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <utility>

#include "foundation/base/error.h"

namespace slipway::text {

std::string piece(double value) { return format_double(value); }

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i != 0) out.append(separator);
    out.append(parts[i]);
  }
  return out;
}

std::vector<std::string> split(std::string_view value, char separator) {
  std::vector<std::string> out;
  while (true) {
    const size_t at = value.find(separator);
    out.emplace_back(value.substr(0, at));
    if (at == std::string_view::npos) return out;
    value.remove_prefix(at + 1);
  }
}

std::string_view trim(std::string_view value) {
  constexpr std::string_view kBlank = " \t\r\n\f\v";
  const size_t first = value.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return value.substr(first, value.find_last_not_of(kBlank) - first + 1);
}

namespace {
char lower_char(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char upper_char(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
}  // namespace

std::string lower(std::string_view value) {
  std::string out(value);
  for (char& c : out) c = lower_char(c);
  return out;
}

std::string upper(std::string_view value) {
  std::string out(value);
  for (char& c : out) c = upper_char(c);
  return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (lower_char(a[i]) != lower_char(b[i])) return false;
  }
  return true;
}

std::string replace_all(std::string_view value, std::string_view from, std::string_view to) {
  std::string out;
  while (!from.empty()) {
    const size_t at = value.find(from);
    if (at == std::string_view::npos) break;
    out.append(value.substr(0, at)).append(to);
    value.remove_prefix(at + from.size());
  }
  return out.append(value);
}

std::optional<int64_t> parse_int(std::string_view value) {
  if (value.size() > 1 && value[0] == '+' && value[1] != '-') value.remove_prefix(1);
  int64_t out = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
  if (error != std::errc() || end != value.data() + value.size()) return std::nullopt;
  return out;
}

std::optional<double> parse_double(std::string_view value) {
  if (value.size() > 1 && value[0] == '+' && value[1] != '-') value.remove_prefix(1);
  double out = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
  if (error != std::errc() || end != value.data() + value.size()) return std::nullopt;
  return out;
}

std::optional<bool> parse_bool(std::string_view value) {
  const std::string word = lower(value);
  if (word == "true" || word == "yes" || word == "on" || word == "1") return true;
  if (word == "false" || word == "no" || word == "off" || word == "0") return false;
  return std::nullopt;
}

std::string format_double(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::array<char, 40> buffer{};
  // Python's repr: fixed between 1e-4 and 1e16, scientific outside, digits as few as read back the same.
  const double magnitude = std::fabs(value);
  const bool fixed = value == 0 || (magnitude >= 1e-4 && magnitude < 1e16);
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                          fixed ? std::chars_format::fixed : std::chars_format::scientific);
  std::string out(buffer.data(), end);
  if (fixed && out.find('.') == std::string::npos) out.append(".0");
  return out;
}

std::string format_fixed(double value, int digits) {
  std::array<char, 400> buffer{};
  const int size = std::snprintf(buffer.data(), buffer.size(), "%.*f", digits, value);
  return {buffer.data(), static_cast<size_t>(size)};
}

std::string format_bytes(uint64_t size_bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  double size = static_cast<double>(size_bytes);
  size_t unit = 0;
  while (size >= 1024 && unit + 1 < kUnits.size()) {
    size /= 1024;
    ++unit;
  }
  return concat(format_fixed(size, unit == 0 ? 0 : 1), " ", kUnits[unit]);
}

std::string format_duration_ms(int64_t duration_ms) {
  if (duration_ms < 1000) return concat(duration_ms, " ms");
  if (duration_ms < 60'000) return concat(format_fixed(static_cast<double>(duration_ms) / 1000, 1), " s");
  const int64_t seconds = duration_ms / 1000 % 60;
  return concat(duration_ms / 60'000, " min ", seconds < 10 ? "0" : "", seconds, " s");
}

int64_t parse_duration_ms(std::string_view value) {
  constexpr std::array<std::pair<std::string_view, int64_t>, 6> kUnits = {
      {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}, {"w", 604'800'000}}};
  for (const auto& [suffix, scale] : kUnits) {
    if (value.size() <= suffix.size() || value.substr(value.size() - suffix.size()) != suffix) continue;
    const auto count = parse_int(value.substr(0, value.size() - suffix.size()));
    if (count && *count >= 0 && *count < 1'000'000) return *count * scale;
  }
  throw invalid_argument("a duration is a whole number and one of ms, s, m, h, d, w, as in 7d, got '", value, "'");
}

std::string format_time_ms(int64_t time_ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> time{milliseconds(time_ms)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  std::array<char, 64> buffer{};
  const int size =
      std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                    static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                    static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return {buffer.data(), static_cast<size_t>(size)};
}

namespace {

// Reads `count` digits at the front of `value` and removes them.
std::optional<int> take_digits(std::string_view& value, size_t count) {
  if (value.size() < count) return std::nullopt;
  int out = 0;
  for (size_t i = 0; i < count; ++i) {
    if (value[i] < '0' || value[i] > '9') return std::nullopt;
    out = out * 10 + (value[i] - '0');
  }
  value.remove_prefix(count);
  return out;
}

bool take_char(std::string_view& value, std::string_view any_of) {
  if (value.empty() || any_of.find(value[0]) == std::string_view::npos) return false;
  value.remove_prefix(1);
  return true;
}

// "Z", "+02:00", "+0200", "-05" or nothing, as milliseconds east of UTC.
std::optional<int64_t> take_offset_ms(std::string_view value) {
  if (value.empty() || value == "Z" || value == "z") return 0;
  const int64_t sign = value[0] == '-' ? -1 : 1;
  if (!take_char(value, "+-")) return std::nullopt;
  const auto hours = take_digits(value, 2);
  if (!hours) return std::nullopt;
  int minutes = 0;
  if (!value.empty()) {
    take_char(value, ":");
    const auto parsed = take_digits(value, 2);
    if (!parsed || !value.empty()) return std::nullopt;
    minutes = *parsed;
  }
  return sign * (*hours * 60 + minutes) * int64_t{60'000};
}

}  // namespace

std::optional<int64_t> parse_time_ms(std::string_view value) {
  using namespace std::chrono;
  const auto y = take_digits(value, 4);
  if (!y || !take_char(value, "-")) return std::nullopt;
  const auto m = take_digits(value, 2);
  if (!m || !take_char(value, "-")) return std::nullopt;
  const auto d = take_digits(value, 2);
  if (!d) return std::nullopt;
  const year_month_day date{year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d))};
  if (!date.ok()) return std::nullopt;
  const int64_t day_ms = duration_cast<milliseconds>(sys_days(date).time_since_epoch()).count();
  if (value.empty()) return day_ms;
  if (!take_char(value, "Tt ")) return std::nullopt;
  const auto hour = take_digits(value, 2);
  if (!hour || !take_char(value, ":")) return std::nullopt;
  const auto minute = take_digits(value, 2);
  if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
  int64_t second = 0;
  int64_t fraction_ms = 0;
  if (take_char(value, ":")) {
    const auto parsed = take_digits(value, 2);
    if (!parsed || *parsed > 60) return std::nullopt;
    second = *parsed;
    if (take_char(value, ".,")) {
      int64_t scale = 100;
      if (value.empty() || value[0] < '0' || value[0] > '9') return std::nullopt;
      while (!value.empty() && value[0] >= '0' && value[0] <= '9') {
        fraction_ms += (value[0] - '0') * scale;
        scale /= 10;
        value.remove_prefix(1);
      }
    }
  }
  const auto offset_ms = take_offset_ms(value);
  if (!offset_ms) return std::nullopt;
  return day_ms + *hour * int64_t{3'600'000} + *minute * int64_t{60'000} + second * 1000 + fraction_ms - *offset_ms;
}

std::string escape_markup(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (const char c : value) {
    switch (c) {
      case '&':
        out.append("&amp;");
        break;
      case '<':
        out.append("&lt;");
        break;
      case '>':
        out.append("&gt;");
        break;
      case '"':
        out.append("&quot;");
        break;
      case '\'':
        out.append("&#39;");
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

bool is_valid_utf8(std::string_view value) {
  size_t i = 0;
  while (i < value.size()) {
    const auto lead = static_cast<unsigned char>(value[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || i + length > value.size()) return false;
    uint32_t code = lead & (0x7FU >> length);
    for (size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(value[i + k]);
      if ((next & 0xC0U) != 0x80) return false;
      code = (code << 6U) | (next & 0x3FU);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return false;
    i += length;
  }
  return true;
}

}  // namespace slipway::text
