#include <cstddef>
#include <cstdint>

#include "domains/evaluation/gates.h"
#include "foundation/base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    slipway::evaluation::parse_gates({reinterpret_cast<const char*>(data), size});
  } catch (const slipway::Error&) {
  }
  return 0;
}
