// Whatever a server lists and whatever a connection string holds, reading it ends with values or invalid_argument.
#include <cstdlib>

#include "foundation/base/error.h"
#include "foundation/remotes/azure_account.h"
#include "foundation/remotes/azure_remote.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    slipway::remotes::parse_azure_page(text);
  } catch (const slipway::Error& error) {
    if (error.code() != slipway::ErrorCode::kInvalidArgument) std::abort();
  }
  try {
    slipway::remotes::parse_azure_connection_string(text);
  } catch (const slipway::Error& error) {
    if (error.code() != slipway::ErrorCode::kInvalidArgument) std::abort();
  }
  return 0;
}
