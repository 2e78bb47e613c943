// Whatever a server answers, reading it ends with entries or with invalid_argument.
#include <cstdlib>

#include "foundation/base/error.h"
#include "foundation/remotes/webdav_remote.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    slipway::remotes::parse_webdav_answer({reinterpret_cast<const char*>(data), size});
  } catch (const slipway::Error& error) {
    if (error.code() != slipway::ErrorCode::kInvalidArgument) std::abort();
  }
  return 0;
}
