// Any bytes: numbers and times that parse print and parse again to the same value; UTF-8 check and decoding stay
// inside.
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "foundation/base/error.h"
#include "foundation/base/hash.h"
#include "foundation/base/text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace text = slipway::text;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (const auto value = text::parse_int(input)) {
    if (text::parse_int(std::to_string(*value)) != value) std::abort();
  }
  if (const auto value = text::parse_double(input); value && !std::isnan(*value)) {
    if (text::parse_double(text::format_double(*value)) != value) std::abort();
  }
  if (const auto time = text::parse_time_ms(input);
      time && *time > -62'135'596'800'000 && *time < 253'402'300'800'000) {
    if (text::parse_time_ms(text::format_time_ms(*time)) != time) std::abort();
  }
  text::is_valid_utf8(input);
  try {
    slipway::base64_decode(input);
  } catch (const slipway::Error&) {
    return 0;
  }
  return 0;
}
