// The two busiest bodies from outside: batches of predictions and of labels. The first byte chooses.
#include "foundation/base/error.h"
#include "protocols/slipway/monitoring_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    if (data[0] % 2 == 0) {
      slipway::protocol::decode_predictions(body);
    } else {
      slipway::protocol::decode_labels(body);
    }
  } catch (const slipway::Error&) {  // a refusal is an answer
  }
  return 0;
}
