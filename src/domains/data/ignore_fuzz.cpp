#include <cstddef>
#include <cstdint>
#include <string_view>

#include "domains/data/ignore.h"
#include "foundation/base/error.h"

// Any pattern against any path, in time that stays small.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);  // NOLINT: bytes are text here
  try {
    const size_t cut = text.find(char(0));
    const std::string_view path = cut == std::string_view::npos ? "a/b.txt" : text.substr(cut + 1);
    for (const auto& pattern : slipway::data::parse_ignore_file(text.substr(0, cut))) {
      pattern.matches(path, true);
      pattern.matches_with_all_below(path, false, true);
    }
  } catch (const slipway::Error&) {
    // Refusing is fine; crashing is not.
  }
  return 0;
}
