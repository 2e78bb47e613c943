// Durations as people write them in definitions: "7d", "36h", "15m", "30s", "250ms".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace slipway::monitoring {

// Throws invalid_argument that shows what is accepted; never negative, at most 100 years.
int64_t parse_duration_ms(std::string_view text, std::string_view what);
// In the greatest unit that divides it.
std::string format_duration(int64_t duration_ms);

}  // namespace slipway::monitoring
