// Any Authorization header and any token file: no crash, and no header passes that does not carry the token.
#include <cstdint>
#include <cstdlib>

#include "foundation/base/error.h"
#include "foundation/identity/access.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  static const auto access = slipway::identity::Access::from_text("a-token-that-nobody-guesses-7 admin root", "fixed");
  if (access.authenticate(input)) std::abort();
  try {
    slipway::identity::Access::from_text(input, "input");
  } catch (const slipway::Error&) {
    return 0;
  }
  return 0;
}
