// Stored chunks, as a damaged database may hand them back.
#include "domains/monitoring/chunk_codec.h"
#include "foundation/base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    slipway::monitoring::decode_chunk({reinterpret_cast<const char*>(data), size});
  } catch (const slipway::Error&) {  // data_loss, or a table that cannot be
  }
  return 0;
}
