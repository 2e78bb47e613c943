// Positions in page tokens: whatever the text is, it is a position or refused, and a position comes back as it was.
#include <cstdlib>

#include "domains/tracking/paging.h"
#include "foundation/base/error.h"

using namespace slipway;
using namespace slipway::tracking;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const std::string again = encode_position(decode_position(text));
    if (encode_position(decode_position(again)) != again) std::abort();
    const PageRequest first(10, "", Question("fuzz"));
    const PageRequest next(10, first.token_after(decode_position(again)), Question("fuzz"));
    if (encode_position(*next.after()) != again) std::abort();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInvalidArgument) std::abort();
  }
  return 0;
}
