#include <cstdint>
#include <string_view>

#include "domains/tracking/filter.h"
#include "foundation/base/error.h"

using namespace slipway;

// Whatever comes in, the parser answers with comparisons or an invalid_argument, and never reads past its input.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    for (const auto& comparison : tracking::parse_filter(text)) {
      if (comparison.key.empty()) __builtin_trap();
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument) throw;
  }
  try {
    tracking::parse_order_key(text);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument) throw;
  }
  return 0;
}
