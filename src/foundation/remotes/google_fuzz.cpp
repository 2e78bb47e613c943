// Whatever a server lists and whatever a file of credentials holds, reading it ends with values or invalid_argument.
#include <cstdlib>

#include "foundation/base/error.h"
#include "foundation/remotes/google_credentials.h"
#include "foundation/remotes/google_remote.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    slipway::remotes::parse_google_page(text);
  } catch (const slipway::Error& error) {
    if (error.code() != slipway::ErrorCode::kInvalidArgument) std::abort();
  }
  try {
    slipway::remotes::parse_google_credentials(text);
  } catch (const slipway::Error& error) {
    if (error.code() != slipway::ErrorCode::kInvalidArgument) std::abort();
  }
  return 0;
}
