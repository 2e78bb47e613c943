// Whatever a server sends, the reader ends with a tree or with invalid_argument.
#include <cstdlib>

#include "foundation/base/error.h"
#include "foundation/blobs/xml.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto root = slipway::blobs::parse_xml({reinterpret_cast<const char*>(data), size});
    if (root.name.empty()) std::abort();
  } catch (const slipway::Error& error) {
    if (error.code() != slipway::ErrorCode::kInvalidArgument) std::abort();
  }
  return 0;
}
