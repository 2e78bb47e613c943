#include <cstdint>
#include <string_view>

#include "domains/tracking/artifact_path.h"
#include "foundation/base/error.h"

using namespace slipway;

// What passes the check has no part that climbs, however often it is decoded.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const std::string path = tracking::checked_artifact_path(text);
    const std::string decoded = "/" + tracking::decode_until_stable(path) + "/";
    if (path.starts_with('/') || decoded.find("/../") != std::string::npos || decoded.find('\\') != std::string::npos)
      __builtin_trap();
    if (decoded.find('\0') != std::string::npos) __builtin_trap();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument) throw;
  }
  return 0;
}
