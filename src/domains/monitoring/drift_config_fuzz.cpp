// The drift settings that users write, as YAML.
#include "domains/monitoring/drift.h"
#include "foundation/base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    slipway::monitoring::parse_drift_config(std::string(reinterpret_cast<const char*>(data), size));
  } catch (const slipway::Error&) {  // a refusal is an answer
  }
  return 0;
}
