// A key that passes the check stays below the store's folder and names one thing.
#include <cstdlib>
#include <filesystem>

#include "foundation/base/error.h"
#include "foundation/blobs/blob_store.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string key(reinterpret_cast<const char*>(data), size);
  try {
    slipway::blobs::check_key(key);
  } catch (const slipway::Error& error) {
    if (error.code() != slipway::ErrorCode::kInvalidArgument) std::abort();
    return 0;
  }
  const std::filesystem::path path(key);
  if (path.is_absolute() || path.lexically_normal() != path) std::abort();
  for (const auto& part : path) {
    if (part == ".." || part == "." || part.empty()) std::abort();
  }
  return 0;
}
