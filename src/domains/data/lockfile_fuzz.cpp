#include <cstddef>
#include <cstdint>
#include <string_view>

#include "domains/data/lockfile.h"
#include "foundation/base/error.h"

// dvc.lock from a stranger.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);  // NOLINT: bytes are text here
  try {
    const auto lock = slipway::data::LockFile::parse(text, "dvc.lock");
    if (!lock.stages().empty()) slipway::data::LockFile::parse(lock.write(), "dvc.lock");
  } catch (const slipway::Error&) {
    // Refusing is fine; crashing is not.
  }
  return 0;
}
