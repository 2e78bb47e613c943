#include <cstddef>
#include <cstdint>

#include "domains/packaging/logistic_model.h"
#include "domains/packaging/model_folder.h"
#include "foundation/base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    slipway::packaging::parse_description(text);
  } catch (const slipway::Error&) {
  }
  try {
    slipway::packaging::parse_logistic(text);
  } catch (const slipway::Error&) {
  }
  return 0;
}
