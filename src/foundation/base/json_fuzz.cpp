// Any bytes: parse, write and parse again gives the same document; lenient parsing never crashes.
#include <cstdlib>

#include "foundation/base/error.h"
#include "foundation/base/json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto document = slipway::json::parse_lenient(text);
    const std::string written = slipway::json::write(document);
    if (slipway::json::write(slipway::json::parse(written)) != written) std::abort();
    slipway::json::write_pretty(document);
  } catch (const slipway::Error&) {
    return 0;
  }
  return 0;
}
