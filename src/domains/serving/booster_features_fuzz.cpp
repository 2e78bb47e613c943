#include "domains/serving/booster_features.h"
#include "foundation/base/error.h"

// The text of a model from outside is refused or gives features with names, never more categories than it lists.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    slipway::serving::booster_features(text, std::nullopt);
    slipway::serving::booster_features(text, slipway::packaging::Signature{{{"a"}, {"b"}}, {}});
  } catch (const slipway::Error&) {
  }
  return 0;
}
