#include <cstddef>
#include <cstdint>
#include <string_view>

#include "domains/data/config.h"
#include "foundation/base/error.h"

// What is written reads the same again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);  // NOLINT: bytes are text here
  try {
    auto file = slipway::data::ConfigFile::parse(text, "config");
    file.set("core", "remote", "x");
    if (slipway::data::ConfigFile::parse(file.write(), "config").get("core", "remote") != "x") __builtin_trap();
  } catch (const slipway::Error&) {
    // Refusing is fine; crashing is not.
  }
  return 0;
}
