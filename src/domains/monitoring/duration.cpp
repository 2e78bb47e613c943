#include "domains/monitoring/duration.h"

#include <array>

#include "foundation/base/error.h"

namespace slipway::monitoring {

namespace {

struct Unit {
  std::string_view name;
  int64_t length_ms;
};

// Greatest first, for format_duration.
constexpr std::array<Unit, 5> kUnits = {{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr int64_t kLongestMs = 36'525 * int64_t{86'400'000};

}  // namespace

int64_t parse_duration_ms(std::string_view text, std::string_view what) {
  const size_t digits = text.find_first_not_of("0123456789");
  const auto number = text::parse_int(text.substr(0, digits));
  const std::string_view unit_name = digits == std::string_view::npos ? "" : text.substr(digits);
  for (const Unit& unit : kUnits) {
    if (unit.name == unit_name && number && *number <= kLongestMs / unit.length_ms) return *number * unit.length_ms;
  }
  throw invalid_argument(what, " must be a duration such as 7d, 36h, 15m or 30s, got '", text, "'");
}

std::string format_duration(int64_t duration_ms) {
  for (const Unit& unit : kUnits) {
    if (duration_ms != 0 && duration_ms % unit.length_ms == 0)
      return text::concat(duration_ms / unit.length_ms, unit.name);
  }
  return "0s";
}

}  // namespace slipway::monitoring
