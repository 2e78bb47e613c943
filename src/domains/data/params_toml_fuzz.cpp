#include <cstddef>
#include <cstdint>
#include <string_view>

#include "domains/data/params_formats.h"
#include "foundation/base/error.h"

// A parameter file from a stranger.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);  // NOLINT: bytes are text here
  try {
    slipway::data::parse_toml(text, "params");
  } catch (const slipway::Error&) {
    // Refusing is fine; crashing is not.
  }
  return 0;
}
