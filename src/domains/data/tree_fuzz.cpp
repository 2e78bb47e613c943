#include <cstddef>
#include <cstdint>
#include <string_view>

#include "domains/data/git.h"
#include "domains/data/tree.h"
#include "foundation/base/error.h"

// Folder objects and the Git index.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);  // NOLINT: bytes are text here
  try {
    if (text.substr(0, 4) == "DIRC") {
      slipway::data::parse_git_index(text);
    } else {
      slipway::data::parse_tree(slipway::data::parse_tree(text).write());
    }
  } catch (const slipway::Error&) {
    // Refusing is fine; crashing is not.
  }
  return 0;
}
