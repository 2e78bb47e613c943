#include <cstddef>
#include <cstdint>

#include "domains/packaging/mlmodel.h"
#include "foundation/base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto model = slipway::packaging::parse_mlmodel({reinterpret_cast<const char*>(data), size});
    // What was read can be written and read again.
    slipway::packaging::parse_mlmodel(slipway::packaging::write_mlmodel(model));
  } catch (const slipway::Error&) {
  }
  return 0;
}
