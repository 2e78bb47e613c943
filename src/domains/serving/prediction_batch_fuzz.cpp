#include "domains/serving/prediction_batch.h"
#include "foundation/base/error.h"

// A damaged record of the prediction log is refused, never followed outside its bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    slipway::serving::PredictionBatch batch =
        slipway::serving::decode_record({reinterpret_cast<const char*>(data), size});
    const slipway::serving::PredictionBatch copy = batch;
    if (batch.fits(copy)) batch.append(copy);
  } catch (const slipway::Error&) {
  }
  return 0;
}
