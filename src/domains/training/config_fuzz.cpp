#include <cstddef>
#include <cstdint>

#include "domains/training/config.h"
#include "foundation/base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    slipway::training::parse_train_config({reinterpret_cast<const char*>(data), size},
                                          {"split.train_until=2013-01-01"});
  } catch (const slipway::Error&) {
  }
  return 0;
}
