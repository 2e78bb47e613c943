#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "domains/validation/schema.h"
#include "foundation/base/error.h"

// A schema or an Error; and what is written of a schema reads back as the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace slipway::validation;
  try {
    const std::string written = write_schema(parse_schema({reinterpret_cast<const char*>(data), size}), "fuzz");
    if (write_schema(parse_schema(written), "fuzz") != written) std::abort();
  } catch (const slipway::Error&) {
    return 0;
  }
  return 0;
}
