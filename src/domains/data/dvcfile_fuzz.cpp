#include <cstddef>
#include <cstdint>
#include <string_view>

#include "domains/data/dvcfile.h"
#include "foundation/base/error.h"

// What is read and written must read the same again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);  // NOLINT: bytes are text here
  try {
    const auto stage = slipway::data::parse_dvc_file(text, "/repository/file.dvc");
    const std::string written = slipway::data::dvc_file_text(stage);
    if (slipway::data::parse_dvc_file(written, "/repository/file.dvc").outs.size() != stage.outs.size())
      __builtin_trap();
  } catch (const slipway::Error&) {
    // Refusing is fine; crashing is not.
  }
  return 0;
}
